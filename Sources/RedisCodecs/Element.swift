import ByteKit

/// One string as it stands in a snapshot: bytes, or an integer that stands for its decimal text.
///
/// The bytes are borrowed from the reader and valid until it goes on.
public struct Element {
  /// The bytes; `nil` where `integer` stands for its decimal text.
  public let start: UnsafeRawPointer?
  /// The number of bytes at `start`; 0 for an integer.
  public let count: Int
  /// The value where `start` is `nil`.
  public let integer: Int64

  /// An element of `count` bytes at `start`.
  @inlinable
  public init(start: UnsafeRawPointer, count: Int) {
    self.start = start
    self.count = count
    self.integer = 0
  }

  /// An element stored as an integer.
  @inlinable
  public init(integer: Int64) {
    self.start = nil
    self.count = 0
    self.integer = integer
  }

  /// The length of the text, bytes.
  @inlinable
  public var byteCount: Int { start == nil ? DecimalText.byteCount(integer) : count }

  /// Calls `body` with the text; that of an integer is made on the stack.
  @inlinable
  public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    if let start { return body(UnsafeRawBufferPointer(start: start, count: count)) }
    var room: (UInt64, UInt64, UInt64) = (0, 0, 0)
    return withUnsafeMutableBytes(of: &room) { room in
      guard let target = room.baseAddress else { return body(UnsafeRawBufferPointer(room)) }
      let count = DecimalText.write(integer, to: target)
      return body(UnsafeRawBufferPointer(rebasing: room[0..<count]))
    }
  }

  /// A copy of the text.
  public var bytes: [UInt8] { withBytes { Array($0) } }
}
