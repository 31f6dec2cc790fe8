/// The table of the architecture: which module lies on which layer and may import what.
///
/// A module may import what its row names and whatever those may import.
enum ModuleMap {
  struct Row {
    var module: String
    var layer: Int
    var imports: [String] = []
    /// Layers above the libraries may read dates and small JSON with Foundation's essentials.
    var mayUseFoundation = false
  }

  static let rows: [Row] = [
    Row(module: "CZlib", layer: 0),
    Row(module: "CLibYAML", layer: 0),
    Row(module: "CLua", layer: 0),
    Row(module: "CPCRE2", layer: 0),
    Row(module: "CCrypto", layer: 0),
    Row(module: "CChecksum", layer: 0),
    Row(module: "CPrefetch", layer: 0),
    Row(module: "ByteKit", layer: 1, imports: ["CZlib"]),
    Row(module: "Findings", layer: 1, imports: ["ByteKit"]),
    Row(module: "RedisCodecs", layer: 2, imports: ["ByteKit", "CChecksum"]),
    Row(module: "RedisModel", layer: 2, imports: ["RedisCodecs", "CCrypto", "CPCRE2"]),
    Row(module: "YAMLTree", layer: 2, imports: ["ByteKit", "CLibYAML"]),
    Row(module: "RESP", layer: 3, imports: ["ByteKit"]),
    Row(module: "RDB", layer: 3, imports: ["RedisCodecs", "RedisModel"]),
    Row(module: "AOF", layer: 3, imports: ["RESP", "RDB", "CPrefetch"]),
    Row(module: "RedisConf", layer: 3, imports: ["ByteKit", "RedisModel"]),
    Row(module: "Engine", layer: 4, imports: ["RedisModel", "RedisCodecs"]),
    Row(module: "Scripting", layer: 4, imports: ["Engine", "CLua"]),
    Row(module: "Replay", layer: 4, imports: ["AOF", "Engine", "Export", "Scripting"]),
    Row(module: "Analysis", layer: 4, imports: ["RDB"]),
    Row(module: "Export", layer: 4, imports: ["RDB"]),
    Row(module: "Audit", layer: 4, imports: ["RDB", "AOF", "YAMLTree", "Findings"]),
    Row(module: "ConfLint", layer: 4, imports: ["RedisConf", "YAMLTree", "Findings"]),
    Row(module: "ClusterPlan", layer: 4, imports: ["RedisModel", "YAMLTree"]),
    Row(
      module: "Rendering", layer: 5, imports: ["ByteKit", "Findings", "Mustache"],
      mayUseFoundation: true),
    Row(
      module: "Server", layer: 5,
      imports: ["RESP", "Engine", "Scripting", "Replay", "NIOCore", "NIOPosix"]),
    Row(
      module: "RedisOpsCLI", layer: 6,
      imports: [
        "AOF", "Analysis", "Export", "Audit", "ConfLint", "ClusterPlan", "Rendering", "Replay",
        "Server",
        "ArgumentParser",
      ], mayUseFoundation: true),
    Row(module: "redisops", layer: 7, imports: ["RedisOpsCLI"]),
  ]

  /// Free to every module: the language's own libraries, the C library of each system, and
  /// swift-collections.
  static let freeModules: Set<String> = [
    "Swift", "Synchronization", "Glibc", "Musl", "Darwin", "Collections", "BitCollections",
    "DequeModule", "HashTreeCollections", "HeapModule", "OrderedCollections",
  ]

  static let foundation: Set<String> = ["Foundation", "FoundationEssentials"]

  static func row(of module: String) -> Row? {
    rows.first { $0.module == module }
  }

  /// What `module` may import, followed through the rows; empty for a module without a row.
  static func reach(of module: String) -> Set<String> {
    var reached: Set<String> = []
    var open = row(of: module)?.imports ?? []
    while let next = open.popLast() {
      guard reached.insert(next).inserted else { continue }
      open += row(of: next)?.imports ?? []
    }
    return reached
  }
}
