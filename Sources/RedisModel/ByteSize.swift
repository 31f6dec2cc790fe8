/// Sizes as people write them: `512`, `64kb`, `1g`, `10MiB`.
public enum ByteSize {
  static let form = "a size such as 512, 64kb (1024-based), 1k (1000-based) or 10MiB"

  /// Reads a size, in bytes: `k m g` count by 1000, `kb mb gb` as in redis.conf and `Ki Mi Gi KiB
  /// MiB GiB` by 1024; letters in any case.
  ///
  /// - Throws: for any other form, and for a size of 2^63 or more.
  public static func parse(_ text: String) throws(TextInputError) -> Int {
    guard let (number, unit) = splitUnit(text) else {
      throw TextInputError(found: text, expected: form)
    }
    let factor: Int
    switch unit.lowercased() {
    case "", "b": factor = 1
    case "k": factor = 1000
    case "m": factor = 1_000_000
    case "g": factor = 1_000_000_000
    case "kb", "ki", "kib": factor = 1 << 10
    case "mb", "mi", "mib": factor = 1 << 20
    case "gb", "gi", "gib": factor = 1 << 30
    default: throw TextInputError(found: text, expected: form)
    }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
    guard !overflow else {
      throw TextInputError(found: text, expected: form, reason: "too large")
    }
    return bytes
  }

  /// Digits, and what follows them; `nil` without digits or if these pass `Int`.
  static func splitUnit(_ text: String) -> (number: Int, unit: Substring)? {
    let digits = text.utf8.prefix { (48...57).contains($0) }
    guard let number = Int(Substring(digits)) else { return nil }
    return (number, text[digits.endIndex...])
  }
}
