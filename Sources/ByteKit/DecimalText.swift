/// Decimal text of integers, written without `String`.
public enum DecimalText {
  /// The longest decimal text of a 64-bit integer: `-9223372036854775808` or
  /// `18446744073709551615`.
  public static let byteCountMax = 20

  /// Writes the decimal digits of `value` at `target`, which has room for `byteCountMax` bytes;
  /// what stood in that room behind the digits may be overwritten.
  ///
  /// - Returns: the number of bytes written, 1…20.
  @inlinable
  public static func write(_ value: UInt64, to target: UnsafeMutableRawPointer) -> Int {
    let count = digitCount(value)
    writeDigits(value, count: count, to: target)
    return count
  }

  /// Writes the `count` decimal digits of `value` at `target`, which has room for `byteCountMax`
  /// bytes.
  ///
  /// Eight digits at a time, all of one word at once.
  @inlinable @inline(__always)
  public static func writeDigits(
    _ value: UInt64, count: Int, to target: UnsafeMutableRawPointer
  ) {
    var front = value
    var position = count
    var behind: (UInt64, UInt64) = (0, 0)
    if count > 8 {
      behind.0 = front % 100_000_000
      front /= 100_000_000
      position &-= 8
      if count > 16 {
        behind.1 = front % 100_000_000
        front /= 100_000_000
        position &-= 8
      }
    }
    let digits = eightDigits(front) &>> UInt64(8 &* (8 &- position))
    target.storeBytes(of: digits.littleEndian, as: UInt64.self)
    guard count > 8 else { return }
    if count > 16 {
      target.storeBytes(
        of: eightDigits(behind.1).littleEndian, toByteOffset: position, as: UInt64.self)
    }
    target.storeBytes(
      of: eightDigits(behind.0).littleEndian, toByteOffset: count &- 8, as: UInt64.self)
  }

  /// The eight digits of `value`, below 10^8, as ASCII, the first in the lowest byte.
  ///
  /// The number is halved three times, with all parts of a word at once: n * 10,486 / 2^20 is
  /// n / 100 for all n < 10,000, and n * 103 / 2^10 is n / 10 for all n < 179.
  @inlinable @inline(__always)
  static func eightDigits(_ value: UInt64) -> UInt64 {
    let upper = value / 10_000
    let fours = upper | (value &- upper &* 10_000) &<< 32
    let hundreds = (fours &* 10_486) &>> 20 & 0x0000_007F_0000_007F
    let pairs = hundreds | (fours &- hundreds &* 100) &<< 16
    let tens = (pairs &* 103) &>> 10 & 0x000F_000F_000F_000F
    return (tens | (pairs &- tens &* 10) &<< 8) | 0x3030_3030_3030_3030
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
    if value < 10_000 { return fourDigitCount(value) }
    if value < 100_000_000 { return 4 &+ fourDigitCount(value / 10_000) }
    if value < 1_000_000_000_000 { return 8 &+ fourDigitCount(value / 100_000_000) }
    if value < 10_000_000_000_000_000 { return 12 &+ fourDigitCount(value / 1_000_000_000_000) }
    return 16 &+ fourDigitCount(value / 10_000_000_000_000_000)
  }

  /// The number of decimal digits of `value`, which is below 10,000.
  @inlinable @inline(__always)
  static func fourDigitCount(_ value: UInt64) -> Int {
    if value < 100 { return value < 10 ? 1 : 2 }
    return value < 1000 ? 3 : 4
  }

  /// The number of bytes of the decimal text of `value`, 1…20.
  @inlinable
  public static func byteCount(_ value: Int64) -> Int {
    digitCount(value.magnitude) &+ (value < 0 ? 1 : 0)
  }
}
