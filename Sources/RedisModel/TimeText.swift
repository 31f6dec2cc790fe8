/// Spans of time as people write them: `500ms`, `90s`, `15m`, `24h`, `7d`.
public enum DurationText {
  static let form = "a duration such as 500ms, 90s, 15m, 24h or 7d"

  /// Reads a duration, in milliseconds.
  ///
  /// - Throws: for any other form, a missing unit among them, and for one of 2^63 ms or more.
  public static func parse(_ text: String) throws(TextInputError) -> Int64 {
    guard let (number, unit) = ByteSize.splitUnit(text) else {
      throw TextInputError(found: text, expected: form)
    }
    let factor: Int64
    switch unit {
    case "ms": factor = 1
    case "s": factor = 1000
    case "m": factor = 60_000
    case "h": factor = 3_600_000
    case "d": factor = 86_400_000
    case "": throw TextInputError(found: text, expected: form, reason: "the unit is missing")
    default: throw TextInputError(found: text, expected: form)
    }
    let (milliseconds, overflow) = Int64(number).multipliedReportingOverflow(by: factor)
    guard !overflow else {
      throw TextInputError(found: text, expected: form, reason: "too long")
    }
    return milliseconds
  }
}

/// Points in time as people write them: RFC 3339, or Unix seconds or milliseconds.
public enum TimeText {
  static let form =
    "a time such as 2026-11-21T12:00:00Z, or Unix seconds or milliseconds such as 1795262400"

  /// Plain numbers from here on are milliseconds: as seconds this is the year 5138.
  static let firstMilliseconds: Int64 = 100_000_000_000

  /// Reads a time, in Unix milliseconds. A fraction is cut to milliseconds; the leap second `:60`
  /// is the second after it.
  ///
  /// - Throws: for any other form, and for dates that do not exist.
  public static func parse(_ text: String) throws(TextInputError) -> Int64 {
    if !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
      guard let number = Int64(text) else {
        throw TextInputError(found: text, expected: form, reason: "too large")
      }
      return number >= firstMilliseconds ? number : number * 1000
    }
    var fields = Fields(rest: Array(text.utf8)[...])
    guard let time = fields.time() else { throw TextInputError(found: text, expected: form) }
    return time
  }

  /// Takes an RFC 3339 time apart.
  private struct Fields {
    var rest: ArraySlice<UInt8>

    mutating func time() -> Int64? {
      guard let year = number(4), take("-"), let month = number(2, 1...12), take("-"),
        let day = number(2, 1...Fields.dayCount(year, month)), take("T") || take("t") || take(" "),
        let hour = number(2, 0...23), take(":"), let minute = number(2, 0...59), take(":"),
        let second = number(2, 0...60), let fraction = milliseconds(), let offset = offset(),
        rest.isEmpty
      else { return nil }
      let minutes = (Fields.days(year, month, day) * 24 + hour) * 60 + minute - offset
      return Int64((minutes * 60 + second) * 1000 + fraction)
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first == UInt8(ascii: character) else { return false }
      rest.removeFirst()
      return true
    }

    /// Exactly `count` digits, within `range`.
    mutating func number(_ count: Int, _ range: ClosedRange<Int> = 0...9999) -> Int? {
      let digits = rest.prefix(count)
      guard digits.count == count, digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
      rest = rest.dropFirst(count)
      let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
      return range.contains(value) ? value : nil
    }

    /// The fraction after a point, if there is one.
    mutating func milliseconds() -> Int? {
      guard take(".") else { return 0 }
      let digits = rest.prefix { (48...57).contains($0) }
      guard !digits.isEmpty else { return nil }
      rest = rest.dropFirst(digits.count)
      let padded = Array(digits.prefix(3)) + Array(repeating: 48, count: max(0, 3 - digits.count))
      return padded.reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    /// `Z`, or the minutes that the local time is ahead of UTC.
    mutating func offset() -> Int? {
      if take("Z") || take("z") { return 0 }
      let ahead = take("+")
      guard ahead || take("-"), let hour = number(2, 0...23), take(":"),
        let minute = number(2, 0...59)
      else { return nil }
      return ahead ? hour * 60 + minute : -(hour * 60 + minute)
    }

    static func dayCount(_ year: Int, _ month: Int) -> Int {
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      return switch month {
      case 2: isLeap ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    }

    /// Days since 1970-01-01, by the Gregorian calendar: years begin in March, so that the leap day
    /// is their last one.
    static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
      let marchYear = month > 2 ? year : year - 1
      let marchMonth = (month + 9) % 12
      let leapDays =
        floorDivide(marchYear, 4) - floorDivide(marchYear, 100)
        + floorDivide(marchYear, 400)
      return marchYear * 365 + leapDays + (marchMonth * 153 + 2) / 5 + day - 719_469
    }

    private static func floorDivide(_ number: Int, _ divisor: Int) -> Int {
      number >= 0 ? number / divisor : (number - divisor + 1) / divisor
    }
  }
}
