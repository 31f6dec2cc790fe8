import ByteKit
import Testing

@Suite struct PrintableTextTests {
  struct Case: Sendable {
    let bytes: [UInt8]
    let expected: String

    init(_ text: String, _ expected: String) {
      self.init(Array(text.utf8), expected)
    }

    init(_ bytes: [UInt8], _ expected: String) {
      self.bytes = bytes
      self.expected = expected
    }
  }

  @Test(arguments: [
    Case("", #""""#),
    Case("user:42", #""user:42""#),
    Case("größe 日本 🚀", #""größe 日本 🚀""#),
    Case(#"a"b\c"#, #""a\"b\\c""#),
    Case("a\nb\u{0}\u{7F}", #""a\x0ab\x00\x7f""#),
    Case("\u{1B}[31mred", #""\x1b[31mred""#),
    Case("\u{9B}31m", #""\xc2\x9b31m""#),  // the one-character form of ESC [
    Case("a\u{202E}b", #""a\xe2\x80\xaeb""#),  // right-to-left override
    Case("a\u{200B}b", #""a\xe2\x80\x8bb""#),  // zero width space
    Case("a\u{2028}b", #""a\xe2\x80\xa8b""#),  // line separator
    Case([0xFF, 0x61, 0xC3], #""\xffa\xc3""#),
    Case([0xED, 0xA0, 0x80], #""\xed\xa0\x80""#),
  ])
  func `keys are quoted`(_ example: Case) {
    #expect(PrintableText.quoted(example.bytes) == example.expected)
  }

  @Test func `long keys are cut at a character and name their length`() {
    let key = Array("abcdéfgh".utf8)
    #expect(PrintableText.quoted(key, limit: 5) == #""abcd…" (9 bytes)"#)
    #expect(PrintableText.quoted(key, limit: 6) == #""abcdé…" (9 bytes)"#)
    #expect(PrintableText.quoted(key, limit: 9) == #""abcdéfgh""#)
    #expect(PrintableText.plain(key, limit: 4) == "abcd…")
  }

  @Test func `plain text doubles the backslash alone`() {
    #expect(PrintableText.plain(Array(#"a"b\x"#.utf8) + [0x01]) == #"a"b\\x\x01"#)
  }

  @Test func `a message becomes one line`() {
    #expect(PrintableText.line("plain \"text\" \\ ß") == "plain \"text\" \\ ß")
    #expect(PrintableText.line("two\r\nlines\u{85}") == #"two\x0d\x0alines\xc2\x85"#)
  }
}
