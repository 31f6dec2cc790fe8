import RedisCodecs
import RedisModel

/// Whether a server would load what a snapshot holds.
///
/// Source: format.md section 13; the table behind `LoadRules` foretells all loads of the corpus.
final class TargetCheck: Sendable {
  private let server: ServerVersion
  private let rules: LoadRules
  private let magic: ServerVersion.Product
  private let fileVersion: Int
  private let databases: Int
  private let isRelaxed: Bool
  private let hasModules: Bool

  init(_ server: ServerVersion, _ options: VerifyOptions, _ prologue: RDBPrologue) {
    self.server = server
    rules = LoadRules.of(server)
    magic = prologue.opening.family == .valkey ? .valkey : .redis
    fileVersion = prologue.opening.version
    databases = options.databases
    isRelaxed = options.isVersionCheckRelaxed
    hasModules = options.hasModules
  }

  /// Why the server would not start from a file with this key; `nil` if it would.
  func refuses(_ header: KeyHeader) -> String? {
    if let reason = refuses(header.type.byte) { return reason }
    if header.idleSeconds != nil, let reason = refuses(RDBOpcode.idle) { return reason }
    if header.lfu != nil, let reason = refuses(RDBOpcode.frequency) { return reason }
    if !header.metadata.isEmpty {
      if let reason = refuses(RDBOpcode.keyMetadata) { return reason }
      if let needed = header.metadata.first(where: { $0.flags & 1 == 0 }) {
        return does(
          "RDB load key metadata failed: Class '\(needed.className)' not registered or "
            + "missing rdb_load()."
        )
      }
    }
    return nil
  }

  /// Why the server would not start from a file with this record; `nil` if it would.
  func refuses(_ record: RDBRecord) -> String? {
    switch record {
    case .selectDatabase(let number):
      guard number >= databases else { return nil }
      return does(
        "FATAL: Data file was created with a Redis server configured to handle more than "
          + "\(databases) databases (database \(number))"
      )
    case .resizeDatabase: return refuses(RDBOpcode.resizeDatabase)
    case .aux: return refuses(RDBOpcode.aux)
    case .function: return refuses(RDBOpcode.function)
    case .preReleaseFunction: return refuses(RDBOpcode.preReleaseFunction)
    case .moduleAux(let name, _):
      if let reason = refuses(RDBOpcode.moduleAux) { return reason }
      if hasModules { return nil }
      return does(
        "The RDB file contains AUX module data I can't load: no matching module '\(name)'")
    case .slotInfo: return refuses(RDBOpcode.slotInfo)
    case .slotImport:
      return refuses(RDBOpcode.slotImport)
        ?? does("a slot import is loaded in cluster mode only; elsewhere the server dies of it")
    case .hashTemplate: return refuses(RDBOpcode.hashTemplate)
    case .enterpriseSlot: return refuses(RDBOpcode.enterpriseSlot)
    case .key, .end: return nil
    }
  }

  /// Why the server would not start from a file with a value of this module; `nil` if it would.
  ///
  /// - Parameter nodeVersion: of a vector set, the highest version of its nodes.
  func refuses(_ module: ModuleName, nodeVersion: Int) -> String? {
    let builtin = rules.builtinModules.first { $0.name == module.description }
    guard let builtin else {
      if hasModules { return nil }
      return does(
        "The RDB file contains module data I can't load: no matching module type '\(module)'")
    }
    guard nodeVersion > builtin.nodeVersion(ofPatch: server.patch) else { return nil }
    return does(
      "The RDB file contains module data for the module '\(module)' that is not terminated by the "
        + "proper module value EOF marker")
  }

  private func refuses(_ byte: UInt8) -> String? {
    rules.refuses(byte: byte, magic: magic, version: fileVersion, relaxed: isRelaxed).map(does)
  }

  private func does(_ reason: String) -> String {
    "\(server.displayName) does not start: \(reason)"
  }
}
