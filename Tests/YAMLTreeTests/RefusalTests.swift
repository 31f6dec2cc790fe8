import Testing
import YAMLTree

@Suite struct RefusalTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var text: String
    var kind: YAMLError.Kind
    var line: Int
    var column: Int
    /// What the message must have.
    var says: String
    var otherLine: Int?

    var testDescription: String { text }
  }

  @Test(
    arguments: [
      Case(text: "a: 1\nb: 2\na: 3", kind: .key, line: 3, column: 1, says: "'a'", otherLine: 1),
      Case(text: "a: 1\n'a': 3", kind: .key, line: 2, column: 1, says: "'a'", otherLine: 1),
      Case(text: "[a]: b", kind: .key, line: 1, column: 1, says: "a key must be a word"),
      Case(text: "? {a: b}\n: c", kind: .key, line: 1, column: 3, says: "a key must be a word"),
      Case(text: "a: !!bool yes", kind: .tag, line: 1, column: 4, says: "!!bool"),
      Case(text: "a: !include x.yml", kind: .tag, line: 1, column: 4, says: "!include"),
      Case(text: "a: !x", kind: .tag, line: 1, column: 4, says: "starts with !"),
      Case(text: "a: !python/object:os.x {}", kind: .tag, line: 1, column: 4, says: "!python"),
      Case(text: "a: b\n---\na: c", kind: .documents, line: 2, column: 1, says: "second document"),
      Case(text: "# nothing", kind: .documents, line: 1, column: 1, says: "no document"),
      Case(text: "", kind: .documents, line: 1, column: 1, says: "no document"),
      Case(text: "a:\n\tb: c", kind: .tab, line: 2, column: 1, says: "use blanks"),
      Case(text: "a:\n  b: c\n\td: e", kind: .tab, line: 3, column: 1, says: "use blanks"),
      Case(
        text: "bind: *", kind: .syntax, line: 1, column: 7, says: "quote values that start with *"),
      Case(
        text: "x: *all", kind: .alias, line: 1, column: 4, says: "quote values that start with *"),
      Case(
        text: "x: &*", kind: .syntax, line: 1, column: 4, says: "quote values that start with &"),
      Case(
        text: "x: &ch", kind: .anchor, line: 1, column: 4, says: "quote values that start with &"),
      Case(
        text: "x: @all", kind: .syntax, line: 1, column: 4, says: "quote values that start with @"),
      Case(
        text: "x: %R~x", kind: .syntax, line: 1, column: 4, says: "quote values that start with %"),
      Case(
        text: "x: >pw", kind: .syntax, line: 1, column: 4, says: "quote values that start with >"),
      Case(
        text: "message: {maxmemory} is bad", kind: .syntax, line: 1, column: 10,
        says: "quote values that start with {"),
      Case(text: "- message: {a} b", kind: .syntax, line: 1, column: 12, says: "start with {"),
      Case(text: "a: b: c", kind: .syntax, line: 1, column: 5, says: "quote the value"),
      Case(text: "a: 'x", kind: .syntax, line: 1, column: 6, says: "closing quote"),
      Case(text: "a: 'x' y", kind: .syntax, line: 1, column: 4, says: "closing quote"),
      Case(text: "a: &x [*x]", kind: .alias, line: 1, column: 8, says: "inside the node"),
      Case(text: "a: {<<: b}", kind: .key, line: 1, column: 5, says: "<< takes a map"),
      Case(text: "a: \u{1}", kind: .encoding, line: 1, column: 4, says: "U+1"),
      Case(text: "a: [b", kind: .syntax, line: 1, column: 4, says: "closing bracket is missing"),
      Case(text: "a:\n  b: c\n c: d", kind: .syntax, line: 3, column: 2, says: "indentation"),
    ])
  func `an error names the place and what to write instead`(_ example: Case) throws {
    let error = try #require(refusal(Array(example.text.utf8)))
    #expect(error.kind == example.kind, "\(error)")
    #expect(error.position.line == example.line, "\(error)")
    #expect(error.position.column == example.column, "\(error)")
    #expect(error.message.contains(example.says), "\(error)")
    #expect(error.otherPosition?.line == example.otherLine)
  }

  @Test func `bytes that are no UTF-8 are refused where they stand`() throws {
    let error = try #require(refusal(Array("a: b\nc: x".utf8) + [0xFF, 0x0A]))
    #expect(error.kind == .encoding)
    #expect(error.position == YAMLPosition(line: 2, column: 5, offset: 9))
    #expect(refusal([0xFF, 0xFE, 0x61, 0x00])?.kind == .encoding)
  }

  @Test func `aliases within aliases cannot blow up`() throws {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let alias = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(alias)]\n"
    }
    let error = try #require(refusal(Array(text.utf8)))
    #expect(error.kind == .limit)
    #expect(error.message.contains("10000"))
  }

  @Test func `nesting and size are bounded`() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(refusal(Array(deep.utf8))?.kind == .limit)
    let fits = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
    #expect(refusal(Array(fits.utf8)) == nil)
    let long = [UInt8](repeating: 0x20, count: YAMLLimits.byteCount + 1)
    #expect(refusal(long)?.kind == .limit)
  }

  @Test func `damaged policies are read or refused, never worse`() throws {
    let text = Array(
      """
      redisops-policy: 1
      rules: &r
        - {id: A, require: "directive('x') > 0b", <<: {a: b}}
        - id: 'B'
          message: |
            ü é { }
          tests: [*r2, &r2 "x\\u00e9"]
      """.utf8)
    for index in text.indices {
      for byte: UInt8 in [0x00, 0x09, 0x0A, 0x22, 0x26, 0x2A, 0x5B, 0x7D, 0xC2, 0xFF] {
        var damaged = text
        damaged[index] = byte
        _ = refusal(damaged)
      }
      _ = refusal(Array(text[..<index]))
    }
  }

  private func refusal(_ bytes: [UInt8]) -> YAMLError? {
    do {
      _ = try YAMLDocument.parse(bytes)
      return nil
    } catch {
      return error
    }
  }
}
