/// Where secrets stand in the lines of configurations, so that no output shows them.
///
/// This errs on the side of hiding: it goes by words, not by what a server would accept.
public enum SecretText {
  /// Directives whose arguments are secrets.
  static let directives: Set<String> = [
    "requirepass", "masterauth", "primaryauth", "tls-key-file-pass", "tls-client-key-file-pass",
  ]
  /// Words after `sentinel` whose last argument is a secret.
  static let sentinelWords: Set<String> = ["auth-pass", "sentinel-pass"]

  /// The ranges within a line, relative to its first byte, that must not be shown.
  public static func ranges(in line: ArraySlice<UInt8>, of kind: ConfFileKind) -> [Range<Int>] {
    let bytes = Array(line)
    guard let first = bytes.first(where: { !$0.isConfBlank }) else { return [] }
    if first == UInt8(ascii: "#"), kind != .acl { return commentRanges(bytes) }
    return settingRanges(bytes, from: 0)
  }

  /// A setting that is commented out is as secret as one that is not.
  private static func commentRanges(_ bytes: [UInt8]) -> [Range<Int>] {
    guard let start = bytes.firstIndex(where: { !$0.isConfBlank && $0 != UInt8(ascii: "#") }) else {
      return []
    }
    return settingRanges(bytes, from: start)
  }

  private static func settingRanges(_ bytes: [UInt8], from start: Int) -> [Range<Int>] {
    let words = WordScan.words(bytes, in: start..<bytes.count)
    guard let name = words.first.map({ unquoted(bytes[$0]).loweredText }) else { return [] }
    let last = bytes.lastIndex { !$0.isConfBlank }.map { $0 + 1 } ?? bytes.count
    if directives.contains(name), words.count > 1 { return [words[1].lowerBound..<last] }
    if name == "sentinel", words.count > 2 {
      let verb = unquoted(bytes[words[1]]).loweredText
      guard sentinelWords.contains(verb) else { return [] }
      let index = verb == "auth-pass" ? 3 : 2
      guard words.indices.contains(index) else { return [] }
      return [words[index].lowerBound..<last]
    }
    if name == "user" {
      return words.dropFirst(2).compactMap { word in
        let text = unquoted(bytes[word])
        guard let mark = text.first, text.count > 1,
          mark == UInt8(ascii: ">") || mark == UInt8(ascii: "<") || mark == UInt8(ascii: "#")
            || mark == UInt8(ascii: "!")
        else { return nil }
        let quote = bytes[word.lowerBound] == mark ? 1 : 2
        return min(word.lowerBound + quote, word.upperBound)..<word.upperBound
      }
    }
    return []
  }

  private static func unquoted(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard let first = word.first, first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") else {
      return word
    }
    return word.dropFirst()
  }

  /// The line as it may be shown: each byte of a secret as `*`, so that columns stay; the length of
  /// a secret is not shown: at most `shownCount` stars, and blanks up to a place that matters.
  public static func masked(_ line: ArraySlice<UInt8>, of kind: ConfFileKind) -> [UInt8] {
    var result = Array(line)
    for range in ranges(in: line, of: kind).reversed() {
      result.replaceSubrange(range, with: Array("***".utf8))
    }
    return result
  }
}
