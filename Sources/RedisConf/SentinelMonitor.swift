/// A primary that a Sentinel watches, as its lines leave it.
public struct SentinelMonitor: Sendable, Hashable {
  /// The name.
  public let name: String
  /// The host as it is written.
  public let host: String
  /// The port.
  public let port: Int
  /// How many Sentinels must agree that the primary is down.
  public let quorum: Int
  /// Milliseconds without an answer after which it counts as down.
  public internal(set) var downAfterMilliseconds: Int64 = 30_000
  /// Milliseconds that a failover may take.
  public internal(set) var failoverTimeout: Int64 = 180_000
  /// How many replicas follow a new primary at once.
  public internal(set) var parallelSyncs: Int64 = 1
  /// Whether a password is set.
  public internal(set) var hasPassword = false
  /// The user to log in as; empty for the default one.
  public internal(set) var user = ""
  /// Commands with other names on the primary, in lower case, and these names.
  public internal(set) var renames: [String: String] = [:]
  /// The `monitor` line.
  public let origin: ConfSetting.Origin
}
