import ByteKit
import RedisCodecs
import RedisModel

/// The parts of which bodies of values are made.
extension RDBWriter {
  /// The longest text that may be stored as an integer: that of the smallest 32-bit one.
  private static let integerTextMax = 11
  /// The most bytes of a length.
  private static let lengthByteCountMax = 9

  /// Writes a length, in its shortest form.
  public mutating func length(_ value: UInt64) {
    output.reserve(Self.lengthByteCountMax)
    switch value {
    case 0..<0x40: output.write(UInt8(truncatingIfNeeded: value))
    case 0x40..<0x4000:
      output.write(0x40 | UInt8(truncatingIfNeeded: value >> 8))
      output.write(UInt8(truncatingIfNeeded: value))
    case 0x4000...0xffff_ffff:
      output.write(0x80)
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: value).bigEndian) { output.write($0) }
    default:
      output.write(0x81)
      withUnsafeBytes(of: value.bigEndian) { output.write($0) }
    }
  }

  /// Writes a length or a count, which is not negative.
  @inline(__always)
  public mutating func length(_ value: Int) { length(UInt64(UInt(bitPattern: value))) }

  /// Writes one byte.
  public mutating func byte(_ value: UInt8) { output.write(value) }

  /// Writes bytes as they are, without their count.
  public mutating func bytes(_ bytes: UnsafeRawBufferPointer) { output.write(bytes) }

  /// Writes eight bytes, little endian.
  public mutating func integer(_ value: Int64) {
    withUnsafeBytes(of: value.littleEndian) { output.write($0) }
  }

  /// Writes four bytes, little endian.
  public mutating func integer(_ value: UInt32) {
    withUnsafeBytes(of: value.littleEndian) { output.write($0) }
  }

  /// Writes a binary64.
  public mutating func double(_ value: Double) { integer(Int64(bitPattern: value.bitPattern)) }

  /// Writes a score in the form of type 3: text behind its length, with marks for what is no
  /// number.
  public mutating func textualDouble(_ value: Double) {
    if value.isNaN { return output.write(253) }
    if value.isInfinite { return output.write(value < 0 ? 255 : 254) }
    withUnsafeTemporaryAllocation(byteCount: ScoreText.byteCountMax, alignment: 8) { room in
      guard let start = room.baseAddress else { return }
      let count = ScoreText.printf17g.write(value, to: start)
      output.write(UInt8(truncatingIfNeeded: count))
      output.write(UnsafeRawBufferPointer(start: start, count: count))
    }
  }

  /// Writes the id of a stream as sixteen bytes, big endian.
  public mutating func rawID(_ id: StreamID) {
    withUnsafeBytes(of: (id.milliseconds.bigEndian, id.sequence.bigEndian)) { output.write($0) }
  }

  /// Writes the id of a stream as two lengths.
  public mutating func id(_ id: StreamID) {
    length(id.milliseconds)
    length(id.sequence)
  }

  /// Writes a string: as an integer where it is the text of a 32-bit one, else compressed where
  /// that pays.
  @inline(__always)
  public mutating func string(_ element: Element) {
    if let start = element.start {
      string(UnsafeRawBufferPointer(start: start, count: element.count))
    } else {
      string(integer: element.integer)
    }
  }

  /// The same.
  public mutating func string(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count <= Self.integerTextMax, let value = ListpackWriter.canonicalInteger(bytes),
      let small = Int32(exactly: value)
    {
      return string(small)
    }
    blob(bytes)
  }

  /// Writes the string that is the decimal text of `value`.
  public mutating func string(integer value: Int64) {
    if let small = Int32(exactly: value) { return string(small) }
    output.reserve(DecimalText.byteCountMax + 1)
    output.write(UInt8(truncatingIfNeeded: DecimalText.byteCount(value)))
    output.write(decimal: value)
  }

  private mutating func string(_ value: Int32) {
    output.reserve(5)
    if let byte = Int8(exactly: value) {
      output.write(0xc0)
      output.write(UInt8(bitPattern: byte))
    } else if let short = Int16(exactly: value) {
      output.write(0xc1)
      withUnsafeBytes(of: short.littleEndian) { output.write($0) }
    } else {
      output.write(0xc2)
      withUnsafeBytes(of: value.littleEndian) { output.write($0) }
    }
  }

  /// Writes the UTF-8 bytes of `text` as a string.
  public mutating func string(text: String) {
    var copy = text
    copy.withUTF8 { string(UnsafeRawBufferPointer($0)) }
  }

  /// Writes bytes as a string that is no integer, compressed where that pays.
  public mutating func blob(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count >= LZFCompressor.byteCountMin, let packed = packer?.pack(bytes) {
      output.write(0xc3)
      length(packed.count)
      length(bytes.count)
      return output.write(packed)
    }
    plainBlob(bytes)
  }

  /// Writes bytes as a string that is neither an integer nor compressed.
  public mutating func plainBlob(_ bytes: UnsafeRawBufferPointer) {
    length(bytes.count)
    output.write(bytes)
  }
}
