import Testing

@testable import RedisModel

@Suite struct PatternTests {
  struct Case: CustomTestStringConvertible {
    let pattern: String
    let matching: [String]
    let others: [String]
    var testDescription: String { pattern }

    init(_ pattern: String, _ matching: [String], not others: [String]) {
      (self.pattern, self.matching, self.others) = (pattern, matching, others)
    }
  }

  @Test(arguments: [
    Case("*", ["", "a", "a*b"], not: []),
    Case("user:*", ["user:", "user:1"], not: ["users:1", "user", "a user:"]),
    Case("h?llo", ["hello", "h?llo"], not: ["hllo", "heello"]),
    Case("h[ae]llo", ["hello", "hallo"], not: ["hillo", "h[ae]llo"]),
    Case("h[^e]llo", ["hallo", "h^llo"], not: ["hello", "hllo"]),
    Case("[a-c]x", ["ax", "cx"], not: ["dx", "-x"]),
    Case("[c-a]x", ["ax", "bx"], not: ["dx"]),
    Case("[a-]x", ["a", "]", "^", "x"], not: ["b", "ax"]),
    Case("[\\]a]x", ["]x", "ax"], not: ["\\x"]),
    Case("[]a]", [], not: ["]", "a", "]a]"]),
    Case("[^]", ["a", "]"], not: ["", "^]"]),
    Case("[ab", ["a", "b"], not: ["[ab", ""]),
    Case("a\\*b", ["a*b"], not: ["ab", "axb"]),
    Case("a\\", ["a\\"], not: ["a"]),
    Case("*a*b", ["ab", "xxaxxb", "abab"], not: ["ba", "abx"]),
    Case("a**c", ["ac", "abc"], not: ["ab"]),
    Case("", [""], not: ["a"]),
  ])
  func `a glob matches as KEYS does`(_ sample: Case) {
    let glob = GlobPattern(sample.pattern.utf8)
    for text in sample.matching { #expect(matches(glob, text), "\(text)") }
    for text in sample.others { #expect(!matches(glob, text), "\(text)") }
  }

  @Test func `a glob of many stars takes no exponential time`() {
    let glob = GlobPattern((String(repeating: "a*", count: 40) + "b").utf8)
    #expect(!matches(glob, String(repeating: "a", count: 10_000)))
  }

  @Test func `a glob matches bytes that are no text`() {
    let glob = GlobPattern([0xff, 0x2a, 0x00])
    #expect([UInt8]([0xff, 0x80, 0x00]).withUnsafeBytes { glob.matches($0) })
    #expect(![UInt8]([0xff, 0x80, 0x01]).withUnsafeBytes { glob.matches($0) })
  }

  @Test(arguments: [
    Case("^user:\\d+$", ["user:1"], not: ["user:x", "my user:1"]),
    Case("[[:upper:]]", ["aBc"], not: ["abc"]),
    Case("(?i)ABC", ["xabcx"], not: ["ab"]),
    Case("", ["", "a"], not: []),
  ])
  func `a regular expression searches`(_ sample: Case) throws {
    let matcher = try BytePattern(sample.pattern).matcher()
    for text in sample.matching { #expect(try matches(matcher, text), "\(text)") }
    for text in sample.others { #expect(try !matches(matcher, text), "\(text)") }
  }

  @Test func `a dot is one byte`() throws {
    let matcher = try BytePattern("^.\\x80.$").matcher()
    #expect(try [UInt8]([0xff, 0x80, 0xc3]).withUnsafeBytes { try matcher.matches($0) })
    #expect(try !matches(BytePattern("^.$").matcher(), "é"))
  }

  @Test func `a wrong pattern is refused with the place`() {
    let error = #expect(throws: BytePatternError.self) { try BytePattern("a(b") }
    #expect(error?.kind == .pattern(offset: 3))
    #expect(error?.message.contains("parenthesis") == true)
    #expect(throws: BytePatternError.self) { try BytePattern("(*UTF)a") }
  }

  @Test func `a pattern that hits a limit is an error`() throws {
    let matcher = try BytePattern("^(a+)+$").matcher()
    let error = #expect(throws: BytePatternError.self) {
      try matches(matcher, String(repeating: "a", count: 64) + "b")
    }
    #expect(error?.kind == .limit)
    #expect(try matches(matcher, "aaa"))
  }

  // MARK: - Helpers

  private func matches(_ glob: GlobPattern, _ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { glob.matches($0) }
  }

  private func matches(_ matcher: BytePattern.Matcher, _ text: String) throws -> Bool {
    try Array(text.utf8).withUnsafeBytes { try matcher.matches($0) }
  }
}
