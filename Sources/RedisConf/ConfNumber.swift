/// Numbers as the servers read them from a configuration.
public enum ConfNumber {
  /// A whole number of 64 bits without sign `+`, blanks or leading zeros.
  public static func integer(_ text: some StringProtocol) -> Int64? {
    let bytes = text.utf8
    let digits = bytes.first == UInt8(ascii: "-") ? bytes.dropFirst() : bytes[...]
    guard let first = digits.first, bytes.count <= 20, digits.allSatisfy(isDigit),
      first != UInt8(ascii: "0") || bytes.count == 1
    else { return nil }
    return Int64(text)
  }

  /// A size; an empty text is 0, and what does not fit into 64 bits is the largest number.
  ///
  /// - Parameter clamps: false to refuse what does not fit.
  public static func bytes(_ text: String, clamps: Bool = true) -> Int128? {
    guard let (digits, factor) = parts(of: text), !text.hasPrefix("-") else { return nil }
    let (number, isClamped) = unsigned(digits)
    if !clamps, isClamped || number.multipliedReportingOverflow(by: factor).overflow { return nil }
    return Int128(number &* factor)
  }

  /// A size as servers before 7.0 read it: signed, and wrapping around where it is too large.
  ///
  /// - Returns: nil for what is no size; the servers before 6.0 take 0 then.
  static func signedBytes(_ text: String) -> Int64? {
    guard let (digits, factor) = parts(of: text), digits != "-" else { return nil }
    return leadingInteger(digits) &* Int64(bitPattern: factor)
  }

  /// The C function `strtoll`: blanks, a sign and digits, whatever follows; clamped.
  static func leadingInteger(_ text: some StringProtocol) -> Int64 { scanned(text).value }

  /// The C function `atoi`: the lower half of `strtol`.
  static func leadingInt32(_ text: some StringProtocol) -> Int32 {
    Int32(truncatingIfNeeded: leadingInteger(text))
  }

  /// Like `leadingInteger`, but nil when something follows the digits.
  static func wholeInteger(_ text: some StringProtocol) -> Int64? {
    let (value, isWhole) = scanned(text)
    return isWhole ? value : nil
  }

  private static func scanned(_ text: some StringProtocol) -> (value: Int64, isWhole: Bool) {
    var rest = text.utf8.drop { isSpace($0) }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let digits = rest.prefix(while: isDigit)
    // Without a digit nothing is read at all, and the whole text is left.
    guard !digits.isEmpty else { return (0, text.isEmpty) }
    var value: Int64 = 0
    for digit in digits {
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let figure = Int64(digit - 0x30)
      let (sum, carries) = tens.addingReportingOverflow(isNegative ? -figure : figure)
      if overflow || carries {
        value = isNegative ? .min : .max
        break
      }
      value = sum
    }
    return (value, digits.endIndex == text.utf8.endIndex)
  }

  /// A number to the base 8 of 64 bits; nil when something follows the digits.
  static func octal(_ text: String) -> (value: Int64, isWhole: Bool) {
    var rest = text.utf8.drop { isSpace($0) }
    let isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
    let digits = rest.prefix { (0x30...0x37).contains($0) }
    guard !digits.isEmpty else { return (0, text.isEmpty) }
    var value: Int64 = 0
    for digit in digits {
      let (eights, overflow) = value.multipliedReportingOverflow(by: 8)
      if overflow {
        value = .max
        break
      }
      value = eights + Int64(digit - 0x30)
    }
    return (isNegative ? -value : value, digits.endIndex == text.utf8.endIndex)
  }

  private static let factors: [String: UInt64] = [
    "": 1, "b": 1, "k": 1000, "kb": 1024, "m": 1_000_000, "mb": 1 << 20, "g": 1_000_000_000,
    "gb": 1 << 30,
  ]
  /// What the servers' buffer holds.
  private static let digitCountMax = 127

  private static func parts(of text: String) -> (digits: Substring, factor: UInt64)? {
    let bytes = text.utf8
    let sign = bytes.first == UInt8(ascii: "-") ? bytes.index(after: bytes.startIndex) : nil
    let end = bytes[(sign ?? bytes.startIndex)...].firstIndex { !isDigit($0) } ?? bytes.endIndex
    guard let factor = factors[text[end...].lowercased()],
      bytes.distance(from: bytes.startIndex, to: end) <= digitCountMax
    else { return nil }
    return (text[..<end], factor)
  }

  private static func unsigned(_ digits: Substring) -> (value: UInt64, isClamped: Bool) {
    if digits.isEmpty { return (0, false) }
    return UInt64(digits).map { ($0, false) } ?? (.max, true)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
