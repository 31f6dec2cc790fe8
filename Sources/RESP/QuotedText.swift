import ByteKit

/// Arguments as redis-cli shows and reads them: words between spaces, and where needed between
/// quotes, with `\xNN` for what is not printable ASCII.
public enum QuotedText {
  /// Whether `bytes` can stand without quotes: not empty, and no byte that splits words, quotes
  /// or is not printable.
  public static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy {
        (0x21..<0x7F).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'")
          && $0 != UInt8(ascii: "\\")
      }
  }

  /// Takes a line apart into its words.
  ///
  /// - Returns: the words; `nil` where a quote is not closed or something stands right behind one.
  public static func words(_ line: [UInt8]) -> [[UInt8]]? {
    var words: [[UInt8]] = []
    var rest = line[...]
    while true {
      rest = rest.drop(while: isSpace)
      if rest.isEmpty { return words }
      guard let word = takeWord(&rest) else { return nil }
      words.append(word)
    }
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte)
  }

  private static func takeWord(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    var word: [UInt8] = []
    while let byte = rest.popFirst() {
      if isSpace(byte) { return word }
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        word.append(byte)
        continue
      }
      guard takeQuoted(byte, &rest, into: &word), rest.first.map(isSpace) ?? true else {
        return nil
      }
    }
    return word
  }

  /// Takes what follows an opening quote, up to the closing one.
  private static func takeQuoted(
    _ quote: UInt8, _ rest: inout ArraySlice<UInt8>, into word: inout [UInt8]
  ) -> Bool {
    while let byte = rest.popFirst() {
      if byte == quote { return true }
      guard byte == UInt8(ascii: "\\"), let next = rest.first else {
        word.append(byte)
        continue
      }
      if quote == UInt8(ascii: "'") {
        if next == quote { rest.removeFirst() }
        word.append(next == quote ? quote : byte)
      } else {
        word.append(takeEscape(&rest))
      }
    }
    return false
  }

  /// Takes what follows a backslash between double quotes.
  private static func takeEscape(_ rest: inout ArraySlice<UInt8>) -> UInt8 {
    let byte = rest.removeFirst()
    switch byte {
    case UInt8(ascii: "n"): return 0x0A
    case UInt8(ascii: "r"): return 0x0D
    case UInt8(ascii: "t"): return 0x09
    case UInt8(ascii: "b"): return 0x08
    case UInt8(ascii: "a"): return 0x07
    case UInt8(ascii: "x"):
      let digits = rest.prefix(2).compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
      guard digits.count == 2 else { return byte }
      rest = rest.dropFirst(2)
      return UInt8(digits[0] << 4 | digits[1])
    default: return byte
    }
  }
}

extension ByteWriter {
  /// Writes `bytes` between double quotes, as redis-cli prints a string: `"a\x00\n"`.
  public mutating func writeQuoted(_ bytes: UnsafeRawBufferPointer) {
    write(UInt8(ascii: "\""))
    for byte in bytes {
      reserve(4)
      if (0x20..<0x7F).contains(byte) {
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { put(UInt8(ascii: "\\")) }
        put(byte)
      } else {
        writeEscape(byte)
      }
    }
    write(UInt8(ascii: "\""))
  }

  /// Writes what stands for a byte that is not printable; there is room.
  private mutating func writeEscape(_ byte: UInt8) {
    put(UInt8(ascii: "\\"))
    switch byte {
    case 0x0A: put(UInt8(ascii: "n"))
    case 0x0D: put(UInt8(ascii: "r"))
    case 0x09: put(UInt8(ascii: "t"))
    case 0x07: put(UInt8(ascii: "a"))
    case 0x08: put(UInt8(ascii: "b"))
    default:
      put(UInt8(ascii: "x"))
      for digit in [byte >> 4, byte & 15] {
        put(digit < 10 ? 0x30 + digit : 0x57 + digit)
      }
    }
  }

  /// Stores a byte for which there is room.
  @inline(__always)
  private mutating func put(_ byte: UInt8) {
    cursor.storeBytes(of: byte, as: UInt8.self)
    cursor += 1
  }
}
