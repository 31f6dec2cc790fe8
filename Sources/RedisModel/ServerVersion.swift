/// A version of a server: `redis:7.2.15`, `valkey:9.1.2`, `redis:7.4-rc1`.
public struct ServerVersion: Hashable, Sendable {
  /// The two families of servers, and the two magics of their snapshots.
  public enum Product: String, Sendable, CaseIterable {
    case redis, valkey

    /// The name in prose.
    public var name: String { self == .redis ? "Redis" : "Valkey" }
  }

  /// Redis or Valkey.
  public let product: Product
  /// The first number.
  public let major: Int
  /// The second number.
  public let minor: Int
  /// The third number.
  public let patch: Int
  /// The number of a release candidate of that version; `nil` for a release.
  public let candidate: Int?

  /// A version from its numbers.
  public init(
    _ product: Product, _ major: Int, _ minor: Int, _ patch: Int, candidate: Int? = nil
  ) {
    self.product = product
    self.major = major
    self.minor = minor
    self.patch = patch
    self.candidate = candidate
  }

  /// Whether this is `product` from `major`.`minor`.`patch` on; its own candidates do not count as
  /// older.
  public func isAtLeast(
    _ product: Product, _ major: Int, _ minor: Int, _ patch: Int = 0
  ) -> Bool {
    self.product == product && (self.major, self.minor, self.patch) >= (major, minor, patch)
  }

  /// Whether its append-only files can hold scripts as they were sent: Redis before 7.0. Later
  /// servers write what scripts did.
  public var writesScripts: Bool { product == .redis && !isAtLeast(.redis, 7, 0) }

  /// The newest release that writes snapshots of `version` under the magic of `product`; `nil` if
  /// none is known. Versions 3…5 were only written on the way to Redis 2.6, and count as its.
  public static func newestWriter(ofRDBVersion version: Int, product: Product) -> ServerVersion? {
    let written = product == .redis && (3...5).contains(version) ? 6 : version
    let lines = ServerRelease.all.filter { $0.product == product && $0.rdbVersion == written }
    // Valkey up to 8.1 writes Redis' version 11, and under Redis' magic.
    guard product == .redis || written >= 80 else { return nil }
    return written == version ? lines.last?.newest : lines.first?.newest
  }
}

extension ServerVersion: Comparable, CustomStringConvertible {
  /// Redis is before Valkey, and a candidate before its release.
  public static func < (left: ServerVersion, right: ServerVersion) -> Bool {
    guard left.product == right.product else { return left.product == .redis }
    return (left.major, left.minor, left.patch, left.candidate ?? .max)
      < (right.major, right.minor, right.patch, right.candidate ?? .max)
  }

  /// The form that `init(target:)` reads: `redis:7.2.15`, `redis:7.4-rc1`.
  public var description: String { "\(product.rawValue):\(numbers)" }

  /// The form of messages: `Redis 7.2.15`.
  public var displayName: String { "\(product.name) \(numbers)" }

  /// The version without its product: `7.2.15`, `7.4-rc1`.
  public var numbers: String {
    let release = "\(major).\(minor)"
    guard let candidate else { return "\(release).\(patch)" }
    return patch == 0 ? "\(release)-rc\(candidate)" : "\(release).\(patch)-rc\(candidate)"
  }
}
