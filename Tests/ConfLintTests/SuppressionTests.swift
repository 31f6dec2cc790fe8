import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct SuppressionTests {
  @Test func `a comment reaches the next setting and keeps its reason and date`() throws {
    let text = """
      # redisops:ignore MEM003,SEC001 until=2027-01-31 -- warmed by hand
      # another comment
      maxmemory 1gb
      """
    let comments = LinterComments(Array(text.utf8))
    let comment = try #require(comments.suppressions.first)
    #expect(comment.reach == .line(3))
    #expect(comment.rules == ["MEM003", "SEC001"])
    #expect(comment.until == "2027-01-31")
    #expect(comment.reason == "warmed by hand")
    #expect(comment.line == 1)
    #expect(comment.column == 3)
    #expect(comments.broken.isEmpty)
  }

  @Test func `ignore-file reaches everything and pragmas are facts`() {
    let text = "#redisops:ignore-file SEC -- private\n# redisops:workload=cache role=primary\n"
    let comments = LinterComments(Array(text.utf8))
    #expect(comments.suppressions.map(\.reach) == [.file])
    #expect(comments.facts.map(\.name) == ["workload", "role"])
    #expect(comments.facts.map(\.value) == ["cache", "primary"])
  }

  @Test(arguments: [
    "# redisops:", "# redisops:ignore", "# redisops:ignore -- why", "# redisops:nonsense",
    "# redisops:ignore MEM001 until=2027-02-30 -- why", "# redisops:=x",
  ])
  func `a comment that cannot be read is named`(_ line: String) {
    let comments = LinterComments(Array(line.utf8))
    #expect(comments.broken.count == 1)
    #expect(comments.suppressions.isEmpty)
  }

  @Test func `what is not addressed to the linter is left alone`() {
    let text = "# redisops is a tool\nrequirepass \"# redisops:ignore MEM001 -- x\"\n"
    let comments = LinterComments(Array(text.utf8))
    #expect(comments.suppressions.isEmpty)
    #expect(comments.broken.isEmpty)
  }

  @Test(arguments: [
    ("2027-01-31", true), ("2028-02-29", true), ("2027-02-29", false), ("2027-13-01", false),
    ("2027-1-1", false), ("27-01-01", false), ("2027-00-10", false), ("2027-04-31", false),
  ])
  func `a day exists or it does not`(_ text: String, _ isDay: Bool) {
    #expect(CalendarDay.isDay(text) == isDay)
  }
}

@Suite struct LintBaselineTests {
  private func finding(_ id: String, line: Int, _ identity: String) -> Finding {
    var finding = Finding(id, .error, at: Location(file: "./a.conf", line: line), "message")
    finding.directive = "maxmemory"
    finding.identity = identity
    return finding
  }

  @Test func `a baseline knows its findings wherever they move`() throws {
    let baseline = LintBaseline(of: [finding("MEM001", line: 3, "0")])
    let (read, badLine) = LintBaseline.parse(Array(baseline.text.utf8))
    #expect(badLine == nil)
    let known = try #require(read)
    #expect(known.fingerprints == baseline.fingerprints)
    #expect(known.knows([finding("MEM001", line: 9, "0")]) == [true])
    #expect(known.knows([finding("MEM001", line: 3, "1")]) == [false])
    #expect(known.knows([finding("MEM002", line: 3, "0")]) == [false])
    // A second finding of the same kind is a new one.
    #expect(
      known.knows([finding("MEM001", line: 3, "0"), finding("MEM001", line: 4, "0")])
        == [true, false])
  }

  @Test func `a line that is no fingerprint is named`() {
    #expect(LintBaseline.parse(Array("# x\nabc MEM001 a.conf\n".utf8)).badLine == 2)
  }
}

@Suite struct FixPlanTests {
  private func finding(
    _ edits: [(Int, Int, String)], isSafe: Bool = true, file: String = "a"
  ) -> Finding {
    var finding = Finding("X", .error, at: Location(file: file), "m")
    finding.fix = Fix(
      "s", isSafe: isSafe,
      edits: edits.map {
        Fix.Edit(file: file, offset: Int64($0.0), byteCount: Int64($0.1), replacement: $0.2)
      })
    return finding
  }

  @Test func `edits apply together and keep every other byte`() {
    let bytes: [UInt8] = [0xFF] + Array("abc def\r\n".utf8)
    let result = FixPlan.apply(
      [finding([(1, 3, "X")]), finding([(5, 3, ""), (0, 0, "# ")])], to: "a", bytes,
      allowsUnsafe: false)
    #expect(result.bytes == Array("# ".utf8) + [0xFF] + Array("X \r\n".utf8))
    #expect(result.applied.count == 2)
  }

