/// Decimal text of integers, written without `String`.
public enum DecimalText {
  /// The longest decimal text of a 64-bit integer: `-9223372036854775808` or
  /// `18446744073709551615`.
  public static let byteCountMax = 20

  /// Writes the decimal digits of `value` at `target`, which has room for `byteCountMax` bytes.
  ///
  /// - Returns: the number of bytes written, 1…20.
  @inlinable
  public static func write(_ value: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    let count = digitCount(value)
    var rest = value
    var position = count
    while rest >= 10 {
      let quotient = rest / 10
      position &-= 1
      target.storeBytes(
        of: UInt8(truncatingIfNeeded: 48 &+ (rest &- quotient &* 10)), toByteOffset: position,
        as: UInt8.self)
      rest = quotient
    }
    target.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest), as: UInt8.self)
    return count
  }

  /// Writes the decimal text of `value` at `target`, which has room for `byteCountMax` bytes.
  ///
  /// - Returns: the number of bytes written, 1…20.
  @inlinable
  public static func write(_ value: Int64, to target: UnsafeMutableRawPointer) -> Int {
    guard value < 0 else { return write(UInt64(bitPattern: value), to: target) }
    target.storeBytes(of: UInt8(ascii: "-"), as: UInt8.self)
    return 1 &+ write(value.magnitude, to: target + 1)
  }

  /// The number of decimal digits of `value`, 1…20.
  @inlinable
  public static func digitCount(_ value: UInt64) -> Int {
    var count = 1
    var rest = value
    while rest >= 10_000 {
      rest /= 10_000
      count &+= 4
    }
    if rest >= 1000 { return count &+ 3 }
    if rest >= 100 { return count &+ 2 }
    return rest >= 10 ? count &+ 1 : count
  }

  /// The number of bytes of the decimal text of `value`, 1…20.
  @inlinable
  public static func byteCount(_ value: Int64) -> Int {
    digitCount(value.magnitude) &+ (value < 0 ? 1 : 0)
  }
}
