import Findings
import Foundation
import Testing

@Suite struct ReportTextTests {
  @Test func `text names the place first and the way out last`() {
    #expect(
      sample.text(as: .text, options) == """
        ./dump.rdb@0x1f3a: error: RDB001 checksum: length 900 exceeds the 31 bytes left, \
        in key "user:42" of db 0
        conf/redis 1.conf:2: info: SYN001 blanks: <a> & "b" | c
        conf/redis 1.conf:14:12: error: PER002 aof-off-durable: appendonly is no, 100% wrong \
        [redisops lint explain PER002]
        conf/redis 1.conf:3:1: note: first set here

        """)
  }

  @Test func `a finding without a rule is a plain diagnostic`() {
    let finding = Finding("", .error, at: Location(file: "dump.rdb", offset: 9), "no such opcode")
    #expect(finding.line() == "dump.rdb@0x9: error: no such opcode")
    let inDatabase = Finding("", .info, at: Location(file: "d"), "empty", database: 3)
    #expect(inDatabase.line() == "d: info: empty, in db 3")
  }

  @Test func `a hostile message or file name stays on its line`() {
    let finding = Finding("", .error, at: Location(file: "a\u{1B}[2J"), "b\n::error::c")
    #expect(finding.line() == #"a\x1b[2J: error: b\x0a::error::c"#)
  }

  @Test func `colours surround place, severity and help`() {
    let finding = Finding("A001", .warning, at: Location(file: "a"), "m", help: "h")
    #expect(
      finding.line(isColored: true)
        == "\u{1B}[1ma:\u{1B}[0m \u{1B}[1;33mwarning:\u{1B}[0m A001: m\u{1B}[2m [h]\u{1B}[0m")
  }

  @Test func `github annotations escape what the runner reads`() {
    #expect(
      sample.text(as: .github, options) == """
        ::error file=dump.rdb,title=RDB001 checksum::length 900 exceeds the 31 bytes left, \
        in key "user:42" of db 0 (byte offset 0x1f3a)
        ::notice file=conf/redis 1.conf,line=2,title=SYN001 blanks::<a> & "b" | c
        ::error file=conf/redis 1.conf,line=14,col=12,endColumn=13,title=PER002 aof-off-durable\
        ::appendonly is no, 100%25 wrong%0Aredisops lint explain PER002

        """)
    let odd = FindingReport([Finding("A001", .warning, at: Location(file: "a:b,c%\n"), "m")])
    #expect(
      odd.text(as: .github, options) == "::warning file=a%3Ab%2Cc%25%0A,title=A001::m\n")
  }

  @Test func `markdown shows text as it reads`() {
    #expect(
      sample.text(as: .markdown, options) == #"""
        **3 findings: 2 errors, 1 info**

        | Severity | Place | Rule | Message |
        | --- | --- | --- | --- |
        | error | ./dump.rdb&#64;0x1f3a | RDB001 checksum | length 900 exceeds the 31 bytes left, \#
        in key "user:42" of db 0 |
        | info | conf/redis 1.conf:2 | SYN001 blanks | &lt;a&gt; &amp; "b" \| c |
        | error | conf/redis 1.conf:14:12 | PER002 aof-off-durable | appendonly is no, 100% wrong \#
        \[redisops lint explain PER002\] |

        """#)
    #expect(FindingReport([]).text(as: .markdown, options) == "**No findings**\n")
  }

  @Test func `junit has a suite for each file and a case for each rule`() {
    #expect(
      sample.text(as: .junit, options) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="redisops" tests="7" failures="2" skipped="0">
          <testsuite name="./dump.rdb" tests="3" failures="1" errors="0" skipped="0">
            <testcase classname="./dump.rdb" name="PER002 aof-off-durable"/>
            <testcase classname="./dump.rdb" name="RDB001 checksum">
              <failure type="error" message="length 900 exceeds the 31 bytes left, in key \
        &quot;user:42&quot; of db 0">./dump.rdb@0x1f3a: error: RDB001 checksum: length 900 \
        exceeds the 31 bytes left, in key &quot;user:42&quot; of db 0</failure>
            </testcase>
            <testcase classname="./dump.rdb" name="SYN001 blanks"/>
          </testsuite>
          <testsuite name="clean.conf" tests="2" failures="0" errors="0" skipped="0">
            <testcase classname="clean.conf" name="PER002 aof-off-durable"/>
            <testcase classname="clean.conf" name="SYN001 blanks"/>
          </testsuite>
          <testsuite name="conf/redis 1.conf" tests="2" failures="1" errors="0" skipped="0">
            <testcase classname="conf/redis 1.conf" name="PER002 aof-off-durable">
              <failure type="error" message="appendonly is no, 100% wrong">conf/redis 1.conf\
        :14:12: error: PER002 aof-off-durable: appendonly is no, 100% wrong \
        [redisops lint explain PER002]</failure>
            </testcase>
            <testcase classname="conf/redis 1.conf" name="SYN001 blanks">
              <system-out>conf/redis 1.conf:2: info: SYN001 blanks: &lt;a&gt; &amp; &quot;b&quot; \
        | c</system-out>
            </testcase>
          </testsuite>
        </testsuites>

        """)
  }

  @Test func `without a threshold nothing fails in junit`() {
    var lenient = options
    lenient.failOn = nil
    #expect(!sample.text(as: .junit, lenient).contains("<failure"))
  }

  private let rule = RuleDescription(
    id: "CAP001", slug: "fork-cow-headroom", summary: "No room", severity: .error)

  @Test func `junit shows rules that lack a fact as skipped`() {
    var report = FindingReport(
      [], rules: [rule], files: ["a.conf"])
    report.skipped = [SkippedRule(id: rule.id, file: "a.conf", missing: ["host.memory"])]
    let text = report.text(as: .junit, options)
    #expect(text.contains("failures=\"0\" skipped=\"1\">"))
    #expect(text.contains("<skipped message=\"needs host.memory\"/>"))
  }

  @Test func `text shows the line with carets below the place`() {
    let place = Location(file: "a.conf", line: 14, column: 11, endColumn: 14)
    var shown = options
    shown.sourceLine = { $0.line == 14 ? "maxmemory\t1gb" : nil }
    let text = FindingReport([Finding("X001", .error, at: place, "m")]).text(as: .text, shown)
    #expect(
      text == """
        a.conf:14:11: error: X001: m
          14 | maxmemory 1gb
             |           ^^^

        """)
    let concise = FindingReport([Finding("X001", .error, at: place, "m")])
      .text(as: .concise, shown)
    #expect(concise == "a.conf:14:11: error: X001: m\n")
  }

  @Test func `checkstyle groups by file`() {
    let text = FindingReport(
      [Finding("X001", .warning, at: Location(file: "a<b", line: 2, column: 3), "m & n")]
    ).text(as: .checkstyle, options)
    #expect(text.contains("<file name=\"a&lt;b\">"))
    #expect(
      text.contains(
        "<error line=\"2\" column=\"3\" severity=\"warning\" message=\"m &amp; n\""
          + " source=\"redisops.X001\"/>"))
  }
}
