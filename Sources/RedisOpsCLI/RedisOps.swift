import ArgumentParser
import ByteKit

/// The program: reads the command line, runs the command, ends with its status.
public enum RedisOps {
  /// The version that `--version` prints and reports name.
  public static let version = "0.1.0"

  /// Runs the command that this process was started with, and ends the process.
  public static func main() -> Never {
    // A reader that goes away ends the program quietly, wherever the text comes from.
    signal(SIGPIPE, SIG_IGN)
    do {
      var command = try RedisOpsCommand.parseAsRoot()
      try command.run()
      exit(ExitStatus.done.rawValue)
    } catch let status as ExitStatus {
      exit(status.rawValue)
    } catch let error where isForTheParser(error) {
      RedisOpsCommand.exit(withError: error)
    } catch {
      StandardError.writeLine("redisops: defect: \(error)")
      exit(ExitStatus.defect.rawValue)
    }
  }

  /// Whether ArgumentParser has the words for an error: wrong usage, and requests for help.
  private static func isForTheParser(_ error: any Error) -> Bool {
    let code = RedisOpsCommand.exitCode(for: error)
    return code == .success || code == .validationFailure
  }
}

/// The root of all commands.
struct RedisOpsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redisops",
    abstract: "Reads the backups of Redis and Valkey: what is in them, and whether they are sound.",
    discussion: """
      Files are read as they are; no server is needed. Every command takes '-' for standard input
      and unpacks gzip by content.

      Exit status: 0 done and sound, 1 damaged or a check failed, 2 could not check, 64 wrong usage,
      70 a defect of redisops.
      """.flowing,
    version: "redisops \(RedisOps.version)",
    subcommands: [VerifyCommand.self, LintCommands.self, RDBCommand.self, AOFCommands.self])
}
