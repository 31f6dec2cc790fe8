import RedisModel

/// Which commands a server takes, as far as rebuilding data needs to know.
struct CommandDialect {
  /// The server.
  let target: ServerVersion
  /// RPUSH, SADD and ZADD take several elements: Redis 2.4.
  let hasVariadicPushes: Bool
  /// PEXPIREAT and RESTORE: Redis 2.6.
  let hasMilliseconds: Bool
  /// Streams, and RESTORE with ABSTTL: Redis 5.0.
  let hasStreams: Bool
  /// XGROUP CREATECONSUMER: Redis 6.2.
  let createsConsumers: Bool
  /// FUNCTION LOAD, and options that state what a stream says of itself: Redis 7.0.
  let hasFunctions: Bool
  /// Scores are written as whole numbers or by fpconv: Redis 7.2; before by `%.17g`.
  let printsShortest: Bool
  /// XCFGSET and XIDMPRECORD: Redis 8.6.
  let hasProducers: Bool
  /// How fields get their expiries.
  let fieldExpiry: FieldExpiry

  /// How fields of a hash get their expiries.
  enum FieldExpiry {
    /// Not at all.
    case unknown
    /// HPEXPIREAT: Redis 7.4.
    case afterwards
    /// HSETEX: Valkey 9.0.
    case atOnce
  }

  /// The commands of `target`.
  init(_ target: ServerVersion) {
    func since(_ major: Int, _ minor: Int) -> Bool {
      // Valkey begins where Redis 7.2 was.
      target.product == .valkey || target.isAtLeast(.redis, major, minor)
    }
    self.target = target
    hasVariadicPushes = since(2, 4)
    hasMilliseconds = since(2, 6)
    hasStreams = since(5, 0)
    createsConsumers = since(6, 2)
    hasFunctions = since(7, 0)
    printsShortest = since(7, 2)
    hasProducers = target.isAtLeast(.redis, 8, 6)
    fieldExpiry =
      target.isAtLeast(.valkey, 9, 0)
      ? .atOnce : target.isAtLeast(.redis, 7, 4) ? .afterwards : .unknown
  }
}
