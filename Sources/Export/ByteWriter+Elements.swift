import ByteKit
import RedisCodecs
import RedisModel

extension ByteWriter {
  /// Writes an element as a JSON string.
  @inline(__always)
  mutating func writeJSON(_ element: Element) {
    if let start = element.start {
      writeJSON(bytes: UnsafeRawBufferPointer(start: start, count: element.count))
    } else {
      writeJSON(integerString: element.integer)
    }
  }

  /// Writes a stream id as a JSON string: `"1700000000000-0"`.
  mutating func writeJSON(_ id: StreamID) {
    reserve(2 * DecimalText.byteCountMax + 3)
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    cursor += 1
    cursor += id.writeText(to: cursor)
    cursor.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    cursor += 1
  }
}

extension StreamID {
  /// The longest text of an id, bytes.
  static let textByteCountMax = 2 * DecimalText.byteCountMax + 1

  /// Writes `milliseconds-sequence` at `target`, which has room for `textByteCountMax` bytes.
  ///
  /// - Returns: the number of bytes written.
  func writeText(to target: UnsafeMutableRawPointer) -> Int {
    var count = DecimalText.write(milliseconds, to: target)
    target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: count, as: UInt8.self)
    count += 1
    return count + DecimalText.write(sequence, to: target + count)
  }
}
