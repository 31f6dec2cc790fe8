/// A set of bytes: 256 bits.
public struct ByteSet: Equatable, Sendable, ExpressibleByArrayLiteral {
  @usableFromInline var words: InlineArray<4, UInt64> = .init(repeating: 0)

  /// The empty set.
  @inlinable
  public init() {}

  /// The set of `bytes`.
  public init(arrayLiteral bytes: UInt8...) {
    for byte in bytes { insert(byte) }
  }

  /// Whether `byte` is in the set.
  @inlinable
  public func contains(_ byte: UInt8) -> Bool {
    words[Int(byte &>> 6)] &>> UInt64(byte & 63) & 1 != 0
  }

  /// Puts `byte` in.
  @inlinable
  public mutating func insert(_ byte: UInt8) {
    words[Int(byte &>> 6)] |= 1 &<< UInt64(byte & 63)
  }

  /// Swaps members and others.
  @inlinable
  public mutating func invert() {
    for index in words.indices { words[index] = ~words[index] }
  }

  /// The members, rising.
  public var bytes: [UInt8] { (UInt8.min...UInt8.max).filter { contains($0) } }

  /// Whether both have the same members.
  public static func == (left: ByteSet, right: ByteSet) -> Bool {
    left.words.indices.allSatisfy { left.words[$0] == right.words[$0] }
  }
}
