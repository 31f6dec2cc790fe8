import ByteKit

/// The time of day.
enum Clock {
  /// Unix milliseconds.
  static var nowMs: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Seconds since some moment that stays the same, for measuring.
  static var monotonicSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The last second of the year 9999, as far as RFC 3339 goes.
  private static let secondsMax: Int64 = 253_402_300_799

  /// `2026-11-21T12:54:57Z`; `nil` before 1970 and after 9999.
  ///
  /// - Parameter seconds: Unix seconds.
  static func rfc3339(_ seconds: Int64) -> String? {
    guard (0...secondsMax).contains(seconds) else { return nil }
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return
      "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
