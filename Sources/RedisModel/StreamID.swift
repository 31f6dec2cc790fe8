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
