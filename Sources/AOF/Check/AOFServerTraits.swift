import RedisModel

/// How a server of some version loads append-only files, where servers differ.
///
/// Source: commands.md of the fact sheet, sections 5 to 7; the damaged files of the corpus and
/// load-cases.json, which say what servers did.
public struct AOFServerTraits: Sendable {
  /// The server.
  public let server: ServerVersion

  /// The traits of `server`.
  public init(_ server: ServerVersion) { self.server = server }

  private func isRedis(_ major: Int, _ minor: Int, _ patch: Int = 0) -> Bool {
    server.isAtLeast(.redis, major, minor, patch)
  }

  private var isValkey: Bool { server.product == .valkey }

  /// Whether it has manifests and append-only folders; others know one file alone.
  public var knowsFolders: Bool { isValkey || isRedis(7, 0) }

  /// Whether it passes over lines that begin with `#`; to others they are a format error.
  var knowsAnnotations: Bool { knowsFolders }

  /// The longest line with a number, its line end included.
  var takesLongLines: Bool { knowsFolders }

  /// Whether commands may stand behind a snapshot.
  var knowsSnapshots: Bool { isValkey || isRedis(4, 0) }

  /// Whether it takes the magic word `VALKEY` for that of a snapshot.
  var knowsValkeyMagic: Bool { server.isAtLeast(.valkey, 9, 0) }

  /// Whether it has the directive `aof-load-truncated`; others do what its `no` says.
  public var hasLoadTruncated: Bool { isValkey || isRedis(2, 8) }

  /// Whether it has the directive `aof-load-corrupt-tail-max-size`.
  public var hasCorruptTailMaxSize: Bool { isRedis(8, 4) }

  /// Whether it holds the commands of a transaction back until EXEC. Others apply each at once, and
  /// a DISCARD ends their transaction.
  var queuesTransactions: Bool { isValkey || isRedis(4, 0, 12) }

  /// Whether it cuts a file that ends within a record of a transaction before its MULTI. Others cut
  /// behind the last whole record, and leave the MULTI open.
  var cutsBeforeOpenTransaction: Bool { server.isAtLeast(.valkey, 9, 1) }

  /// Whether it knows where the snapshot in front ends when it cuts behind it. Others cut the whole
  /// file away.
  var keepsSnapshotInFront: Bool { server.isAtLeast(.valkey, 9, 1) }

  /// Whether it refuses a wrong number of arguments. Others call the command all the same, which
  /// crashes them or not.
  var checksArity: Bool { server.isAtLeast(.valkey, 8, 0) }

  /// Whether a WATCH within a transaction crashes it; others answer with an error.
  var crashesOnWatch: Bool { server.isAtLeast(.valkey, 9, 0) }

  /// Whether it answers SUBSCRIBE with an error while loading.
  public var refusesSubscribe: Bool { isValkey || isRedis(6, 2) }

  /// Whether it looks for subcommands by name, and does not start with one that it does not know.
  var looksUpSubcommands: Bool { isValkey || isRedis(7, 0) }
}
