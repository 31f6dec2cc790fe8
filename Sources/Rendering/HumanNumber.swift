/// Numbers as people read them.
public enum HumanNumber {
  /// Units of 1024 each, from the byte.
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// `1.4 MiB`: bytes with one decimal, rounded half up; below 1 KiB whole bytes, `512 B`.
  public static func size(_ byteCount: Int64) -> String {
    let sign = byteCount < 0 ? "-" : ""
    let magnitude = byteCount.magnitude
    guard magnitude >= 1024 else { return "\(sign)\(magnitude) B" }
    for (power, unit) in units.enumerated().dropFirst() {
      let shift = UInt64(10 * power)
      let whole = magnitude &>> shift
      let fraction = (magnitude &>> (shift - 10)) & 1023
      let tenths = whole * 10 + (fraction * 10 + 512) / 1024
      // What rounds up to 1024.0 belongs to the next unit.
      if tenths < 10_240 || power == units.count - 1 {
        return "\(sign)\(tenths / 10).\(tenths % 10) \(unit)"
      }
    }
    return "\(byteCount) B"
  }

  /// `1,234,567`.
  public static func count(_ value: some FixedWidthInteger) -> String {
    let text = String(value)
    let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
    var result = text.hasPrefix("-") ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.utf8.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return result
  }

  /// `1 key`, `1,234 keys`.
  ///
  /// - Parameters:
  ///   - singular: the noun for one, and whatever goes with it.
  ///   - plural: that for any other number; the singular and an s by default.
  public static func count(
    _ value: some FixedWidthInteger, _ singular: String, _ plural: String? = nil
  ) -> String {
    "\(count(value)) \(value == 1 ? singular : plural ?? singular + "s")"
  }

  /// `12.3%` of `whole`, rounded half up; `-` when there is no whole.
  public static func percentage(_ part: Int64, of whole: Int64) -> String {
    guard whole > 0 else { return "-" }
    let tenths = Int64((Double(part) * 1000 / Double(whole)).rounded())
    let magnitude = tenths.magnitude
    return "\(tenths < 0 ? "-" : "")\(magnitude / 10).\(magnitude % 10)%"
  }

  /// `0:07`, `12:34`, `1:02:03` or `3d 04:05:06`: a duration in seconds, not negative.
  public static func duration(seconds: Int64) -> String {
    func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let total = max(seconds, 0)
    let (minutes, rest) = total.quotientAndRemainder(dividingBy: 60)
    guard minutes >= 60 else { return "\(minutes):\(two(rest))" }
    let (hours, minute) = minutes.quotientAndRemainder(dividingBy: 60)
    guard hours >= 24 else { return "\(hours):\(two(minute)):\(two(rest))" }
    let (days, hour) = hours.quotientAndRemainder(dividingBy: 24)
    return "\(days)d \(two(hour)):\(two(minute)):\(two(rest))"
  }
}
