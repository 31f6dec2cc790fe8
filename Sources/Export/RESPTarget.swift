import RDB

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
  /// `HPEXPIREAT`: Redis 7.4, Valkey 9.0.
  public let hasFieldExpiry: Bool
  /// `XCFGSET`, `XIDMPRECORD`: Redis 8.6.
  public let hasIDMP: Bool
  /// The module `vectorset` is built in: Redis 8.0, and no Valkey.
  public let hasVectorSets: Bool
  /// The RDB version that the server writes, and the newest that its `RESTORE` takes.
  public let rdbVersion: Int
  /// Redis or Valkey.
  public let family: RDBFamily

  /// The target `redis:major.minor` or `valkey:major.minor`.
  public init(family: RDBFamily, major: Int, minor: Int) {
    func since(_ wantedMajor: Int, _ wantedMinor: Int) -> Bool {
      (major, minor) >= (wantedMajor, wantedMinor)
    }
    let isRedis = family == .redis
    self.family = family
    hasVariadicPushes = since(2, 4)
    hasMilliseconds = since(2, 6)
    hasVariadicHSET = since(4, 0)
    hasStreams = since(5, 0)
    hasSetPXAT = since(6, 2)
    hasFunctions = since(7, 0)
    hasFieldExpiry = isRedis ? since(7, 4) : since(9, 0)
    hasIDMP = isRedis && since(8, 6)
    hasVectorSets = isRedis && since(8, 0)
    let versions: [(major: Int, minor: Int, rdb: Int)] =
      isRedis
      ? [
        (8, 10, 15), (8, 8, 14), (8, 6, 13), (7, 4, 12), (7, 2, 11), (7, 0, 10), (5, 0, 9),
        (4, 0, 8), (3, 2, 7), (2, 6, 6),
      ]
      : [(9, 2, 81), (9, 0, 80)]
    rdbVersion =
      versions.first { since($0.major, $0.minor) }?.rdb ?? (isRedis ? 2 : 11)
  }

  /// The RDB version for the footer of a payload that carries a value of `type` to this target.
  ///
  /// Source: types.json of the fact sheet. Types 6, 22, 23 of Redis are those of candidates, 30 and
  /// 32 refer to templates beside the value: none of them travels in a payload.
  ///
  /// - Returns: `nil` where the target does not restore the type.
  public func payloadVersion(for type: RDBType) -> Int? {
    guard hasMilliseconds else { return nil }
    let needed: Int
    switch (type.byte, type.family) {
    case (0...4, _), (9...13, _): needed = 6
    case (14, _): needed = 7
    case (5, _), (7, _): needed = 8
    case (15, _): needed = 9
    case (16...19, _): needed = 10
    case (20...21, _): needed = 11
    case (22, .valkey): return family == .valkey && rdbVersion >= 80 ? 80 : nil
    case (23, .valkey): return family == .valkey && rdbVersion >= 81 ? 81 : nil
    case (24...25, .redis): needed = 12
    case (26, .redis): needed = 13
    case (27...28, .redis): needed = 14
    case (29, .redis), (31, .redis): needed = 15
    default: return nil
    }
    // A Valkey takes what both families have under the last version that they shared.
    let newest = family == .redis ? rdbVersion : min(rdbVersion, 11)
    return needed <= newest ? newest : nil
  }
}
