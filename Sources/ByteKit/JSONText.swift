/// Strings and integers as JSON, written straight into a `ByteWriter`.
///
/// A Redis string is bytes. Valid UTF-8 is written as the JSON string itself; anything else as a
/// JSON string of U+0000, `b64:` and standard base64. A real string that begins with U+0000 `b64:`
/// takes the base64 form too, so the mapping is lossless in both directions.
public enum JSONText {
  /// The source bytes that one reservation of room covers: six times as much, the worst case, still
  /// fits well into an ordinary buffer.
  static let sliceByteCount = 2048

  /// The most bytes that one source byte can become: `\u001f`.
  static let expansionMax = 6

  /// What the stores of whole words may touch behind the last byte that counts.
  static let slack = 24

  /// `0x01` in each byte of a word.
  static let ones: UInt64 = 0x0101_0101_0101_0101

  /// The high bit of each byte of a word.
  static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// The high bit of each byte of `word` that JSON wants escaped: below `0x20`, `"` or `\`.
  ///
  /// No carry crosses a byte border, so each bit is exact and not only the first.
  @inline(__always)
  static func escapes(in word: UInt64) -> UInt64 {
    let low = word & ~highBits
    let isPlain =
      (low &+ (ones &* 0x60)) & ((low ^ (ones &* 0x22)) &+ (ones &* 0x7F))
      & ((low ^ (ones &* 0x5C)) &+ (ones &* 0x7F))
    return ~(isPlain | word) & highBits
  }

  /// Whether all bytes of `word` are ASCII that JSON takes as it is.
  @inline(__always)
  static func isPlain(_ word: UInt64) -> Bool { (escapes(in: word) | word) & highBits == 0 }

  /// The high bit of each ASCII byte of `word` below `0x20`.
  @inline(__always)
  static func controls(in word: UInt64) -> UInt64 {
    ~(((word & ~highBits) &+ (ones &* 0x60)) | word) & highBits
  }

  /// The 1…7 bytes at `source` as the low bytes of a word; the others are spaces.
  @inline(__always)
  static func partialWord(_ source: UnsafeRawPointer, _ count: Int) -> UInt64 {
    var word: UInt64
    if count >= 4 {
      let head = UInt32(littleEndian: source.loadUnaligned(as: UInt32.self))
      let tail = UInt32(littleEndian: (source + (count &- 4)).loadUnaligned(as: UInt32.self))
      word = UInt64(head) | UInt64(tail) &<< UInt64(8 &* (count &- 4))
    } else {
      let middle = count &>> 1
      let last = count &- 1
      word = UInt64(source.load(as: UInt8.self))
      word |= UInt64(source.load(fromByteOffset: middle, as: UInt8.self)) &<< UInt64(8 &* middle)
      word |= UInt64(source.load(fromByteOffset: last, as: UInt8.self)) &<< UInt64(8 &* last)
    }
    return word | (ones &* 0x20) &<< UInt64(8 &* count)
  }

  /// Writes the first `count` bytes of `word` at `target`, escaped.
  ///
  /// - Returns: the position behind the last byte that counts; up to `slack` bytes behind it are
  ///   overwritten.
  @inline(__always)
  static func write(
    _ word: UInt64, count: Int, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    target.storeBytes(of: word.littleEndian, as: UInt64.self)
    var hits = escapes(in: word)
    if hits == 0 { return target + count }
    if controls(in: word) != 0 { return writeControls(word, count: count, to: target) }
    // Both `"` and `\` become themselves behind a backslash: put that in and the rest again.
    var shifted = target
    repeat {
      let bits = hits.trailingZeroBitCount &- 7
      let place = shifted + (bits &>> 3)
      place.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
      (place + 1).storeBytes(of: (word &>> UInt64(bits)).littleEndian, as: UInt64.self)
      shifted += 1
      hits &= hits &- 1
    } while hits != 0
    return shifted + count
  }

  /// As `write(_:count:to:)`, byte by byte, for words with control bytes.
  @inline(never)
  static func writeControls(
    _ word: UInt64, count: Int, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var rest = word
    var cursor = target
    for _ in 0..<count {
      let byte = UInt8(truncatingIfNeeded: rest)
      rest &>>= 8
      let short = shortEscape(byte)
      if short != 0 {
        cursor.storeBytes(of: UInt8(ascii: "\\"), as: UInt8.self)
        cursor.storeBytes(of: short, toByteOffset: 1, as: UInt8.self)
        cursor += 2
      } else if byte < 0x20 {
        // `\u00` in memory order, then two hexadecimal digits.
        cursor.storeBytes(of: UInt32(0x3030_755C).littleEndian, as: UInt32.self)
        cursor.storeBytes(of: 0x30 &+ (byte &>> 4), toByteOffset: 4, as: UInt8.self)
        let digit = byte & 15
        let letter = digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
        cursor.storeBytes(of: letter, toByteOffset: 5, as: UInt8.self)
        cursor += 6
      } else {
        cursor.storeBytes(of: byte, as: UInt8.self)
        cursor += 1
      }
    }
    return cursor
  }

