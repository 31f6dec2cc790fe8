import ByteKit

/// The id of a stream entry: a Unix time in milliseconds and a sequence number within it.
public struct StreamID: Equatable, Comparable, Hashable, Sendable, BitwiseCopyable {
  /// Unix milliseconds.
  public var milliseconds: UInt64
  /// The sequence number within the millisecond.
  public var sequence: UInt64

  /// 0-0, the smallest id.
  public static let zero = StreamID(milliseconds: 0, sequence: 0)

  /// An id from its two parts.
  @inlinable
  public init(milliseconds: UInt64, sequence: UInt64) {
    self.milliseconds = milliseconds
    self.sequence = sequence
  }

  /// Ids order by time, then by sequence.
  @inlinable
  public static func < (left: StreamID, right: StreamID) -> Bool {
    left.milliseconds != right.milliseconds
      ? left.milliseconds < right.milliseconds : left.sequence < right.sequence
  }
}

extension StreamID {
  /// The longest text of an id, bytes.
  public static let textByteCountMax = 2 * DecimalText.byteCountMax + 1

  /// Writes `milliseconds-sequence` at `target`, which has room for `textByteCountMax` bytes.
  ///
  /// - Returns: the number of bytes written.
  public func writeText(to target: UnsafeMutableRawPointer) -> Int {
    var count = DecimalText.write(milliseconds, to: target)
    target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: count, as: UInt8.self)
    count += 1
    return count + DecimalText.write(sequence, to: target + count)
  }
}
