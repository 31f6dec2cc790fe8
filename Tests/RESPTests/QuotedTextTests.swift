import ByteKit
import RESP
import Testing

@Suite struct QuotedTextTests {
  /// A line and its words.
  struct Line: Sendable {
    let text: String
    let words: [String]?
  }

  static let lines: [Line] = [
    Line(text: "", words: []),
    Line(text: "  a\tb  ", words: ["a", "b"]),
    Line(text: "\"a b\" 'c d'", words: ["a b", "c d"]),
    Line(text: "\"\\x41\\n\\\"\\\\\\q\\xg\"", words: ["A\n\"\\qxg"]),
    Line(text: "'\\'\\n'", words: ["'\\n"]),
    Line(text: "a\"b c\"", words: ["ab c"]),
    Line(text: "\"\"", words: [""]),
    Line(text: "\"a", words: nil), Line(text: "'a", words: nil), Line(text: "\"a\"b", words: nil),
  ]

  @Test(arguments: lines)
  func `a line is taken apart as redis-cli does`(_ line: Line) {
    let words = QuotedText.words(Array(line.text.utf8))
    #expect(words?.map { String(decoding: $0, as: UTF8.self) } == line.words)
  }

  @Test func `every byte survives its quotes`() {
    let bytes = (0...255).map { UInt8($0) }
    var text: [UInt8] = []
    var writer = ByteWriter { text += $0 }
    bytes.withUnsafeBytes { writer.writeQuoted($0) }
    writer.flush()
    #expect(text.allSatisfy { (0x20..<0x7F).contains($0) })
    #expect(text.starts(with: Array("\"\\x00\\x01".utf8)))
    #expect(QuotedText.words(text) == [bytes])
    let isPlain = { (text: String) in Array(text.utf8).withUnsafeBytes { QuotedText.isPlain($0) } }
    #expect(isPlain("a.1.base.rdb"))
    #expect(!isPlain("a b") && !isPlain("") && !isPlain("a\"") && !isPlain("é"))
  }
}