  /// The character behind the backslash of a two-character escape, or 0 where there is none.
  @inline(__always)
  static func shortEscape(_ byte: UInt8) -> UInt8 {
    switch byte {
    case 0x08: UInt8(ascii: "b")
    case 0x09: UInt8(ascii: "t")
    case 0x0A: UInt8(ascii: "n")
    case 0x0C: UInt8(ascii: "f")
    case 0x0D: UInt8(ascii: "r")
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte
    default: 0
    }
  }

  /// Whether `bytes` begin with U+0000 `b64:`, the mark of the base64 form.
  @inline(__always)
  static func beginsWithMark(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 5, let start = bytes.baseAddress, start.load(as: UInt8.self) == 0 else {
      return false
    }
    return UInt32(littleEndian: (start + 1).loadUnaligned(as: UInt32.self)) == 0x3A34_3662
  }
}

extension ByteWriter {
  /// Writes `bytes` as a JSON string, quotes included.
  ///
  /// A short string without anything special is checked while it is copied. Any other is scanned
  /// for invalid UTF-8 before its first byte counts as written, so nothing has to be taken back.
  /// Measured by the benchmark `dump-ndjson`.
  public mutating func writeJSON(bytes: UnsafeRawBufferPointer) {
    if bytes.count <= JSONText.sliceByteCount, writePlain(bytes) { return }
    guard UTF8Text.isValid(bytes), !JSONText.beginsWithMark(bytes) else {
      return writeJSON(base64: bytes)
    }
    reserve(JSONText.slack)
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    cursor += 1
    if var source = bytes.baseAddress {
      var rest = bytes.count
      while rest > 0 {
        let count = min(rest, JSONText.sliceByteCount)
        writeEscaped(source, count: count)
        source += count
        rest &-= count
      }
    }
    write(UInt8(ascii: "\""))
  }

  /// Writes a string if all of it is ASCII that stands for itself; else nothing counts as written.
  @inline(__always)
  private mutating func writePlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard var source = bytes.baseAddress else { return false }
    reserve(bytes.count &+ JSONText.slack)
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    var target = cursor + 1
    let end = source + bytes.count
    while end - source >= 8 {
      let word = UInt64(littleEndian: source.loadUnaligned(as: UInt64.self))
      guard JSONText.isPlain(word) else { return false }
      target.storeBytes(of: word.littleEndian, as: UInt64.self)
      source += 8
      target += 8
    }
    let tail = end - source
    if tail > 0 {
      let word = JSONText.partialWord(source, tail)
      guard JSONText.isPlain(word) else { return false }
      target.storeBytes(of: word.littleEndian, as: UInt64.self)
      target += tail
    }
    target.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    cursor = target + 1
    return true
  }

  /// Writes one slice of a string that is known to be text.
  @inline(__always)
  private mutating func writeEscaped(_ start: UnsafeRawPointer, count: Int) {
    reserve(count &* JSONText.expansionMax &+ JSONText.slack)
    var source = start
    var target = cursor
    let end = start + count
    while end - source >= 8 {
      let word = UInt64(littleEndian: source.loadUnaligned(as: UInt64.self))
      target = JSONText.write(word, count: 8, to: target)
      source += 8
    }
    let tail = end - source
    if tail > 0 {
      target = JSONText.write(JSONText.partialWord(source, tail), count: tail, to: target)
    }
    cursor = target
  }

  /// Writes bytes that are no text: `"\u0000b64:…"`.
  @inline(never)
  private mutating func writeJSON(base64 bytes: UnsafeRawBufferPointer) {
    write("\"\\u0000b64:")
    write(base64: bytes)
    write(UInt8(ascii: "\""))
  }

  /// Writes standard base64 of `bytes`, padded.
  public mutating func write(base64 bytes: UnsafeRawBufferPointer) {
    guard var source = bytes.baseAddress else { return }
    var rest = bytes.count
    while rest > 0 {
      // A multiple of three, so that only the last slice is padded.
      let count = min(rest, 3072)
      reserve((count &+ 2) / 3 &* 4)
      cursor = Base64Text.write(source, count: count, to: cursor)
      source += count
      rest &-= count
    }
  }

  /// Writes `value` as a JSON string of its decimal text: `"123"`, as Redis shows an integer that
  /// it stores in place of a string.
  public mutating func writeJSON(integerString value: Int64) {
    reserve(DecimalText.byteCountMax &+ 2)
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    let count = DecimalText.write(value, to: cursor + 1)
    cursor.storeBytes(of: UInt8(ascii: "\""), toByteOffset: count &+ 1, as: UInt8.self)
    cursor += count &+ 2
  }

  /// Writes `text` as a JSON string; for reports, not for hot loops.
  public mutating func writeJSON(text: String) {
    var copy = text
    copy.withUTF8 { writeJSON(bytes: UnsafeRawBufferPointer($0)) }
  }
}
