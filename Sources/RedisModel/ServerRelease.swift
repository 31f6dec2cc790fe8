/// A release line of a server, `redis 7.2`.
public struct ServerRelease: Equatable, Sendable {
  /// Redis or Valkey.
  public let product: ServerVersion.Product
  /// The first number of the version.
  public let major: Int
  /// The second number of the version.
  public let minor: Int
  /// The newest patch known.
  public let newestPatch: Int
  /// The version of the snapshots that it writes.
  public let rdbVersion: Int

  init(
    _ product: ServerVersion.Product, _ major: Int, _ minor: Int, newestPatch: Int, rdbVersion: Int
  ) {
    self.product = product
    self.major = major
    self.minor = minor
    self.newestPatch = newestPatch
    self.rdbVersion = rdbVersion
  }

  /// The release lines known, oldest first within each product. As of November 2026.
  public static let all: [ServerRelease] = [
    ServerRelease(.redis, 2, 2, newestPatch: 15, rdbVersion: 1),
    ServerRelease(.redis, 2, 4, newestPatch: 18, rdbVersion: 2),
    ServerRelease(.redis, 2, 6, newestPatch: 17, rdbVersion: 6),
    ServerRelease(.redis, 2, 8, newestPatch: 24, rdbVersion: 6),
    ServerRelease(.redis, 3, 0, newestPatch: 7, rdbVersion: 6),
    ServerRelease(.redis, 3, 2, newestPatch: 13, rdbVersion: 7),
    ServerRelease(.redis, 4, 0, newestPatch: 14, rdbVersion: 8),
    ServerRelease(.redis, 5, 0, newestPatch: 14, rdbVersion: 9),
    ServerRelease(.redis, 6, 0, newestPatch: 20, rdbVersion: 9),
    ServerRelease(.redis, 6, 2, newestPatch: 23, rdbVersion: 9),
    ServerRelease(.redis, 7, 0, newestPatch: 15, rdbVersion: 10),
    ServerRelease(.redis, 7, 2, newestPatch: 15, rdbVersion: 11),
    ServerRelease(.redis, 7, 4, newestPatch: 10, rdbVersion: 12),
    ServerRelease(.redis, 8, 0, newestPatch: 6, rdbVersion: 12),
    ServerRelease(.redis, 8, 2, newestPatch: 8, rdbVersion: 12),
    ServerRelease(.redis, 8, 4, newestPatch: 5, rdbVersion: 12),
    ServerRelease(.redis, 8, 6, newestPatch: 3, rdbVersion: 13),
    ServerRelease(.redis, 8, 8, newestPatch: 0, rdbVersion: 14),
    ServerRelease(.redis, 8, 10, newestPatch: 0, rdbVersion: 15),
    ServerRelease(.valkey, 7, 2, newestPatch: 7, rdbVersion: 11),
    ServerRelease(.valkey, 8, 0, newestPatch: 10, rdbVersion: 11),
    ServerRelease(.valkey, 8, 1, newestPatch: 5, rdbVersion: 11),
    ServerRelease(.valkey, 9, 0, newestPatch: 5, rdbVersion: 80),
    ServerRelease(.valkey, 9, 1, newestPatch: 2, rdbVersion: 80),
    ServerRelease(.valkey, 9, 2, newestPatch: 0, rdbVersion: 81),
  ]

  /// The newest version of this line.
  public var newest: ServerVersion {
    ServerVersion(product, major, minor, newestPatch)
  }

  /// The newest line of `product` that is not newer than `version`; the oldest one for a version
  /// before all of them.
  public static func nearest(to version: ServerVersion) -> ServerRelease {
    let lines = all.filter { $0.product == version.product }
    let known = lines.last { ($0.major, $0.minor) <= (version.major, version.minor) }
    return known ?? lines.first ?? all[0]
  }
}
