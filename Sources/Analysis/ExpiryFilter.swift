import RDB

/// Which keys pass by their expiry: `--ttl none|any|expired|<DURATION|>DURATION`.
public enum ExpiryFilter: Equatable, Sendable {
  /// Keys that never expire.
  case none
  /// Keys that have an expiry, past or future.
  case any
  /// Keys whose expiry is past.
  case expired
  /// Keys that expire within so many milliseconds from now; not those that have.
  case within(Int64)
  /// Keys that expire later than so many milliseconds from now.
  case after(Int64)

  /// Whether a key with the expiry `expireAtMs` passes when the clock reads `nowMs`.
  public func accepts(_ expireAtMs: Int64?, nowMs: Int64) -> Bool {
    guard let expireAtMs else { return self == .none }
    switch self {
    case .none: return false
    case .any: return true
    case .expired: return expireAtMs < nowMs
    case .within(let span):
      return expireAtMs >= nowMs && Self.left(expireAtMs, nowMs) < span
    case .after(let span): return expireAtMs >= nowMs && Self.left(expireAtMs, nowMs) > span
    }
  }

  /// The milliseconds left, as far as 64 bits can say.
  private static func left(_ expireAtMs: Int64, _ nowMs: Int64) -> Int64 {
    let (left, overflow) = expireAtMs.subtractingReportingOverflow(nowMs)
    return overflow ? (expireAtMs < 0 ? .min : .max) : left
  }
}
