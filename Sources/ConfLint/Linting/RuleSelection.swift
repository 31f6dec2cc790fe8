/// Rules by id, slug or prefix.
public struct RuleSelection: Sendable {
  private let rules: [(id: String, slug: String)]

  /// The rules of a policy, and those about suppressions.
  public init(_ policy: Policy) {
    rules =
      policy.rules.map { ($0.id, $0.slug) } + SuppressionRules.all.map { ($0.id, $0.slug) }
  }

  /// The ids that a word stands for, letters in either case; empty for none.
  public func ids(_ word: String) -> Set<String> {
    let upper = word.uppercased()
    if let exact = rules.first(where: { $0.id == upper || $0.slug == word.lowercased() }) {
      return [exact.id]
    }
    guard !upper.isEmpty else { return [] }
    return Set(rules.filter { $0.id.hasPrefix(upper) }.map(\.id))
  }

  /// The known word next to one that is not known.
  public func nearest(_ word: String) -> String? {
    NearestWord.find(word.uppercased(), in: rules.map(\.id))
      ?? NearestWord.find(word.lowercased(), in: rules.map(\.slug))
  }
}

/// Globs of paths: `*` within a part, `**` over parts, `?` for one character.
public enum PathGlob {
  /// Whether `path`, `./` in front or not, is named by `pattern`.
  public static func matches(_ pattern: String, _ path: String) -> Bool {
    let text = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    return matches(Array(pattern.utf8)[...], Array(text.utf8)[...])
  }

  private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
    var pattern = pattern
    var text = text
    while let mark = pattern.first {
      if mark == UInt8(ascii: "*") {
        let isDeep = pattern.dropFirst().first == UInt8(ascii: "*")
        let stars = pattern.prefix { $0 == UInt8(ascii: "*") }.count
        var rest = pattern.dropFirst(stars)
        if isDeep, rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        var tail = text
        while true {
          if matches(rest, tail) { return true }
          guard let next = tail.first, isDeep || next != UInt8(ascii: "/") else { return false }
          tail = tail.dropFirst()
        }
      }
      guard let byte = text.first, mark == byte || (mark == UInt8(ascii: "?") && byte != 0x2F)
      else { return false }
      pattern = pattern.dropFirst()
      text = text.dropFirst()
    }
    return text.isEmpty
  }
}
