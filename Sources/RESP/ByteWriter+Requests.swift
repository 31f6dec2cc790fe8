import ByteKit
import RedisCodecs
import RedisModel

// RESP requests: an array header, then as many bulk strings.
extension ByteWriter {
  /// The most bytes that a bulk string has besides its own: `$`, the length, two line ends.
  public static let bulkOverheadMax = DecimalText.byteCountMax + 5

  /// Writes `*count`.
  public mutating func writeArrayHeader(_ count: Int) {
    reserve(Self.bulkOverheadMax)
    writeLength(UInt8(ascii: "*"), count)
  }

  /// Writes a bulk string of `bytes`.
  public mutating func writeBulk(_ bytes: UnsafeRawBufferPointer) {
    // Small ones go through one check of room; `write` copies large ones past the buffer.
    if bytes.count <= 4096 {
      reserve(bytes.count &+ Self.bulkOverheadMax)
      writeLength(UInt8(ascii: "$"), bytes.count)
      if let source = bytes.baseAddress {
        cursor.copyMemory(from: source, byteCount: bytes.count)
        cursor += bytes.count
      }
    } else {
      reserve(Self.bulkOverheadMax)
      writeLength(UInt8(ascii: "$"), bytes.count)
      write(bytes)
      reserve(2)
    }
    writeLineEnd()
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
    writeLength(UInt8(ascii: "$"), DecimalText.byteCount(value))
    cursor += DecimalText.write(value, to: cursor)
    writeLineEnd()
  }

  /// Writes a bulk string of decimal text.
  public mutating func writeBulk(decimal value: UInt64) {
    reserve(DecimalText.byteCountMax + Self.bulkOverheadMax)
    writeLength(UInt8(ascii: "$"), DecimalText.digitCount(value))
    cursor += DecimalText.write(value, to: cursor)
    writeLineEnd()
  }

  /// Writes a bulk string of a stream id.
  public mutating func writeBulk(_ id: StreamID) {
    reserve(StreamID.textByteCountMax + Self.bulkOverheadMax)
    let count =
      DecimalText.digitCount(id.milliseconds) + 1 + DecimalText.digitCount(id.sequence)
    writeLength(UInt8(ascii: "$"), count)
    cursor += id.writeText(to: cursor)
    writeLineEnd()
  }

  /// Writes `mark`, a length and a line end; there is room.
  @inline(__always)
  private mutating func writeLength(_ mark: UInt8, _ count: Int) {
    cursor.storeBytes(of: mark, as: UInt8.self)
    cursor += 1 &+ DecimalText.write(UInt64(UInt(bitPattern: count)), to: cursor + 1)
    writeLineEnd()
  }

  /// Writes CR LF; there is room.
  @inline(__always)
  private mutating func writeLineEnd() {
    cursor.storeBytes(of: UInt16(0x0A0D).littleEndian, as: UInt16.self)
    cursor += 2
  }
}
