import RDB
import RedisModel

/// What the server that will take the commands understands.
public struct RESPTarget: Sendable {
  /// `RPUSH`, `SADD`, `ZADD` take several elements: Redis 2.4.
  public let hasVariadicPushes: Bool
  /// `PEXPIREAT`, `RESTORE`, `SCRIPT LOAD`: Redis 2.6.
  public let hasMilliseconds: Bool
  /// `HSET` takes several fields, `HMSET` before that: Redis 4.0.
  public let hasVariadicHSET: Bool
  /// Streams, and `RESTORE … ABSTTL`: Redis 5.0.
  public let hasStreams: Bool
  /// `SET … PXAT` and `XGROUP CREATECONSUMER`: Redis 6.2.
  public let hasSetPXAT: Bool
  /// `XSETID … ENTRIESADDED`, `XGROUP CREATE … ENTRIESREAD`, `FUNCTION LOAD`: Redis 7.0.
  public let hasFunctions: Bool
  /// `ZADD` into a compact sorted set makes 0 of the score −0: Redis 7.0.
  public let losesNegativeZero: Bool
  /// `HPEXPIREAT`: Redis 7.4, Valkey 9.0.
  public let hasFieldExpiry: Bool
  /// `XCFGSET`, `XIDMPRECORD`: Redis 8.6.
  public let hasIDMP: Bool
  /// The module `vectorset` is built in: Redis 8.0, and no Valkey.
  public let hasVectorSets: Bool

  private let family: RDBFamily
  private let rules: LoadRules

  /// The target `version`.
  public init(_ version: ServerVersion) {
    func since(redis major: Int, _ minor: Int, valkey valkeyMajor: Int? = nil) -> Bool {
      if version.isAtLeast(.redis, major, minor) { return true }
      // Valkey begins where Redis 7.2 was.
      guard let valkeyMajor else { return (major, minor) <= (7, 2) && version.product == .valkey }
      return version.isAtLeast(.valkey, valkeyMajor, 0)
    }
    family = version.product == .redis ? .redis : .valkey
    rules = LoadRules.of(version)
    hasVariadicPushes = since(redis: 2, 4)
    hasMilliseconds = since(redis: 2, 6)
    hasVariadicHSET = since(redis: 4, 0)
    hasStreams = since(redis: 5, 0)
    hasSetPXAT = since(redis: 6, 2)
    hasFunctions = since(redis: 7, 0)
    losesNegativeZero = since(redis: 7, 0)
    hasFieldExpiry = since(redis: 7, 4, valkey: 9)
    hasIDMP = version.isAtLeast(.redis, 8, 6)
    hasVectorSets = rules.builtinModules.contains { $0.name == "vectorset" }
  }

  /// The RDB version for the footer of a payload that carries a value of `type` to this target.
  ///
  /// - Returns: `nil` where the target does not restore the type.
  public func payloadVersion(for type: RDBType) -> Int? {
    // Up to type 21 both families mean the same, under the last version that they shared. The
    // length of a type 6 body cannot be known.
    let isShared = type.byte <= 21
    guard hasMilliseconds, type.byte != 6, rules.types.contains(type.byte),
      isShared || type.family == family
    else { return nil }
    let magic: ServerVersion.Product = isShared || family == .redis ? .redis : .valkey
    return rules.accepts.last { $0.magic == magic }?.versions.upperBound
  }
}
