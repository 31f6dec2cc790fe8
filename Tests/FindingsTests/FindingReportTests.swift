import Testing

@testable import Findings

/// Two findings in a text file, one in a binary file, given in the wrong order.
let sample = FindingReport(
  [
    Finding(
      "RDB001", slug: "checksum", .error, at: Location(file: "./dump.rdb", offset: 0x1f3a),
      "length 900 exceeds the 31 bytes left", key: Array("user:42".utf8), database: 0),
    {
      var finding = Finding(
        "PER002", slug: "aof-off-durable", .error,
        at: Location(file: "conf/redis 1.conf", line: 14, column: 12, endColumn: 14),
        "appendonly is no, 100% wrong", help: "redisops lint explain PER002")
      finding.directive = "appendonly"
      finding.notes = [
        .init("first set here", at: Location(file: "conf/redis 1.conf", line: 3, column: 1))
      ]
      finding.fix = Fix(
        "turn the AOF on", isSafe: false,
        edits: [.init(file: "conf/redis 1.conf", offset: 120, byteCount: 2, replacement: "yes")])
      return finding
    }(),
    Finding(
      "SYN001", slug: "blanks", .info, at: Location(file: "conf/redis 1.conf", line: 2),
      "<a> & \"b\" | c"),
  ],
  rules: [
    RuleDescription(
      id: "SYN001", slug: "blanks", summary: "Blanks at the end.", severity: .info),
    RuleDescription(
      id: "PER002", slug: "aof-off-durable", summary: "The AOF is off.", help: "Turn it **on**.",
      severity: .error, helpURI: "https://example.com/PER002"),
  ],
  files: ["clean.conf"])

let options = ReportOptions(version: "1.2.3", informationURI: "https://example.com")

@Suite struct FindingReportTests {
  @Test func `findings are sorted by file and place`() {
    #expect(sample.findings.map(\.id) == ["RDB001", "SYN001", "PER002"])
    #expect(sample.rules.map(\.id) == ["PER002", "SYN001"])
    #expect(sample.files == ["./dump.rdb", "clean.conf", "conf/redis 1.conf"])
  }

  @Test func `the order does not depend on the input`() {
    let places = [
      Location(file: "a"), Location(file: "a", line: 1), Location(file: "a", line: 1, column: 2),
      Location(file: "a", line: 2), Location(file: "b"), Location(file: "b", offset: 0),
      Location(file: "b", offset: 5),
    ]
    let findings = places.flatMap { place in
      ["A001", "A002"].map { Finding($0, .warning, at: place, "m") }
    }
    #expect(FindingReport(findings.reversed()).findings == findings)
    #expect(FindingReport(findings + findings).findings == findings)
  }

  @Test func `a threshold decides about failure`() {
    let warning = FindingReport([Finding("A001", .warning, at: Location(file: "a"), "m")])
    #expect(warning.fails(at: .info))
    #expect(warning.fails(at: .warning))
    #expect(!warning.fails(at: .error))
    #expect(!warning.fails(at: nil))
    #expect(!FindingReport([]).fails(at: .info))
  }

  @Test func `a summary counts`() {
    #expect(sample.summary == "3 findings: 2 errors, 1 info")
    #expect(FindingReport([]).summary == "no findings")
    #expect(
      FindingReport([Finding("A001", .warning, at: Location(file: "a"), "m")]).summary
        == "1 finding: 1 warning")
  }

  @Test func `severities have names and an order`() {
    #expect(Severity.info < .warning && .warning < Severity.error)
    for severity in Severity.allCases { #expect(Severity(name: severity.name) == severity) }
    #expect(Severity(name: "fatal") == nil)
  }

  struct Vector: Sendable {
    let text: String
    let hash: String
  }

  // Published vectors of FNV-1a, 128 bits.
  @Test(arguments: [
    Vector(text: "", hash: "6c62272e07bb014262b821756295c58d"),
    Vector(text: "a", hash: "d228cb696f1a8caf78912b704e4a8964"),
    Vector(text: "foobar", hash: "343e1662793c64bf6f0d3597ba446f18"),
  ])
  func `fingerprints hash as published`(_ vector: Vector) {
    #expect(Fingerprint.hexadecimal(Fingerprint.hash(vector.text)) == vector.hash)
  }

  @Test func `fingerprints survive moved lines and differ among equals`() {
    func finding(_ line: Int, _ message: String) -> Finding {
      Finding("A001", .warning, at: Location(file: "a", line: line), message)
    }
    let before = FindingReport([finding(1, "m"), finding(5, "m"), finding(7, "n")])
    let after = FindingReport([finding(3, "m"), finding(8, "m"), finding(9, "n")])
    #expect(before.fingerprints == after.fingerprints)
    #expect(Set(before.fingerprints).count == 3)
  }
}
