import Findings
import TestSupport
import Testing

@testable import ConfLint

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
