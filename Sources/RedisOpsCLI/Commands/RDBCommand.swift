import ArgumentParser

/// `redisops rdb`: snapshots.
struct RDBCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rdb",
    abstract: "Reads snapshots (RDB files) of every version of Redis and Valkey.",
    discussion: """
      Besides plain and gzipped files, replication captures and snapshots in front of an append-only
      file are read.
      """.flowing,
    subcommands: [
      RDBInfoCommand.self, RDBDumpCommand.self, RDBVerifyCommand.self, RDBDigestCommand.self,
      RDBStatsCommand.self,
    ])
}
