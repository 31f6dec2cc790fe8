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
        <testsuites name="redisops" tests="7" failures="2">
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
}
