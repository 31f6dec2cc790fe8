/// The text that fpconv, a C library inside the servers, makes of a double.
enum FpconvText {
  /// An integer that is a multiple of this gets an exponent: `1e+8`.
  static let trailingZerosLimit: Int64 = 100_000_000

  /// Writes the text of `value` at `target`, which has room for `ScoreText.byteCountMax` bytes, and
  /// returns the number of bytes written.
  static func write(_ value: Double, to target: UnsafeMutableRawPointer) -> Int {
    var out = Cursor(start: target)
    if value.sign == .minus { out.put(UInt8(ascii: "-")) }
    if value.isNaN {
      out.put("nan")
    } else if value.isInfinite {
      out.put("inf")
    } else if value == 0 {
      out.put(UInt8(ascii: "0"))
    } else {
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Grisu2.digitCountMax) { digits in
        let (count, exponent) = Grisu2.digits(of: value.magnitude, into: digits)
        let significant = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(digits)[..<count])
        lay(out: significant, exponent: exponent, negative: value.sign == .minus, to: &out)
      }
    }
    return out.count
  }

  /// Lays out the value `digits` × 10^`exponent`: plain while that takes fewer than eight zeros
  /// behind the digits, or six places after the point, or three zeros right after it.
  private static func lay(
    out digits: UnsafeRawBufferPointer, exponent: Int, negative: Bool, to out: inout Cursor
  ) {
    let scientific = exponent + digits.count - 1
    if exponent >= 0, scientific < digits.count + 7 {
      out.put(digits)
      out.put(zeros: exponent)
    } else if exponent < 0, exponent > -7 || abs(scientific) < 4 {
      let whole = digits.count + exponent
      if whole <= 0 {
        out.put("0.")
        out.put(zeros: -whole)
        out.put(digits)
      } else {
        out.put(UnsafeRawBufferPointer(rebasing: digits[..<whole]))
        out.put(UInt8(ascii: "."))
        out.put(UnsafeRawBufferPointer(rebasing: digits[whole...]))
      }
    } else {
      let kept = UnsafeRawBufferPointer(rebasing: digits.prefix(negative ? 17 : 18))
      out.put(kept[0])
      if kept.count > 1 {
        out.put(UInt8(ascii: "."))
        out.put(UnsafeRawBufferPointer(rebasing: kept[1...]))
      }
      out.put(UInt8(ascii: "e"))
      out.put(scientific < 0 ? UInt8(ascii: "-") : UInt8(ascii: "+"))
      out.put(small: abs(scientific))
    }
  }

  /// Where the next byte of the text goes.
  private struct Cursor {
    let start: UnsafeMutableRawPointer
    var count = 0

    mutating func put(_ byte: UInt8) {
      start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
      count &+= 1
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
      for byte in bytes { put(byte) }
    }

    mutating func put(_ literal: StaticString) {
      put(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    mutating func put(zeros count: Int) {
      for _ in 0..<count { put(UInt8(ascii: "0")) }
    }

    /// Puts the decimal text of `number`, 0…999.
    mutating func put(small number: Int) {
      if number >= 100 { put(digit: number / 100) }
      if number >= 10 { put(digit: number / 10 % 10) }
      put(digit: number % 10)
    }

    private mutating func put(digit: Int) { put(UInt8(truncatingIfNeeded: 48 &+ digit)) }
  }
}
