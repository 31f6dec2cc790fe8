import RedisModel

/// What a server does differently from most when it splits a line into words.
public struct ConfSplitting: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt8

  /// A set of bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Text may follow a closing quote directly: Valkey from 9.1 on.
  public static let joinsQuotes = ConfSplitting(rawValue: 1)
  /// The byte 0xFF outside quotes is dropped: Valkey from 8.1 on.
  public static let dropsFF = ConfSplitting(rawValue: 2)

  /// What `target` does.
  public init(_ target: ServerVersion) {
    self = []
    if target.isAtLeast(.valkey, 9, 1) { insert(.joinsQuotes) }
    if target.isAtLeast(.valkey, 8, 1) { insert(.dropsFF) }
  }
}

/// Splits lines into words as servers do.
struct ConfSplitter {
  let text: ServerText
  let splitting: ConfSplitting

  /// Reads the line at `range`.
  func line(_ range: Range<Int>, _ number: Int) -> ConfLine {
    var line = ConfLine(number: number, range: text.offsets(of: range), tokens: [])
    let end = Self.trimmed(text.bytes, range).upperBound
    var index = range.lowerBound
    while true {
      while index < end, ConfNumber.isSpace(text.bytes[index]) { index += 1 }
      guard index < end else { return line }
      guard let token = token(&index, end) else {
        line.unbalancedAt = text.offsets(of: index..<min(index + 1, end)).lowerBound
        return line
      }
      line.tokens.append(token)
    }
  }

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
  }

  /// The range without blanks at both ends.
  static func trimmed(_ bytes: [UInt8], _ range: Range<Int>) -> Range<Int> {
    let start = bytes[range].firstIndex { !isBlank($0) } ?? range.upperBound
    var end = range.upperBound
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  /// The word at `index`; nil, with the place of the trouble in `index`, for unbalanced quotes.
  private func token(_ index: inout Int, _ end: Int) -> ConfToken? {
    let bytes = text.bytes
    let start = index
    var value: [UInt8] = []
    var isQuoted = false
    while index < end, !Self.isBlank(bytes[index]) {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        if byte != 0xFF || !splitting.contains(.dropsFF) { value.append(byte) }
        index += 1
        continue
      }
      isQuoted = true
      let open = index
      index += 1
      guard quoted(&index, end, byte, &value) else {
        index = open
        return nil
      }
      if splitting.contains(.joinsQuotes) { continue }
      if index < end, !ConfNumber.isSpace(bytes[index]) { return nil }
      break
    }
    return ConfToken(value: value, range: text.offsets(of: start..<index), isQuoted: isQuoted)
  }

  private func quoted(
    _ index: inout Int, _ end: Int, _ quote: UInt8, _ value: inout [UInt8]
  ) -> Bool {
    let bytes = text.bytes
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
      if next == UInt8(ascii: "x"), index + 3 < end, let high = Self.hex(bytes[index + 2]),
        let low = Self.hex(bytes[index + 3])
      {
        value.append(high << 4 | low)
        index += 4
        continue
      }
      value.append(Self.escape(next))
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
