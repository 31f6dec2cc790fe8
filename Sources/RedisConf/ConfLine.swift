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

  /// The name of the directive in lower case.
  public var name: String { tokens.first?.text.lowercased() ?? "" }
  /// The arguments as text.
  public var arguments: [String] { tokens.dropFirst().map(\.text) }
}

/// A configuration file, every byte kept.
public struct ConfDocument: Sendable, Hashable {
  /// The path as the user named it, or as an include led to it.
  public var name: String
  /// All bytes.
  public var bytes: [UInt8]
  /// The lines that are no comments.
  public var lines: [ConfLine]

  /// Reads the lines.
  ///
  /// - Parameter joinsQuotes: whether text may follow a closing quote directly, as on Valkey 9.1.
  public init(name: String, bytes: [UInt8], joinsQuotes: Bool = false) {
    self.name = name
    self.bytes = bytes
    lines = []
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      let range = start..<end
      start = end + 1
      guard let first = bytes[range].first(where: { !Self.isBlank($0) }),
        first != UInt8(ascii: "#")
      else { continue }
      lines.append(Self.line(bytes, range, number, joinsQuotes))
    }
  }

  /// Reads the lines of an ACL file, which has neither quotes nor comments.
  public init(aclName name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    lines = []
    var start = 0
    var number = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      number += 1
      var line = ConfLine(number: number, range: start..<end, tokens: [])
      var first: Int?
      for index in start...end {
        let isEnd = index == end || Self.isBlank(bytes[index])
        if isEnd, let from = first {
          line.tokens.append(
            ConfToken(value: Array(bytes[from..<index]), range: from..<index, isQuoted: false))
          first = nil
        } else if !isEnd, first == nil {
          first = index
        }
      }
      if !line.tokens.isEmpty { lines.append(line) }
      start = end + 1
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }

  private static func line(
    _ bytes: [UInt8], _ range: Range<Int>, _ number: Int, _ joinsQuotes: Bool
  ) -> ConfLine {
    var line = ConfLine(number: number, range: range, tokens: [])
    var index = range.lowerBound
    while true {
      while index < range.upperBound, isBlank(bytes[index]) { index += 1 }
      guard index < range.upperBound else { return line }
      guard let token = token(bytes, &index, range.upperBound, joinsQuotes) else {
        line.unbalancedAt = index
        return line
      }
      line.tokens.append(token)
    }
  }

  /// The word at `index`; nil, with the place of the trouble in `index`, for unbalanced quotes.
  private static func token(
    _ bytes: [UInt8], _ index: inout Int, _ end: Int, _ joinsQuotes: Bool
  ) -> ConfToken? {
    let start = index
    var value: [UInt8] = []
    var isQuoted = false
    while index < end, !isBlank(bytes[index]) {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        value.append(byte)
        index += 1
        continue
      }
      isQuoted = true
      let open = index
      index += 1
      guard quoted(bytes, &index, end, byte, &value) else {
        index = open
        return nil
      }
      // What follows the closing quote directly is an error, except on Valkey 9.1.
      if joinsQuotes { continue }
      if index < end, !isBlank(bytes[index]) { return nil }
      break
    }
    return ConfToken(value: value, range: start..<index, isQuoted: isQuoted)
  }

  private static func quoted(
    _ bytes: [UInt8], _ index: inout Int, _ end: Int, _ quote: UInt8, _ value: inout [UInt8]
  ) -> Bool {
    while index < end {
      let byte = bytes[index]
      if byte == quote {
        index += 1
        return true
      }
      guard byte == UInt8(ascii: "\\"), index + 1 < end else {
        value.append(byte)
        index += 1
        continue
      }
      let next = bytes[index + 1]
      if quote == UInt8(ascii: "'") {
        if next == quote {
          value.append(quote)
          index += 2
        } else {
          value.append(byte)
          index += 1
        }
        continue
      }
      if next == UInt8(ascii: "x"), index + 3 < end, let high = hex(bytes[index + 2]),
        let low = hex(bytes[index + 3])
      {
        value.append(high << 4 | low)
        index += 4
        continue
      }
      value.append(escape(next))
      index += 2
    }
    return false
  }

  private static func escape(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "a"): 0x07
    default: byte
    }
  }

  private static func hex(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x57
    case 0x41...0x46: byte - 0x37
    default: nil
    }
  }
}
