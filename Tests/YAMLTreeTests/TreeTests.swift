import Testing
import YAMLTree

@Suite struct TreeTests {
  struct Scalar: CustomTestStringConvertible, Sendable {
    var text: String
    var expected: String
    var style = YAMLScalar.Style.plain
    var isNull = false
    var isFollowedByComment = false

    var testDescription: String { text }
  }

  @Test(
    arguments: [
      Scalar(text: "v: no", expected: "no"),
      Scalar(text: "v: 0700", expected: "0700"),
      Scalar(text: "v: 1_000", expected: "1_000"),
      Scalar(text: "v: 5:00", expected: "5:00"),
      Scalar(text: "v: 7.10", expected: "7.10"),
      Scalar(text: "v: 2027-04-01", expected: "2027-04-01"),
      Scalar(text: "v: 18446744073709551616", expected: "18446744073709551616"),
      Scalar(text: "v: -@all", expected: "-@all"),
      Scalar(text: "v: +@all", expected: "+@all"),
      Scalar(text: "v: ~*", expected: "~*"),
      Scalar(text: "v: ~", expected: "~", isNull: true),
      Scalar(text: "v: Null", expected: "Null", isNull: true),
      Scalar(text: "v:", expected: "", isNull: true),
      Scalar(text: "v: ''", expected: "", style: .singleQuoted),
      Scalar(text: "v: \"~\"", expected: "~", style: .doubleQuoted),
      Scalar(text: "v: 'it''s'", expected: "it's", style: .singleQuoted),
      Scalar(text: "v: \"a\\tb\"", expected: "a\tb", style: .doubleQuoted),
      Scalar(text: "v: |\n  a\n  b\n", expected: "a\nb\n", style: .literal),
      Scalar(text: "v: >\n  a\n  b\n", expected: "a b\n", style: .folded),
      Scalar(text: "v: secret #1", expected: "secret", isFollowedByComment: true),
      Scalar(text: "v: #hash", expected: "", isNull: true, isFollowedByComment: true),
      Scalar(text: "v: a#b", expected: "a#b"),
      Scalar(text: "v: a\u{85}b\u{2028}c\u{2029}d", expected: "a\u{85}b\u{2028}c\u{2029}d"),
      Scalar(text: "v: é\u{A1}\u{85}", expected: "é\u{A1}\u{85}"),
      Scalar(text: "\u{FEFF}v: a\r\n", expected: "a"),
    ])
  func `a scalar keeps its text and how it was written`(_ example: Scalar) throws {
    let value = try #require(try tree(example.text)["v"])
    #expect(
      value.scalar
        == YAMLScalar(
          example.expected, style: example.style,
          isFollowedByComment: example.isFollowedByComment))
    #expect(value.isNull == example.isNull)
  }

  @Test func `positions count lines, columns and offsets in bytes`() throws {
    let root = try tree("# é\r\nä: [x, 'ö', z]\r\nlast: ü\u{85}y\r\n")
    let list = try #require(root["ä"]?.items)
    let z = list[2]
    #expect(z.start == YAMLPosition(line: 2, column: 15, offset: 20))
    #expect(z.end == YAMLPosition(line: 2, column: 16, offset: 21))
    let last = try #require(root.entries?.last)
    #expect(last.keyStart == YAMLPosition(line: 3, column: 1, offset: 24))
    #expect(last.value.start == YAMLPosition(line: 3, column: 7, offset: 30))
    #expect(last.value.end == YAMLPosition(line: 3, column: 12, offset: 35))
  }

  @Test func `a byte order mark counts in offsets and not in columns`() throws {
    let root = try tree("\u{FEFF}a: b")
    #expect(root["a"]?.start == YAMLPosition(line: 1, column: 4, offset: 6))
  }

  @Test func `aliases stand for their node and merges add what is missing`() throws {
    let root = try tree(
      """
      base: &base {a: 1, b: 2}
      more: &more {b: 3, c: 4}
      one: {<<: *base, b: 9}
      two: {<<: [*base, *more]}
      same: *base
      """)
    #expect(entries(root["one"]) == ["b=9", "a=1"])
    #expect(entries(root["two"]) == ["a=1", "b=2", "c=4"])
    #expect(root["same"] == root["base"])
  }

  @Test func `a quoted << is a key like any other`() throws {
    let root = try tree("'<<': x")
    #expect(entries(root) == ["<<=x"])
  }

  private func entries(_ node: YAMLNode?) -> [String] {
    (node?.entries ?? []).map { "\($0.key.text)=\($0.value.scalar?.text ?? "")" }
  }
}

func tree(_ text: String) throws(YAMLError) -> YAMLNode {
  try YAMLDocument.parse(Array(text.utf8))
}
