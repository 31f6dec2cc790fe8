import ByteKit

/// An intset: `u32le width, u32le count`, then as many integers of 2, 4 or 8 bytes, ascending.
public struct Intset {
  /// Bytes per integer: 2, 4 or 8.
  public let width: Int
  /// The number of integers, at least 1.
  public let count: Int
  @usableFromInline let values: UnsafeRawPointer

  /// Checks the header against the blob's size.
  public init(_ blob: UnsafeRawBufferPointer) throws(CodecError) {
    guard let start = blob.baseAddress, blob.count >= 8 else {
      throw CodecError(.intset, at: 0, "\(blob.count) bytes; the header alone has 8")
    }
    width = Int(UInt32(littleEndian: start.loadUnaligned(as: UInt32.self)))
    count = Int(UInt32(littleEndian: (start + 4).loadUnaligned(as: UInt32.self)))
    guard width == 2 || width == 4 || width == 8 else {
      throw CodecError(.intset, at: 0, "\(width) bytes per integer; 2, 4 or 8 are possible")
    }
    guard count > 0 else { throw CodecError(.intset, at: 4, "states no integer") }
    guard blob.count - 8 == count * width else {
      throw CodecError(
        .intset, at: 4,
        "\(count) integers of \(width) bytes do not make the \(blob.count - 8) bytes that follow")
    }
    values = start + 8
  }

  /// The integer at `index`, 0..<count.
  @inlinable
  public subscript(index: Int) -> Int64 {
    let at = values + index &* width
    switch width {
    case 2: return Int64(Int16(littleEndian: at.loadUnaligned(as: Int16.self)))
    case 4: return Int64(Int32(littleEndian: at.loadUnaligned(as: Int32.self)))
    default: return Int64(littleEndian: at.loadUnaligned(as: Int64.self))
    }
  }

  /// Checks that each integer is greater than the one before.
  public func checkOrder() throws(CodecError) {
    var before = self[0]
    for index in 1..<max(1, count) {
      let value = self[index]
      guard value > before else {
        throw CodecError(
          .intset, at: 8 + index * width,
          "\(value) follows \(before): the integers must ascend, each once")
      }
      before = value
    }
  }
}
