import Findings
import TestSupport
import Testing

@testable import ConfLint

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
