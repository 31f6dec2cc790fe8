import RedisConf

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
    let isComment = first == UInt8(ascii: "#") && kind != .acl
    let ranges = isComment ? commentRanges(bytes) : settingRanges(bytes, from: 0)
    // Passwords of users are known by their marks, also where the line is damaged.
    guard ranges.isEmpty, bytes.dropFirst().contains(where: marks.contains) else { return ranges }
    return userRanges(WordScan.words(bytes, in: 0..<bytes.count), bytes)
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
    if isSecret(name, directives), words.count > 1 { return [words[1].lowerBound..<last] }
    if name == "sentinel", words.count > 2 {
      let verb = unquoted(bytes[words[1]]).loweredText
      guard isSecret(verb, sentinelWords) else { return [] }
      let index = verb.hasPrefix("a") && words.count > 3 ? 3 : 2
      guard words.indices.contains(index) else { return [] }
      return [words[index].lowerBound..<last]
    }
    return []
  }

  /// Whether a word is one of `names` or a misspelling of one that no directive has for a name.
  private static func isSecret(_ word: String, _ names: Set<String>) -> Bool {
    if names.contains(word) { return true }
    guard DirectiveCatalogue.shared.find(word) == nil, !plainWords.contains(word) else {
      return false
    }
    return NearestWord.find(word, in: names) != nil
  }

  /// Whether a setting `sentinel NAME OPTION` or `sentinel OPTION` has a secret for its value.
  static func isSentinelSecret(_ setting: String) -> Bool {
    setting.split(separator: " ").last.map { isSecret(String($0), sentinelWords) } ?? false
  }

  /// Words of a Sentinel that are near to one with a secret, and have none.
  private static let plainWords: Set<String> = ["auth-user", "sentinel-user"]

  /// What follows the mark of a password or of its hash: `>pw`, `<pw`, `#hash`, `!hash`, also as
  /// the first or a later word of a selector in parentheses.
  private static func userRanges(_ words: [Range<Int>], _ bytes: [UInt8]) -> [Range<Int>] {
    let isUser = words.contains { unquoted(bytes[$0]).loweredText == "user" }
    return words.compactMap { word in
      var start = word.lowerBound
      while start < word.upperBound,
        [UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "(")].contains(bytes[start])
      {
        start += 1
      }
      guard start + 1 < word.upperBound else { return nil }
      switch bytes[start] {
      case UInt8(ascii: ">"), UInt8(ascii: "<"): break
      case UInt8(ascii: "#"), UInt8(ascii: "!"):
        guard isUser || word.upperBound - start > hashByteCount else { return nil }
      default: return nil
      }
      return start + 1..<word.upperBound
    }
  }

  /// What passwords of users and their hashes begin with.
  private static let marks: [UInt8] = Array("><#!".utf8)
  /// Hexadecimal digits of a SHA-256.
  private static let hashByteCount = 64

  /// The line of a YAML file as it may be shown: also what follows `--requirepass` and its like in
  /// the arguments of a command.
  public static func masked(yaml line: [UInt8]) -> [UInt8] {
    var result = masked(line[...], of: .conf)
    var position = 0
    while let flag = flag(in: result, from: position) {
      position = flag.end
      guard directives.contains(flag.name) || flag.name == "user" else { continue }
      let next = self.flag(in: result, from: flag.end)?.start ?? result.count
      guard next > flag.end else { continue }
      result.replaceSubrange(flag.end..<next, with: Array(" *** ".utf8))
    }
    return result
  }

  /// The first `--name` from an offset on.
  private static func flag(
    in bytes: [UInt8], from position: Int
  ) -> (name: String, start: Int, end: Int)? {
    let dash = UInt8(ascii: "-")
    var start = position
    while start + 2 < bytes.count {
      guard bytes[start] == dash, bytes[start + 1] == dash else {
        start += 1
        continue
      }
      let end = bytes[(start + 2)...].firstIndex { !$0.isNameByte } ?? bytes.count
      if end > start + 2 { return (bytes[start + 2..<end].loweredText, start, end) }
      start = end
    }
    return nil
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

extension UInt8 {
  /// Whether names of directives have it.
  fileprivate var isNameByte: Bool {
    isDigit || self == UInt8(ascii: "-")
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowered)
  }
}
