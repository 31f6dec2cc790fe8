import ByteKit
import RedisCodecs
import RedisModel

// RESP requests: an array header, then as many bulk strings.
extension ByteWriter {
  /// The most bytes that a bulk string has besides its own: `$`, the length, two line ends.
  static let bulkOverheadMax = DecimalText.byteCountMax + 5

  /// Writes `*count`.
  public mutating func writeArrayHeader(_ count: Int) {
    reserve(Self.bulkOverheadMax)
    cursor = BulkText.writeLength(UInt8(ascii: "*"), count, to: cursor)
  }

  /// Writes a bulk string of `bytes`.
  public mutating func writeBulk(_ bytes: UnsafeRawBufferPointer) {
    // Small ones go through one check of room; `write` copies large ones past the buffer.
    if bytes.count <= 4096 {
      reserve(bytes.count &+ Self.bulkOverheadMax)
      cursor = BulkText.write(bytes, to: cursor)
    } else {
      reserve(Self.bulkOverheadMax)
      cursor = BulkText.writeLength(UInt8(ascii: "$"), bytes.count, to: cursor)
      write(bytes)
      reserve(2)
      cursor = BulkText.writeLineEnd(to: cursor)
    }
  }

  /// Writes a bulk string of an element's text.
  @inline(__always)
  public mutating func writeBulk(_ element: Element) {
    if let start = element.start {
      writeBulk(UnsafeRawBufferPointer(start: start, count: element.count))
    } else {
      writeBulk(decimal: element.integer)
    }
  }

  /// Writes a bulk string of a literal.
  public mutating func writeBulk(_ literal: StaticString) {
    writeBulk(
      UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Writes a bulk string of copied bytes.
  public mutating func writeBulk(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { writeBulk($0) }
  }

  /// Writes a bulk string of decimal text.
  public mutating func writeBulk(decimal value: Int64) {
    reserve(DecimalText.byteCountMax + Self.bulkOverheadMax)
    cursor = BulkText.write(decimal: value, to: cursor)
  }

  /// Writes a bulk string of decimal text.
  public mutating func writeBulk(decimal value: UInt64) {
    reserve(DecimalText.byteCountMax + Self.bulkOverheadMax)
    cursor = BulkText.write(magnitude: value, isNegative: false, to: cursor)
  }

  /// Writes a bulk string of a stream id.
  public mutating func writeBulk(_ id: StreamID) {
    reserve(StreamID.textByteCountMax + Self.bulkOverheadMax)
    let count =
      DecimalText.digitCount(id.milliseconds) + 1 + DecimalText.digitCount(id.sequence)
    cursor = BulkText.writeLength(UInt8(ascii: "$"), count, to: cursor)
    cursor += id.writeText(to: cursor)
    cursor = BulkText.writeLineEnd(to: cursor)
  }
}

/// Bulk strings written where there is room: their own bytes and `ByteWriter.bulkOverheadMax` more,
/// which may be overwritten. Each function returns the place behind what it wrote.
enum BulkText {
  /// Writes a bulk string of `bytes`.
  @inline(__always)
  static func write(
    _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var target = writeLength(UInt8(ascii: "$"), bytes.count, to: target)
    if let source = bytes.baseAddress {
      target.copyMemory(from: source, byteCount: bytes.count)
      target += bytes.count
    }
    return writeLineEnd(to: target)
  }

  /// Writes a bulk string of the decimal text of `value`.
  @inline(__always)
  static func write(
    decimal value: Int64, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    write(magnitude: value.magnitude, isNegative: value < 0, to: target)
  }

  /// Writes a bulk string of the decimal text of `magnitude`, behind a minus sign or not.
  @inline(__always)
  static func write(
    magnitude: UInt64, isNegative: Bool, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let digitCount = DecimalText.digitCount(magnitude)
    let signCount = isNegative ? 1 : 0
    var target = writeLength(UInt8(ascii: "$"), digitCount &+ signCount, to: target)
    target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    target += signCount
    DecimalText.writeDigits(magnitude, count: digitCount, to: target)
    return writeLineEnd(to: target + digitCount)
  }

  /// Writes `mark`, a length and a line end; lengths of one or two digits, nearly all, as one
  /// word.
  @inline(__always)
  static func writeLength(
    _ mark: UInt8, _ count: Int, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    let length = UInt64(UInt(bitPattern: count))
    guard length < 100 else {
      target.storeBytes(of: mark, as: UInt8.self)
      return writeLineEnd(to: target + (1 &+ DecimalText.write(length, to: target + 1)))
    }
    let tens = (length &* 103) &>> 10
    let ones = length &- tens &* 10
    let word =
      tens == 0
      ? UInt64(mark) | (0x0A_0D_30 &+ ones) &<< 8
      : UInt64(mark) | (0x0A_0D_30_30 &+ tens &+ ones &<< 8) &<< 8
    target.storeBytes(of: word.littleEndian, as: UInt64.self)
    return target + (tens == 0 ? 4 : 5)
  }

  /// Writes CR LF.
  @inline(__always)
  static func writeLineEnd(to target: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    target.storeBytes(of: UInt16(0x0A0D).littleEndian, as: UInt16.self)
    return target + 2
  }
}
