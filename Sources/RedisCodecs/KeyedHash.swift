/// A 128-bit hash of short byte strings, keyed anew for each run so that nobody can prepare a file
/// in which it collides.
///
/// Sixteen bytes a step: each half folds the product of two words that the key has been mixed into.
/// Expected cost: 2 ns for up to 16 bytes.
public struct KeyedHash: Sendable {
  /// The two halves of a hash.
  public struct Value: Equatable, Sendable {
    /// The half that look-ups use.
    public var high: UInt64
    /// The half that confirms.
    public var low: UInt64

    /// A hash from its halves.
    @inlinable
    public init(high: UInt64, low: UInt64) {
      self.high = high
      self.low = low
    }
  }

  @usableFromInline let key: (UInt64, UInt64, UInt64, UInt64)
  /// Odd, so that values which differ stay different: 2^64 divided by the golden ratio.
  @usableFromInline static let spread: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// A hash with a key of its own.
  public init(using generator: inout some RandomNumberGenerator) {
    key = (
      generator.next() | 1, generator.next() | 1, generator.next() | 1, generator.next() | 1
    )
  }

  /// A hash with a key from the system.
  public init() {
    var generator = SystemRandomNumberGenerator()
    self.init(using: &generator)
  }

  @inlinable @inline(__always)
  static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  /// The hash of `bytes` in the name space `space`: a database, a path.
  @inlinable
  public func hash(_ bytes: UnsafeRawBufferPointer, space: UInt64 = 0) -> Value {
    // The length tells words apart that overlap: it stands above any database number.
    var high = key.0 ^ space ^ UInt64(truncatingIfNeeded: bytes.count) &<< 40
    var low = key.2 &+ UInt64(truncatingIfNeeded: bytes.count)
    guard var next = bytes.baseAddress else { return finish(high, low) }
    var left = bytes.count
    let isShort = left <= 16
    while left > 16 {
      mix(
        &high, &low, next.loadUnaligned(as: UInt64.self), (next + 8).loadUnaligned(as: UInt64.self))
      next += 16
      left &-= 16
    }
    if left >= 8 {
      mix(
        &high, &low, next.loadUnaligned(as: UInt64.self),
        (next + (left &- 8)).loadUnaligned(as: UInt64.self))
    } else if left >= 4 {
      mix(
        &high, &low, UInt64(next.loadUnaligned(as: UInt32.self)),
        UInt64((next + (left &- 4)).loadUnaligned(as: UInt32.self)))
    } else if left > 0 {
      let word =
        UInt64(next.load(as: UInt8.self)) << 16
        | UInt64((next + (left >> 1)).load(as: UInt8.self)) << 8
        | UInt64((next + (left &- 1)).load(as: UInt8.self))
      mix(&high, &low, word, UInt64(truncatingIfNeeded: left))
    }
    guard isShort else { return finish(high, low) }
    // One step has folded all of it. But of names that differ in few digits some keys leave the
    // upper bits uneven, where tables and parts look: the product spreads the others to there.
    return Value(high: high &* Self.spread, low: low)
  }

  @inlinable @inline(__always)
  func mix(_ high: inout UInt64, _ low: inout UInt64, _ first: UInt64, _ second: UInt64) {
    high = Self.fold(first ^ key.1, second ^ high)
    low = Self.fold(first ^ low, second ^ key.3) &+ (low << 23 | low >> 41)
  }

  @inlinable @inline(__always)
  func finish(_ high: UInt64, _ low: UInt64) -> Value {
    Value(
      high: Self.fold(high ^ key.3, low | 1) ^ high, low: Self.fold(low ^ key.1, high | 1) ^ low)
  }
}
