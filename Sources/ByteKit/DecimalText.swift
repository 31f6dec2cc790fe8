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
    writeDigits(value, count: count, to: target)
    return count
  }

  /// Writes the `count` decimal digits of `value` at `target`.
  @usableFromInline @inline(__always)
  static func writeDigits(_ value: UInt64, count: Int, to target: UnsafeMutableRawPointer) {
    var rest = value
    var position = count
    while position >= 2 {
      let quotient = rest / 100
      position &-= 2
      // Two digits at once: n * 103 / 1024 is n / 10 for all n < 179.
      let pair = UInt16(truncatingIfNeeded: rest &- quotient &* 100)
      let tens = (pair &* 103) &>> 10
      let digits = 0x3030 &+ (tens | (pair &- tens &* 10) &<< 8)
      target.storeBytes(of: digits.littleEndian, toByteOffset: position, as: UInt16.self)
      rest = quotient
    }
    guard position == 1 else { return }
    target.storeBytes(of: UInt8(truncatingIfNeeded: 48 &+ rest), as: UInt8.self)
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
