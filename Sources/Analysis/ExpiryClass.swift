/// How long keys still have to live, in steps.
public enum ExpiryClass: Int, CaseIterable, Sendable {
  /// No expiry.
  case none
  /// The expiry is past.
  case expired
  /// Less than an hour.
  case hour
  /// Less than a day.
  case day
  /// Less than 7 days.
  case week
  /// Less than 30 days.
  case month
  /// Longer.
  case later

  /// The name in reports.
  public var name: String {
    switch self {
    case .none: "none"
    case .expired: "expired"
    case .hour: "<1h"
    case .day: "<1d"
    case .week: "<7d"
    case .month: "<30d"
    case .later: ">=30d"
    }
  }

  /// Milliseconds in an hour.
  private static let hourMs: Int64 = 3_600_000

  /// The class of a key, `nowMs` being the clock, Unix milliseconds.
  @inline(__always)
  init(_ expireAtMs: Int64?, nowMs: Int64) {
    guard let expireAtMs else {
      self = .none
      return
    }
    guard expireAtMs >= nowMs else {
      self = .expired
      return
    }
    let (left, overflow) = expireAtMs.subtractingReportingOverflow(nowMs)
    if overflow || left >= 30 * 24 * Self.hourMs {
      self = .later
    } else if left < Self.hourMs {
      self = .hour
    } else if left < 24 * Self.hourMs {
      self = .day
    } else {
      self = left < 7 * 24 * Self.hourMs ? .week : .month
    }
  }
}
