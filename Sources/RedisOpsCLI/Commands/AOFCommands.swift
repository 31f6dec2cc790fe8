import ArgumentParser

/// `redisops aof`: append-only files.
struct AOFCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aof",
    abstract: "Reads append-only files (AOF) of every version of Redis and Valkey.",
    discussion: """
      A path names a file of commands, with or without a snapshot in front, a manifest, the folder
      of a manifest, or a server's data folder; what it is gets decided by its content.
      """.flowing,
    subcommands: [
      AOFInfoCommand.self, AOFDumpCommand.self, AOFVerifyCommand.self, AOFStatsCommand.self,
      AOFBlameCommand.self, AOFDigestCommand.self, AOFFixCommand.self, AOFRewindCommand.self,
    ])
}

/// The append-only file that a command reads.
struct AOFArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The file, manifest or folder to read; '-' is standard input. Gzip of a file is unpacked.",
      valueName: "path"),
    completion: .file())
  var path: String
}

/// The append-only files that a command reads.
struct AOFArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "The files, manifests or folders to read; '-' is standard input. Gzip of a file is unpacked.",
      valueName: "path"),
    completion: .file())
  var paths: [String]

  func validate() throws {
    if paths.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("Standard input ('-') can be read once only.")
    }
  }
}
