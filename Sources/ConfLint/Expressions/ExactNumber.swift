/// A rational number of 128-bit integers: sums, products and quotients are exact, or nil where they
/// do not fit.
struct ExactNumber: Hashable, Sendable {
  /// Has no factor in common with the denominator.
  let numerator: Int128
  /// Above 0.
  let denominator: Int128

  static let zero = ExactNumber(0)

  /// A whole number.
  init(_ value: some BinaryInteger) {
    numerator = Int128(truncatingIfNeeded: value)
    denominator = 1
  }

  /// A quotient; nil if `denominator` is 0 or the sign cannot be moved.
  init?(_ numerator: Int128, over denominator: Int128) {
    guard denominator != 0, numerator != .min, denominator != .min else { return nil }
    let divisor = ExactNumber.greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
    let sign: Int128 = denominator < 0 ? -1 : 1
    self.numerator = sign * numerator / Int128(divisor)
    self.denominator = sign * denominator / Int128(divisor)
  }

  /// Reads `12` or `0.75`: digits, and for a fraction a point with digits on both sides. The whole
  /// part must fit 64 bits, the fraction has at most 18 digits.
  init?(decimal text: some Collection<UInt8>) {
    var whole: Int128 = 0
    var scale: Int128 = 1
    var digitCount = 0
    var isFraction = false
    for byte in text {
      if byte == UInt8(ascii: "."), !isFraction, digitCount > 0 {
        isFraction = true
        digitCount = 0
        continue
      }
      guard (48...57).contains(byte) else { return nil }
      digitCount += 1
      whole = whole * 10 + Int128(byte - 48)
      if isFraction { scale *= 10 }
      if isFraction ? digitCount > 18 : whole > Int128(UInt64.max) { return nil }
    }
    guard digitCount > 0 else { return nil }
    self.init(whole, over: scale)
  }

  private static func greatestCommonDivisor(_ first: UInt128, _ second: UInt128) -> UInt128 {
    var (a, b) = (first, second)
    while b != 0 { (a, b) = (b, a % b) }
    return a == 0 ? 1 : a
  }

  /// The whole number that it is; nil for a fraction.
  var whole: Int128? { denominator == 1 ? numerator : nil }

  func adding(_ other: ExactNumber) -> ExactNumber? {
    if denominator == 1, other.denominator == 1 {
      let (sum, overflow) = numerator.addingReportingOverflow(other.numerator)
      return overflow ? nil : ExactNumber(sum)
    }
    let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator)
    let (sum, third) = left.addingReportingOverflow(right)
    let (scale, fourth) = denominator.multipliedReportingOverflow(by: other.denominator)
    return first || second || third || fourth ? nil : ExactNumber(sum, over: scale)
  }

  func subtracting(_ other: ExactNumber) -> ExactNumber? {
    ExactNumber(-1).multiplied(by: other).flatMap { adding($0) }
  }

  func multiplied(by other: ExactNumber) -> ExactNumber? {
    let (top, first) = numerator.multipliedReportingOverflow(by: other.numerator)
    let (bottom, second) = denominator.multipliedReportingOverflow(by: other.denominator)
    if first || second { return nil }
    return bottom == 1 ? ExactNumber(top) : ExactNumber(top, over: bottom)
  }

  func divided(by other: ExactNumber) -> ExactNumber? {
    guard other.numerator != 0 else { return nil }
    let (top, first) = numerator.multipliedReportingOverflow(by: other.denominator)
    let (bottom, second) = denominator.multipliedReportingOverflow(by: other.numerator)
    return first || second ? nil : ExactNumber(top, over: bottom)
  }

  /// The largest whole number that is not above it.
  var floor: ExactNumber {
    let quotient = numerator / denominator
    return ExactNumber(
      numerator < 0 && quotient * denominator != numerator ? quotient - 1 : quotient)
  }

  /// The smallest whole number that is not below it.
  var ceiling: ExactNumber {
    let quotient = numerator / denominator
    return ExactNumber(
      numerator > 0 && quotient * denominator != numerator ? quotient + 1 : quotient)
  }

  /// Its distance from 0.
  var magnitude: ExactNumber {
    numerator < 0 ? ExactNumber(-1).multiplied(by: self) ?? self : self
  }
}

extension ExactNumber: Comparable, CustomStringConvertible {
  static func < (left: ExactNumber, right: ExactNumber) -> Bool {
    if left.denominator == right.denominator { return left.numerator < right.numerator }
    let first = left.numerator.multipliedFullWidth(by: right.denominator)
    let second = right.numerator.multipliedFullWidth(by: left.denominator)
    return first.high != second.high ? first.high < second.high : first.low < second.low
  }

  /// Digits; a fraction that does not end is rounded down to three places.
  var description: String {
    if denominator == 1 { return String(numerator) }
    let sign = numerator < 0 ? "-" : ""
    let (quotient, remainder) = numerator.magnitude.quotientAndRemainder(
      dividingBy: denominator.magnitude)
    var digits = ""
    var rest = remainder
    while rest != 0, digits.utf8.count < 3 {
      let (product, overflow) = rest.multipliedReportingOverflow(by: 10)
      if overflow { break }
      digits += String(product / denominator.magnitude)
      rest = product % denominator.magnitude
    }
    while digits.hasSuffix("0") { digits.removeLast() }
    return digits.isEmpty ? "\(sign)\(quotient)" : "\(sign)\(quotient).\(digits)"
  }
}