  @Test func `what overlaps waits and what is unsafe needs leave`() {
    let findings = [
      finding([(0, 3, "X")]), finding([(2, 2, "Y")]), finding([(5, 1, "Z")], isSafe: false),
    ]
    let safe = FixPlan.apply(findings, to: "a", Array("abcdef".utf8), allowsUnsafe: false)
    #expect(String(decoding: safe.bytes, as: UTF8.self) == "Xdef")
    let all = FixPlan.apply(findings, to: "a", Array("abcdef".utf8), allowsUnsafe: true)
    #expect(String(decoding: all.bytes, as: UTF8.self) == "XdeZ")
  }

  @Test func `edits beyond the file are no edits`() {
    let result = FixPlan.apply(
      [finding([(4, 9, "X")]), finding([(-1, 1, "X")]), finding([(9, 0, "X")])], to: "a",
      Array("abcdef".utf8), allowsUnsafe: true)
    #expect(result.applied.isEmpty)
  }
}

@Suite struct UnifiedDiffTests {
  @Test func `a change is shown with three lines around it`() {
    let old = (1...9).map { "line \($0)\n" }.joined()
    let new = old.replacing("line 5", with: "line five")
    let text = UnifiedDiff.text(
      name: "a.conf", from: Array(old.utf8), to: Array(new.utf8)
    ) { String(decoding: $0, as: UTF8.self) }
    #expect(
      text == """
        --- a/a.conf
        +++ b/a.conf
        @@ -2,7 +2,7 @@
         line 2
         line 3
         line 4
        -line 5
        +line five
         line 6
         line 7
         line 8

        """)
  }

  @Test func `equal texts differ in nothing`() {
    #expect(UnifiedDiff.text(name: "a", from: [1, 2], to: [1, 2]) { _ in "" }.isEmpty)
  }

  @Test func `a last line without its end is told`() {
    let text = UnifiedDiff.text(name: "a", from: Array("x".utf8), to: Array("y\n".utf8)) {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(text.contains("-x\n\\ No newline at end of file\n+y\n"))
  }
}

@Suite struct SecretTextTests {
  @Test(arguments: [
    ("requirepass hunter2 # old", "requirepass ***"),
    ("  REQUIREPASS \"a b\"", "  REQUIREPASS ***"),
    ("# requirepass foobared", "# requirepass ***"),
    ("user app on >secret #abcd ~* <old !ef", "user app on >*** #*** ~* <*** !***"),
    ("user app on \">my secret\"", "user app on \">***"),
    ("sentinel auth-pass mymaster p4ss", "sentinel auth-pass mymaster ***"),
    ("sentinel sentinel-pass p4ss", "sentinel sentinel-pass ***"),
    ("tls-key-file-pass x", "tls-key-file-pass ***"),
    ("masterauth 'x y'", "masterauth ***"),
    ("maxmemory 1gb", "maxmemory 1gb"),
    ("# a comment on a user", "# a comment on a user"),
  ])
  func `secrets are hidden`(_ line: String, _ shown: String) {
    let masked = SecretText.masked(Array(line.utf8)[...], of: .conf)
    #expect(String(decoding: masked, as: UTF8.self) == shown)
  }
}

@Suite struct EmbeddedConfTests {
  @Test func `a block of a ConfigMap is found with its lines`() throws {
    let yaml = """
      apiVersion: v1
      kind: ConfigMap
      data:
        redis.conf: |
          maxmemory 1gb
          # comment
          appendonly yes
        other.txt: |
          hello
      """
    let found = try #require(EmbeddedConf.all(in: Array(yaml.utf8)).first)
    #expect(found.kind == .conf)
    #expect(
      String(decoding: found.bytes, as: UTF8.self) == "maxmemory 1gb\n# comment\nappendonly yes\n")
    let place = found.place(Location(file: "x.yaml", line: 3, column: 1, endColumn: 11))
    #expect(place == Location(file: "x.yaml", line: 7, column: 5, endColumn: 15))
  }

  @Test(arguments: [
    "    command: redis-server --maxmemory 1gb --save \"\" --appendonly yes",
    "    command: [\"redis-server\", \"--maxmemory\", \"1gb\", '--save', '', \"--appendonly\", \"yes\"]",
    "    command:\n      - redis-server\n      - --maxmemory\n      - 1gb\n      - --save\n      - \"\"\n      - --appendonly yes",
  ])
  func `arguments of a command are lines`(_ yaml: String) throws {
    let found = try #require(EmbeddedConf.all(in: Array(yaml.utf8)).first)
    #expect(
      String(decoding: found.bytes, as: UTF8.self)
        == "maxmemory 1gb\nsave \"\"\nappendonly yes\n")
    #expect(found.origins.count == 3)
  }

  @Test func `values of a chart and other commands`() {
    let yaml = """
      commonConfiguration: |-
        appendonly yes
        save ""
      master:
        configuration: |-
          just text
      command: ["sh", "-c", "echo"]
      """
    let found = EmbeddedConf.all(in: Array(yaml.utf8))
    #expect(found.map(\.key) == ["commonConfiguration"])
  }
}
