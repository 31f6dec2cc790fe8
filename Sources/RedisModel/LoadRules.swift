/// What a server loads: headers, type bytes, opcodes, modules of its own.
///
/// Source: `Data/types.json`, of which `Generated/LoadRules+Generated.swift` is made. It foretells
/// what 22 servers did with 3528 files.
public struct LoadRules: Sendable {
  /// Headers that a server accepts: a magic and a range of versions.
  public struct HeaderRange: Equatable, Sendable {
    /// The magic, `REDIS` or `VALKEY`.
    public let magic: ServerVersion.Product
    /// The versions.
    public let versions: ClosedRange<Int>

    init(_ magic: ServerVersion.Product, _ first: Int, _ last: Int) {
      self.magic = magic
      versions = first...last
    }
  }

  /// A module that is part of every build of the server.
  public struct BuiltinModule: Equatable, Sendable {
    /// The version of a vector set's nodes that patches from `patch` on write and can load at most.
    public struct NodeVersion: Equatable, Sendable {
      /// The first patch.
      public let patch: Int
      /// The version.
      public let version: Int

      init(_ patch: Int, _ version: Int) {
        self.patch = patch
        self.version = version
      }
    }

    /// The name of its type, nine characters.
    public let name: String
    /// The newest encoding version that it loads.
    public let encodingVersion: Int
    /// By rising patch.
    public let nodeVersions: [NodeVersion]

    /// The newest node version that `patch` of the release loads.
    public func nodeVersion(ofPatch patch: Int) -> Int {
      nodeVersions.last { $0.patch <= patch }?.version ?? 0
    }
  }

  /// The release line or candidate that the entry is about: `redis 7.4-rc1`.
  public let line: String
  /// The headers it accepts.
  public let accepts: [HeaderRange]
  /// The headers it accepts besides with `rdb-version-check relaxed`.
  public let acceptsRelaxed: [HeaderRange]
  /// The type bytes it has a loader for; 6 and 7 take the module besides.
  public let types: ByteSet
  /// The opcodes it has a loader for.
  public let opcodes: ByteSet
  /// Bytes that it refuses as types and opcodes under the magic `REDIS`.
  public let foreignBytes: ClosedRange<UInt8>?
  /// The modules that every build has.
  public let builtinModules: [BuiltinModule]

  /// The rules of `version`: of the candidate if it has some of its own, else of the newest release
  /// line that is not newer.
  public static func of(_ version: ServerVersion) -> LoadRules {
    let nearest = ServerRelease.nearest(to: version)
    let line = "\(nearest.product.rawValue) \(nearest.major).\(nearest.minor)"
    let candidate = version.candidate.map { "\(line)-rc\($0)" } ?? line
    let isOwnLine = (nearest.major, nearest.minor) == (version.major, version.minor)
    let found = isOwnLine ? table.first { $0.line == candidate } : nil
    return found ?? table.first { $0.line == line || $0.line == "\(line)-dev" } ?? table[0]
  }

  /// What the server logs when it refuses a file of this header; `nil` if it reads on.
  ///
  /// - Parameters:
  ///   - magic: the file's.
  ///   - version: the file's, 0…9999.
  ///   - relaxed: whether `rdb-version-check` is `relaxed`, where the server knows it.
  public func refusesHeader(
    _ magic: ServerVersion.Product, version: Int, relaxed: Bool = false
  ) -> String? {
    let known = accepts + acceptsRelaxed
    guard known.contains(where: { $0.magic == magic }) else {
      return "Wrong signature trying to load DB from file"
    }
    let ranges = relaxed ? known : accepts
    if ranges.contains(where: { $0.magic == magic && $0.versions.contains(version) }) { return nil }
    return "Can't handle RDB format version \(version)"
  }

  /// What the server logs when it meets `byte` where a type or an opcode stands; `nil` if it has a
  /// loader for it.
  ///
  /// - Parameters:
  ///   - byte: a type byte or an opcode; the file's magic decides which one it is.
  ///   - magic: the file's.
  ///   - version: the file's, for the message.
  ///   - relaxed: as in `refusesHeader`.
  public func refuses(
    byte: UInt8, magic: ServerVersion.Product, version: Int, relaxed: Bool = false
  ) -> String? {
    if magic == .redis, foreignBytes?.contains(byte) == true {
      return "Can't handle foreign type or opcode \(byte) in RDB with version \(version)"
    }
    if types.contains(byte) || opcodes.contains(byte) { return nil }
    switch byte {
    case 6 where types.contains(20): return "Pre-release module format not supported"
    case 246 where types.contains(20): return "Pre-release function format not supported."
    default: break
    }
    if magic == .valkey, relaxed, foreignBytes != nil {
      return "Unknown type or opcode when loading DB. Unrecoverable error, aborting now."
    }
    // Redis 8.6 is the first one known to drop the message of its own.
    return types.contains(26)
      ? "Short read or OOM loading DB. Unrecoverable error, aborting now."
      : "Unknown RDB encoding type \(byte)"
  }
}
