/// What servers before 6.0 check of a number: each directive had code of its own.
struct LegacyCheck {
  /// How the text becomes a number.
  enum Reading {
    /// `atoi`: 32 bits, garbage is 0.
    case int32
    /// `strtoll` or a size: 64 bits, garbage is 0.
    case int64, memory
  }

  let reading: Reading
  let minimum: Int64
  let maximum: Int64
  /// The message of the server.
  let message: String

  private init(
    _ reading: Reading, _ minimum: Int64, _ maximum: Int64 = .max, _ message: String
  ) {
    self.reading = reading
    self.minimum = minimum
    self.maximum = maximum
    self.message = message
  }

  /// The check of `name`; nil for a directive that takes any number.
  ///
  /// - Parameter server: 0 for Redis 2.8, 1 for 3.0, 2 for 3.2, 3 for 4.0, 4 for 5.0.
  static func check(of name: String, server: Int) -> LegacyCheck? {
    switch name {
    case "active-defrag-threshold-lower", "active-defrag-threshold-upper":
      server < 4
        ? LegacyCheck(.int32, 0, .max, "\(name) must be 0 or greater")
        : LegacyCheck(.int32, 0, 1000, "\(name) must be between 0 and 1000")
    case "maxclients": LegacyCheck(.int32, .min, .max, "Invalid max clients limit")
    default: fixed[name]
    }
  }

  private static let fixed: [String: LegacyCheck] = [
    "timeout": LegacyCheck(.int32, 0, .max, "Invalid timeout value"),
    "tcp-keepalive": LegacyCheck(.int32, 0, .max, "Invalid tcp-keepalive value"),
    "port": LegacyCheck(.int32, 0, 65535, "Invalid port"),
    "cluster-announce-port": LegacyCheck(.int32, 0, 65535, "Invalid port"),
    "cluster-announce-bus-port": LegacyCheck(.int32, 0, 65535, "Invalid port"),
    "slave-announce-port": LegacyCheck(.int32, 0, 65535, "Invalid port"),
    "replica-announce-port": LegacyCheck(.int32, 0, 65535, "Invalid port"),
    "tcp-backlog": LegacyCheck(.int32, 0, .max, "Invalid backlog value"),
    "databases": LegacyCheck(.int32, 1, .max, "Invalid number of databases"),
    "maxmemory-samples": LegacyCheck(.int32, 1, .max, "maxmemory-samples must be 1 or greater"),
    "lfu-log-factor": LegacyCheck(.int32, 0, .max, "lfu-log-factor must be 0 or greater"),
    "lfu-decay-time": LegacyCheck(.int32, 0, .max, "lfu-decay-time must be 0 or greater"),
    "repl-ping-slave-period": LegacyCheck(
      .int32, 1, .max, "repl-ping-slave-period must be 1 or greater"),
    "repl-ping-replica-period": LegacyCheck(
      .int32, 1, .max, "repl-ping-replica-period must be 1 or greater"),
    "repl-timeout": LegacyCheck(.int32, 1, .max, "repl-timeout must be 1 or greater"),
    "repl-diskless-sync-delay": LegacyCheck(
      .int32, 0, .max, "repl-diskless-sync-delay can't be negative"),
    "repl-backlog-size": LegacyCheck(
      .memory, 1, .max, "repl-backlog-size must be 1 or greater."),
    "repl-backlog-ttl": LegacyCheck(.int32, 0, .max, "repl-backlog-ttl can't be negative"),
    "auto-aof-rewrite-percentage": LegacyCheck(
      .int32, 0, .max, "Invalid negative percentage for AOF auto rewrite"),
    "latency-monitor-threshold": LegacyCheck(
      .int64, 0, .max, "The latency threshold can't be negative"),
    "min-slaves-to-write": LegacyCheck(
      .int32, 0, .max, "Invalid value for min-slaves-to-write."),
    "min-slaves-max-lag": LegacyCheck(.int32, 0, .max, "Invalid value for min-slaves-max-lag."),
    "min-replicas-to-write": LegacyCheck(
      .int32, 0, .max, "Invalid value for min-replicas-to-write."),
    "min-replicas-max-lag": LegacyCheck(
      .int32, 0, .max, "Invalid value for min-replicas-max-lag."),
    "cluster-node-timeout": LegacyCheck(
      .int64, 1, .max, "cluster node timeout must be 1 or greater"),
    "cluster-migration-barrier": LegacyCheck(
      .int32, 0, .max, "cluster migration barrier must zero or positive"),
    "cluster-slave-validity-factor": LegacyCheck(
      .int32, 0, .max, "cluster slave validity factor must be zero or positive"),
    "cluster-replica-validity-factor": LegacyCheck(
      .int32, 0, .max, "cluster replica validity factor must be zero or positive"),
    "active-defrag-ignore-bytes": LegacyCheck(
      .memory, .min, .max, "active-defrag-ignore-bytes must above 0"),
    "active-defrag-cycle-min": LegacyCheck(
      .int32, 1, 99, "active-defrag-cycle-min must be between 1 and 99"),
    "active-defrag-cycle-max": LegacyCheck(
      .int32, 1, 99, "active-defrag-cycle-max must be between 1 and 99"),
    "active-defrag-max-scan-fields": LegacyCheck(
      .int64, .min, .max, "active-defrag-max-scan-fields must be positive"),
  ]

  /// Numbers without sign, of which only 0 is too small.
  private static let refusesOnlyZero: Set<String> = [
    "maxclients", "active-defrag-ignore-bytes", "active-defrag-max-scan-fields",
  ]

  /// The number that the server takes from `text`; nil when it refuses it.
  static func number(_ text: String, of name: String, server: Int) -> Result<Int64, Refused> {
    guard let check = check(of: name, server: server) else {
      return .success(ConfNumber.leadingInteger(text))
    }
    let value: Int64 =
      switch check.reading {
      case .int32: Int64(ConfNumber.leadingInt32(text))
      case .int64: ConfNumber.leadingInteger(text)
      case .memory: size(text, server: server)
      }
    let isRight =
      refusesOnlyZero.contains(name)
      ? value != 0 : value >= check.minimum && value <= check.maximum
    return isRight ? .success(value) : .failure(Refused(message: check.message))
  }

  /// The size that the server takes from `text`: garbage is 0, on 2.8 the digits before it.
  static func size(_ text: String, server: Int) -> Int64 {
    ConfNumber.signedBytes(text) ?? (server == 0 ? ConfNumber.leadingInteger(text) : 0)
  }

  /// A number that is refused, with the server's message.
  struct Refused: Error {
    let message: String
  }
}
