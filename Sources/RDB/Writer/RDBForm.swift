import RedisModel

/// What a snapshot for one server looks like: its header, and the types that the server loads.
public struct RDBForm: Sendable {
  /// The server that is to load it.
  public let server: ServerVersion
  /// The magic.
  public let family: RDBFamily
  /// The version in the header: the one that the server writes itself.
  public let version: Int
  private let rules: LoadRules

  /// The form for `server`.
  public init(_ server: ServerVersion) {
    self.server = server
    rules = LoadRules.of(server)
    let release = ServerRelease.nearest(to: server)
    version = release.rdbVersion
    family = server.product == .valkey && release.rdbVersion >= 80 ? .valkey : .redis
  }

  /// The nine bytes that a file begins with.
  var magic: String {
    let digits = String(version)
    let count = family == .redis ? 4 : 3
    return family.rawValue + String(repeating: "0", count: max(0, count - digits.count)) + digits
  }

  /// Whether the server loads values of this type byte.
  public func takes(_ type: UInt8) -> Bool { rules.types.contains(type) }

  /// The first of `types` that the server loads; `nil` for none.
  public func first(of types: [UInt8]) -> UInt8? { types.first { takes($0) } }

  /// Whether the server loads a record of this opcode.
  func takes(opcode: UInt8) -> Bool { rules.opcodes.contains(opcode) }

  /// Whether the file has fields about itself and its writer, and hints of the number of keys.
  var hasFields: Bool { takes(opcode: RDBOpcode.aux) }
  /// Whether expiries are milliseconds; else seconds.
  var hasMilliseconds: Bool { takes(opcode: RDBOpcode.expireMilliseconds) }
  /// Whether a checksum ends the file.
  var hasChecksum: Bool { version >= 5 }
  /// Whether the file can hold function libraries.
  public var hasFunctions: Bool { takes(opcode: RDBOpcode.function) }
  /// Whether listpacks stand in the place of ziplists.
  public var hasListpacks: Bool { takes(16) }
  /// The type of a stream; `nil` where the server has none. All Valkeys write 21.
  public var streamType: UInt8? { first(of: [27, 26, 21, 19, 15]) }
  /// The type of a hash with expiring fields; `nil` where the server has none.
  public var expiringHashType: UInt8? {
    server.product == .valkey ? first(of: [22]) : first(of: [24, 22])
  }
  /// The newest node version of vector sets; `nil` where the server has no vector sets.
  public var vectorSetNodeVersion: Int? {
    rules.builtinModules.first { $0.name == "vectorset" }?.nodeVersion(ofPatch: server.patch)
  }
}
