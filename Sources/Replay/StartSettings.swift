import RedisModel

/// The settings that decide what a server loads at its start, and how.
public struct StartSettings: Sendable {
  /// The server.
  public var target: ServerVersion
  /// `appendonly`.
  public var isAppendOnly = false
  /// `dbfilename`.
  public var dumpName = "dump.rdb"
  /// `appenddirname`.
  public var appendFolderName = "appendonlydir"
  /// `appendfilename`.
  public var appendName = "appendonly.aof"
  /// `databases`.
  public var databaseCount = 16
  /// `aof-load-truncated`.
  public var loadsTruncated = true
  /// `aof-load-corrupt-tail-max-size`, bytes.
  public var corruptTailMaxSize = 0
  /// `appendfsync`: always, everysec or no.
  public var synchronisation = "everysec"
  /// `save`: after so many seconds with so many changes; none for no snapshots.
  public var savePoints: [(seconds: Int, changes: Int)] = [(3600, 1), (300, 100), (60, 10000)]
  /// `zset-max-listpack-entries`.
  public var zsetCountMax = 128
  /// `zset-max-listpack-value`, bytes.
  public var zsetMemberMax = 64
  /// `rename-command`.
  public var renamedCommands = RenamedCommands.none
  /// `rdbchecksum`: whether a wrong checksum keeps the server from starting.
  public var checksChecksums = true
  /// `rdb-version-check relaxed`: whether snapshots of foreign versions are taken.
  public var takesForeignVersions = false
  /// Whether the server loads modules.
  public var hasModules = false
  /// Whether it is a replica, which takes the data of its primary.
  public var isReplica = false

  /// The defaults of `target`.
  public init(_ target: ServerVersion) { self.target = target }
}
