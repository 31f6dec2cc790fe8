/// A word of a line.
public struct ConfToken: Sendable, Hashable {
  /// The bytes that the server gets, quotes and escapes resolved.
  public var value: [UInt8]
  /// Where it is written, quotes included, as offsets into the file.
  public var range: Range<Int>
  /// Whether a quote stands in it.
  public var isQuoted: Bool

  /// The value as text.
  public var text: String { String(decoding: value, as: UTF8.self) }
}

/// A line of a configuration that is no comment.
public struct ConfLine: Sendable, Hashable {
  /// The number, from 1.
  public var number: Int
  /// Where its bytes lie in the file, without the line feed.
  public var range: Range<Int>
  /// The words; up to the place of the error if there is one.
  public var tokens: [ConfToken]
  /// The offset at which quotes are unbalanced.
  public var unbalancedAt: Int?

  /// Longer names are cut: no directive has one, and nobody reads them.
  private static let nameByteCountMax = 256

  /// The name of the directive in lower case.
  public var name: String {
    guard let first = tokens.first else { return "" }
    return String(decoding: first.value.prefix(Self.nameByteCountMax), as: UTF8.self).lowercased()
  }
  /// The arguments as text.
  public var arguments: [String] { tokens.dropFirst().map(\.text) }
}

/// A configuration file, every byte kept.
///
/// Servers read files in pieces of 1,024 bytes as C strings: a NUL drops the rest of its piece, and
/// with it the line feed, so that the next line is glued on. A line is such a line, and its `range`
/// then spans several lines of the file.
public struct ConfDocument: Sendable, Hashable {
  /// The path as the user named it, or as an include led to it.
  public var name: String
  /// All bytes.
  public var bytes: [UInt8]
  /// The lines that are no comments.
  public var lines: [ConfLine]

  /// How many bytes servers read at once from a configuration, and from an ACL file.
  private static let (confPiece, aclPiece) = (1024, 1023)

  /// Reads the lines.
  ///
  /// - Parameter splitting: what the server does differently from most.
  public init(name: String, bytes: [UInt8], splitting: ConfSplitting = []) {
    self.name = name
    self.bytes = bytes
    lines = []
    let text = ServerText(bytes, piece: Self.confPiece)
    let splitter = ConfSplitter(text: text, splitting: splitting)
    text.forEachLine { number, range in
      guard let first = text.bytes[range].first(where: { !ConfSplitter.isBlank($0) }),
        first != UInt8(ascii: "#")
      else { return }
      lines.append(splitter.line(range, number))
    }
  }

  /// Reads the lines of an ACL file, which has neither quotes nor comments: single spaces separate
  /// its words.
  public init(aclName name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    lines = []
    let text = ServerText(bytes, piece: Self.aclPiece)
    text.forEachLine { number, range in
      let trimmed = ConfSplitter.trimmed(text.bytes, range)
      guard !trimmed.isEmpty else { return }
      var line = ConfLine(number: number, range: text.offsets(of: range), tokens: [])
      var start = trimmed.lowerBound
      while start <= trimmed.upperBound {
        let end =
          text.bytes[start..<trimmed.upperBound].firstIndex(of: 0x20) ?? trimmed.upperBound
        line.tokens.append(
          ConfToken(
            value: Array(text.bytes[start..<end]), range: text.offsets(of: start..<end),
            isQuoted: false))
        start = end + 1
      }
      // Blanks in a row make empty words, which are rules without effect.
      line.tokens.removeAll { $0.value.isEmpty }
      lines.append(line)
    }
  }
}
