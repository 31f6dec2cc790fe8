/// Reads numbers with units from text.
enum QuantityParser {
  /// Which units are read.
  enum Units {
    /// Those of redis.conf and of time, as in expressions and shorthands.
    case expression
    /// Also those of the operating system, `8GiB`, as in parameters and facts.
    case outside
  }

  /// A number and what it counts.
  struct Quantity: Equatable {
    let number: ExactNumber
    let dimension: Dimension
    /// Whether the unit is one of `k m g`, which count by 1000.
    let isDecimalSize: Bool
  }

  /// What is wrong with a number.
  struct Failure: Error, Equatable {
    let message: String
  }

  private static let sizeUnits: [(String, Int)] = [
    ("b", 1), ("k", 1000), ("kb", 1 << 10), ("m", 1_000_000), ("mb", 1 << 20),
    ("g", 1_000_000_000), ("gb", 1 << 30),
  ]
  private static let outsideUnits: [(String, Int)] = [
    ("ki", 1 << 10), ("kib", 1 << 10), ("mi", 1 << 20), ("mib", 1 << 20), ("gi", 1 << 30),
    ("gib", 1 << 30), ("ti", 1 << 40), ("tib", 1 << 40), ("tb", 1 << 40),
  ]
  private static let timeUnits: [(String, Int)] = [
    ("us", 1), ("ms", 1000), ("s", 1_000_000), ("min", 60_000_000), ("h", 3_600_000_000),
    ("d", 86_400_000_000),
  ]

  /// Reads `12`, `0.6`, `8gb`, `300s`, `5%`, `0o700`, and with outside units `10mb/s`.
  static func parse(_ text: String, units: Units) throws(Failure) -> Quantity {
    let bytes = Array(text.utf8)
    if text.hasPrefix("0o") { return try octal(text) }
    let end = bytes.firstIndex { !(48...57).contains($0) && $0 != UInt8(ascii: ".") } ?? bytes.count
    let unit = String(decoding: bytes[end...], as: UTF8.self)
    let digits = bytes[..<end]
    guard !unit.contains("_"), let number = ExactNumber(decimal: digits) else {
      throw Failure(message: advice(text))
    }
    if digits.count > 1, digits[0] == 48, !digits.contains(UInt8(ascii: ".")) {
      throw Failure(
        message: "'\(text)' has a leading 0: write the number without it, or 0o for octal")
    }
    guard let (factor, dimension, isDecimal) = meaning(of: unit, units: units),
      let product = number.multiplied(by: ExactNumber(factor))
    else { throw Failure(message: advice(text)) }
    return Quantity(number: product, dimension: dimension, isDecimalSize: isDecimal)
  }

  private static func meaning(of unit: String, units: Units) -> (Int, Dimension, Bool)? {
    if unit.isEmpty { return (1, .number, false) }
    if unit == "%" { return (1, .percent, false) }
    if let time = timeUnits.first(where: { $0.0 == unit }) { return (time.1, .duration, false) }
    let size = unit.lowercased()
    if units == .outside, size.hasSuffix("/s"),
      let (factor, dimension, isDecimal) = meaning(of: String(size.dropLast(2)), units: units),
      dimension == .bytes
    {
      return (factor, .rate, isDecimal)
    }
    if let size = sizeUnits.first(where: { $0.0 == size }) {
      return (size.1, .bytes, ["k", "m", "g"].contains(size.0))
    }
    if units == .outside, let size = outsideUnits.first(where: { $0.0 == size }) {
      return (size.1, .bytes, false)
    }
    return nil
  }

  private static func octal(_ text: String) throws(Failure) -> Quantity {
    guard let value = UInt32(text.dropFirst(2), radix: 8), text.utf8.count > 2,
      text.dropFirst(2).utf8.allSatisfy({ (48...55).contains($0) })
    else { throw Failure(message: "'\(text)' is no octal number such as 0o700") }
    return Quantity(number: ExactNumber(value), dimension: .number, isDecimalSize: false)
  }

  private static func advice(_ text: String) -> String {
    let form = "digits and a unit: b k kb m mb g gb, us ms s min h d, or %"
    if text.hasPrefix("0x") || text.hasPrefix("0X") {
      return "'\(text)' is hexadecimal; write decimal digits"
    }
    if text.contains("_") { return "'\(text)' has an underscore; write digits only" }
    if text.contains(",") { return "'\(text)' has a comma; fractions have a point" }
    if text.contains(":") { return "'\(text)' is no number; write a duration as 300s or 5min" }
    if text.hasPrefix(".") || text.contains(where: \.isNumber) && text.hasSuffix(".") {
      return "'\(text)' needs a digit on both sides of the point"
    }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    if digits.utf8.count == text.utf8.count, digits.utf8.count > 19 {
      return "'\(text)' is above 18446744073709551615, the largest number that is read"
    }
    return "'\(text)' is no number with a unit; expected \(form)"
  }
}
