import TestSupport
import Testing

@testable import ConfLint

@Suite struct ExpressionSyntaxTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    var expected: String
    var testDescription: String { text }

    init(_ text: String, _ expected: String) { (self.text, self.expected) = (text, expected) }
  }

  @Test(arguments: [
    Case("a or b and not c", "(a or (b and (not c)))"),
    Case("not a == b", "(not (a == b))"),
    Case("(a or b) and c", "((a or b) and c)"),
    Case("1 + 2 * 3 - 4 / 5", "(1 + (2 * 3) - (4 / 5))"),
    Case("a < b + 1 and c >= 2", "((a < (b + 1)) and (c >= 2))"),
    Case("x in ['a', \"b\"]", "(x in ['a', 'b'])"),
    Case("x not in groups.y", "(x not in groups.y)"),
    Case("x matches '^a\\.b$'", "(x matches '^a\\\\.b$')"),
    Case("f(g(1), [])", "f(g(1), [])"),
    Case("8gb", "8589934592b"),
    Case("1k + 1KB", "(1000b + 1024b)"),
    Case("1m + 1mb + 1g + 1gb + 3b", "(1000000b + 1048576b + 1000000000b + 1073741824b + 3b)"),
    Case("1us + 1ms + 1s", "(1us + 1000us + 1000000us)"),
    Case("1min + 1h + 1d", "(60000000us + 3600000000us + 86400000000us)"),
    Case("5%", "5%"),
    Case("0.6", "0.6"),
    Case("18446744073709551615", "18446744073709551615"),
    Case("0o700", "448"),
    Case("-5", "-5"),
    Case("it.name\n  ==\t'x'", "(it.name == 'x')"),
    Case("'it''s'", "'it'"),
  ])
  func `expressions group as the grammar says`(_ example: Case) throws {
    if example.text == "'it''s'" {
      #expect(throws: ExpressionError.self) { try ExpressionParser.parse(example.text) }
      return
    }
    let node = try ExpressionParser.parse(example.text)
    #expect(SyntaxText.text(node.form) == example.expected)
    let again = try ExpressionParser.parse(example.expected)
    #expect(SyntaxText.text(again.form) == example.expected)
  }

  struct Refusal: CustomTestStringConvertible, Sendable {
    var text: String
    var offset: Int
    var says: String
    var testDescription: String { text }

    init(_ text: String, at offset: Int, _ says: String) {
      (self.text, self.offset, self.says) = (text, offset, says)
    }
  }

  @Test(arguments: [
    Refusal("", at: 0, "expected a value, found the end"),
    Refusal("a and", at: 5, "expected a value"),
    Refusal("a b", at: 2, "found 'b'"),
    Refusal("a = b", at: 2, "write =="),
    Refusal("a && b", at: 2, "write 'and'"),
    Refusal("a || b", at: 2, "write 'or'"),
    Refusal("!a", at: 0, "write 'not'"),
    Refusal("a < b < c", at: 6, "do not chain"),
    Refusal("(a", at: 2, "expected ')'"),
    Refusal("f(a,)", at: 4, "expected a value"),
    Refusal("'abc", at: 0, "does not end"),
    Refusal("a.", at: 2, "expected a name"),
    Refusal("1_000", at: 0, "underscore"),
    Refusal("0x10", at: 0, "hexadecimal"),
    Refusal("010", at: 0, "leading 0"),
    Refusal("1e9", at: 0, "no number with a unit"),
    Refusal("8tb", at: 0, "no number with a unit"),
    Refusal("8 gb", at: 2, "found 'gb'"),
    Refusal("18446744073709551616", at: 0, "18446744073709551615"),
    Refusal("5 %", at: 2, "without a blank"),
    Refusal(".6", at: 0, "expected a value"),
    Refusal("6.", at: 1, "expected"),
    Refusal("a not b", at: 6, "expected 'in'"),
    Refusal("{a}", at: 0, "messages only"),
    Refusal("0o8", at: 0, "octal"),
  ])
  func `what is no expression is refused where it goes wrong`(_ example: Refusal) {
    let error = #expect(throws: ExpressionError.self) { try ExpressionParser.parse(example.text) }
    #expect(error?.offset == example.offset, "\(error?.message ?? "")")
    #expect(error?.message.contains(example.says) == true, "\(error?.message ?? "")")
  }

  @Test func `length and depth are bounded`() throws {
    let long = Array(repeating: "a", count: 2000).joined(separator: " or ")
    #expect(throws: ExpressionError.self) { try ExpressionParser.parse(long) }
    let wide = Array(repeating: "a", count: 580).joined(separator: " or ")
    _ = try ExpressionParser.parse(wide)
    let sum = Array(repeating: "1", count: 1000).joined(separator: " + ")
    _ = try ExpressionParser.parse(sum)
    for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("not ", "")] {
      let fits = String(repeating: open, count: 31) + "a" + String(repeating: close, count: 31)
      _ = try ExpressionParser.parse(fits)
      let deep = String(repeating: open, count: 32) + "a" + String(repeating: close, count: 32)
      #expect(throws: ExpressionError.self) { try ExpressionParser.parse(deep) }
      let hostile = String(repeating: open, count: 900)
      #expect(throws: ExpressionError.self) { try ExpressionParser.parse(hostile) }
    }
  }

  @Test func `any bytes are read or refused, never worse`() {
    var random = RepeatableRandom(seed: 7)
    let pieces = [
      "a", "(", ")", "[", "]", ",", ".", " and ", " or ", "not ", "1", "8gb", "5%", "==", "<",
      " in ", "'x'", "\"", "+", "*", "/", "-", "it.name", "directive('hz')", "é", "\u{0}", "{",
    ]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...12, using: &random))
        .map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
      guard let node = try? ExpressionParser.parse(text) else { continue }
      let once = SyntaxText.text(node.form)
      #expect((try? ExpressionParser.parse(once)).map { SyntaxText.text($0.form) } == once)
      var checker = ExpressionChecker(ExpressionNames(directives: TestTypes.shared))
      _ = try? checker.check(node)
    }
  }
}
