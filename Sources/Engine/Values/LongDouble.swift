#if arch(x86_64) && !os(Windows) && !os(Android)
  /// C's `long double`, in which INCRBYFLOAT adds.
  typealias LongDouble = Float80
#else
  /// The widest type at hand: sums can differ from a server's in the last digits.
  typealias LongDouble = Double
#endif

/// The numbers of INCRBYFLOAT and HINCRBYFLOAT.
enum LongDoubleText {
  /// The servers' room for such a text.
  private static let byteCountMax = 5 * 1024
  private static let fractionDigits = 17

  /// The number that the whole text states; `nil` where it is none.
  static func parse(_ text: Bytes) -> LongDouble? {
    guard (1..<byteCountMax).contains(text.count), let first = text.first,
      first != 0x20, !(0x09...0x0d).contains(first), !text.contains(0)
    else { return nil }
    guard let value = LongDouble(String(decoding: text, as: UTF8.self)), !value.isNaN else {
      return nil
    }
    return isOutOfRange(value, text) ? nil : value
  }

  /// Whether the text states a number that is too large or too small for the type.
  private static func isOutOfRange(_ value: LongDouble, _ text: Bytes) -> Bool {
    let sign: [UInt8] = [UInt8(ascii: "-"), UInt8(ascii: "+")]
    let first = text.first { !sign.contains($0) } ?? 0
    if value.isInfinite { return first | 0x20 != UInt8(ascii: "i") }
    guard value == 0 else { return false }
    for byte in text {
      // Behind these stands the exponent.
      if byte | 0x20 == UInt8(ascii: "e") || byte | 0x20 == UInt8(ascii: "p") { return false }
      if byte &- 0x31 < 9 { return true }
    }
    return false
  }

  /// The text that `%.17Lf` gives, without zeros at the end of the fraction; `nil` for what is
  /// no finite number.
  static func text(_ value: LongDouble) -> [UInt8]? {
    guard value.isFinite else { return nil }
    let magnitude = value.magnitude
    let whole = magnitude.rounded(.towardZero)
    var integer = decimal(whole)
    // At most 64 bits of fraction and 57 of 10^17: the product is exact.
    let fraction = magnitude - whole
    var scaled = scaledFraction(fraction)
    if scaled == ten17 {
      scaled = 0
      integer = decimal(whole + 1)
    }
    var digits = String(scaled)
    digits = String(repeating: "0", count: fractionDigits - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    var text = digits.isEmpty ? integer : integer + "." + digits
    if value < 0, text != "0" { text = "-" + text }
    return Array(text.utf8)
  }

  private static let ten17: UInt64 = 100_000_000_000_000_000

  /// `fraction` × 10^17, rounded to nearest, ties to even.
  private static func scaledFraction(_ fraction: LongDouble) -> UInt64 {
    guard fraction > 0 else { return 0 }
    let bits = LongDouble.significandBitCount
    // fraction = significand · 2^-shift, with an integer significand.
    let significand = UInt64(
      fraction.significand * LongDouble(sign: .plus, exponent: bits, significand: 1))
    let shift = bits - Int(fraction.exponent)
    guard shift < 128 else { return 0 }
    let product = UInt128(significand) * UInt128(ten17)
    let quotient = product >> UInt128(shift)
    let rest = product - quotient << UInt128(shift)
    let half = UInt128(1) << UInt128(shift - 1)
    let roundsUp = rest > half || rest == half && quotient & 1 == 1
    return UInt64(quotient) + (roundsUp ? 1 : 0)
  }

  /// The digits of a whole number.
  private static func decimal(_ whole: LongDouble) -> String {
    if whole < 0x1p63 { return String(UInt64(whole)) }
    var groups: [UInt64] = []
    var rest = whole
    // Dividing by 10 exactly needs all bits: they are kept in 32-bit words, most significant first.
    var words: [UInt64] = []
    var exponent = Int(rest.exponent) / 32 * 32
    while exponent >= 0 {
      let unit = LongDouble(sign: .plus, exponent: LongDouble.Exponent(exponent), significand: 1)
      let word = (rest / unit).rounded(.towardZero)
      words.append(UInt64(word))
      rest -= word * unit
      exponent -= 32
    }
    let base: UInt64 = 1_000_000_000
    while words.contains(where: { $0 != 0 }) {
      var carry: UInt64 = 0
      for index in words.indices {
        let value = carry << 32 | words[index]
        words[index] = value / base
        carry = value % base
      }
      groups.append(carry)
    }
    var text = String(groups.last ?? 0)
    for group in groups.dropLast().reversed() {
      let digits = String(group)
      text += String(repeating: "0", count: 9 - digits.count) + digits
    }
    return text
  }
}
