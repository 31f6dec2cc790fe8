import ArgumentParser
import ByteKit
import RedisModel

/// How the commands of append-only files are executed.
struct ReplayOptions: ParsableArguments {
  /// More threads than any machine has use for.
  private static let threadsMax = 1024

  @Option(help: ArgumentHelp("The server's 'databases'.", valueName: "n"))
  var databases = 16
  @Option(
    help: ArgumentHelp(
      "Commands that the server knows besides, renamed ones or those of modules without a dot in "
        + "their name: they are not executed.", valueName: "name,…"))
  var allowCommand: [String] = []
  @Option(
    help: ArgumentHelp(
      "Threads that read a snapshot in front; all processors by default.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if databases < 1 { throw ValidationError("--databases takes 1 or more, not \(databases).") }
    if let threads, !(1...Self.threadsMax).contains(threads) {
      throw ValidationError("--threads takes 1 to \(Self.threadsMax), not \(threads).")
    }
  }

  /// The number of threads.
  var threadCount: Int { threads ?? Threads.available }

  /// The names of `--allow-command`.
  var allowedCommands: [CommandName] {
    allowCommand.flatMap { $0.split(separator: ",").compactMap { CommandName($0) } }
  }
}
