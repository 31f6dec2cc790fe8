import ByteKit

/// Finds the arguments of a request that stands whole in memory and is written as every server
/// writes it: `*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n`.
///
/// Whatever is not so (a request that goes on behind the window, a line that ends in LF alone,
/// numbers with leading zeros, damage) is `nil` here and left to a reader that takes its time.
public enum RequestScan {
  /// The digits that a number may have here: more bytes than any file.
  @usableFromInline static let digitCountMax = 15

  /// Scans one request.
  ///
  /// - Parameters:
  ///   - start: its first byte; `ByteInput.slackByteCount` bytes behind `limit` can be read.
  ///   - spans: takes the arguments; what it holds after `nil` means nothing.
  /// - Returns: the position behind the request.
  @inlinable
  public static func request(
    at start: UnsafeRawPointer, limit: UnsafeRawPointer, into spans: inout RequestSpans
  ) -> UnsafeRawPointer? {
    spans.removeAll()
    guard limit > start else { return nil }
    let head = header(UInt8(ascii: "*"), at: start)
    guard head.byteCount > 0, head.number > 0 else { return nil }
    var position = start + head.byteCount
    var left = head.number
    repeat {
      guard position < limit else { return nil }
      let bulk = header(UInt8(ascii: "$"), at: position)
      guard bulk.byteCount > 0 else { return nil }
      position += bulk.byteCount
      guard bulk.number &+ 2 <= limit - position else { return nil }
      spans.append(.init(offset: position - start, count: bulk.number))
      position += bulk.number
      guard position.loadUnaligned(as: UInt16.self) == UInt16(0x0A0D).littleEndian else {
        return nil
      }
      position += 2
      left &-= 1
    } while left > 0
    return position
  }

  /// Reads `mark`, a number without leading zeros, CR LF; a byte count of 0 says that something
  /// else stands there.
  @inlinable @inline(__always)
  static func header(
    _ mark: UInt8, at position: UnsafeRawPointer
  ) -> (number: Int, byteCount: Int) {
    let word = UInt64(littleEndian: position.loadUnaligned(as: UInt64.self))
    let first = (word &>> 8 & 0xFF) &- 0x30
    guard UInt8(truncatingIfNeeded: word) == mark, first <= 9 else { return (0, 0) }
    if word &>> 16 & 0xFFFF == 0x0A0D { return (Int(first), 4) }
    let second = (word &>> 16 & 0xFF) &- 0x30
    guard first > 0, second <= 9 else { return (0, 0) }
    let number = first &* 10 &+ second
    if word &>> 24 & 0xFFFF == 0x0A0D { return (Int(number), 5) }
    return longHeader(Int(number), at: position)
  }

  /// The same behind two digits.
  @inlinable
  static func longHeader(
    _ front: Int, at position: UnsafeRawPointer
  ) -> (number: Int, byteCount: Int) {
    var number = front
    var count = 3
    while count <= digitCountMax {
      let digit = Int(position.load(fromByteOffset: count, as: UInt8.self)) &- 0x30
      guard digit >= 0, digit <= 9 else { break }
      number = number &* 10 &+ digit
      count &+= 1
    }
    let end = (position + count).loadUnaligned(as: UInt16.self)
    return end == UInt16(0x0A0D).littleEndian ? (number, count &+ 2) : (0, 0)
  }
}
