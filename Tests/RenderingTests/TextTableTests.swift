import Rendering
import Testing

@Suite struct TextWidthTests {
  @Test func `wide characters take two columns and marks none`() {
    #expect(TextWidth.columns(of: "abc") == 3)
    #expect(TextWidth.columns(of: "größe") == 5)
    #expect(TextWidth.columns(of: "日本") == 4)
    #expect(TextWidth.columns(of: "e\u{301}") == 1)
    #expect(TextWidth.columns(of: "🚀") == 2)
    #expect(TextWidth.columns(of: "") == 0)
  }

  struct Cut: Sendable {
    let text: String
    let limit: Int
    let middle: String
    let end: String
  }

  @Test(arguments: [
    Cut(text: "abcdefghij", limit: 10, middle: "abcdefghij", end: "abcdefghij"),
    Cut(text: "abcdefghij", limit: 7, middle: "abc…hij", end: "abcdef…"),
    Cut(text: "abcdefghij", limit: 6, middle: "abc…ij", end: "abcde…"),
    Cut(text: "abcdefghij", limit: 2, middle: "a…", end: "a…"),
    Cut(text: "abcdefghij", limit: 1, middle: "…", end: "…"),
    Cut(text: "abcdefghij", limit: 0, middle: "", end: ""),
    Cut(text: "日本語テキスト", limit: 8, middle: "日本…ト", end: "日本語…"),
    Cut(text: "ae\u{301}cdefg", limit: 5, middle: "ae\u{301}…fg", end: "ae\u{301}cd…"),
  ])
  func `what is too long loses its middle or its end`(_ cut: Cut) {
    #expect(TextWidth.truncatingMiddle(cut.text, to: cut.limit) == cut.middle)
    #expect(TextWidth.truncatingEnd(cut.text, to: cut.limit) == cut.end)
  }
}

@Suite struct TextTableTests {
  private func sample() -> TextTable {
    var table = TextTable([.flexible("key"), .text("type"), .number("bytes")])
    table.append(["user:1", "hash", "1,024"])
    table.append(["session:0123456789abcdef0123456789abcdef", "string", "7"])
    return table
  }

  @Test func `columns are aligned, numbers to the right`() {
    #expect(
      sample().text() == """
        key                                       type    bytes
        user:1                                    hash    1,024
        session:0123456789abcdef0123456789abcdef  string      7

        """)
  }

  @Test func `the flexible column gives way to the width`() {
    #expect(
      sample().text(width: 40) == """
        key                        type    bytes
        user:1                     hash    1,024
        session:0123…456789abcdef  string      7

        """)
  }

  @Test func `a flexible column keeps twelve columns`() {
    #expect(
      sample().text(width: 10) == """
        key           type    bytes
        user:1        hash    1,024
        sessio…bcdef  string      7

        """)
  }

  @Test func `two flexible columns become equal before both shrink`() {
    var table = TextTable([.flexible("a"), .flexible("b")])
    table.append([String(repeating: "a", count: 40), String(repeating: "b", count: 20)])
    #expect(
      table.text(width: 32) == """
        a                b
        aaaaaaa…aaaaaaa  bbbbbbb…bbbbbbb

        """)
  }

  @Test func `a hostile key cannot drive the terminal`() {
    var table = TextTable([.flexible("key")])
    table.append(["\u{1B}[2J\r\nx"])
    #expect(table.text() == "key\n\\x1b[2J\\x0d\\x0ax\n")
  }

  @Test func `short rows are filled and blanks at the end are cut`() {
    var table = TextTable([.text("a"), .text("bb")])
    #expect(table.isEmpty)
    table.append(["x"])
    table.append([])
    #expect(table.text() == "a  bb\nx\n\n")
    #expect(table.text(style: TextStyle(isOn: true)).hasPrefix("\u{1B}[1ma  bb\u{1B}[0m\n"))
  }

  @Test func `wide characters keep the columns aligned`() {
    var table = TextTable([.text("key"), .number("n")])
    table.append(["日本", "1"])
    table.append(["abcd", "22"])
    #expect(table.text() == "key    n\n日本   1\nabcd  22\n")
  }
}
