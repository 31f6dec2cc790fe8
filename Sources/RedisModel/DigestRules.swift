/// What differs between servers in the digest of the same data.
public struct DigestRules: Equatable, Sendable {
  /// How the scores of sorted sets are written.
  public let scoreText: ScoreText
  /// Whether a hash field with an expiry carries a mark: Redis from 7.4 on, and no Valkey.
  public let marksFieldExpiry: Bool
  /// Whether an empty collection in a snapshot becomes an empty key: Redis before 6.2.6. Later
  /// servers drop it while loading.
  public let keepsEmptyCollections: Bool
  /// Whether a hash field that is due is left out at once: Valkey from 9.0 on. Redis counts it
  /// until it is deleted.
  public let hidesDueFields: Bool

  /// The rules of `version`.
  public init(_ version: ServerVersion) {
    let isRedis = version.product == .redis
    scoreText = isRedis && !version.isAtLeast(.redis, 7, 2) ? .printf17g : .fpconv
    marksFieldExpiry = version.isAtLeast(.redis, 7, 4)
    keepsEmptyCollections = isRedis && !version.isAtLeast(.redis, 6, 2, 6)
    hidesDueFields = version.isAtLeast(.valkey, 9, 0)
  }
}
