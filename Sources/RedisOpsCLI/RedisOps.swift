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
      let line = try ConfiguredArguments(Array(CommandLine.arguments.dropFirst()))
      var command = try parse(line)
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

  /// Parses a command line; where that fails, says what a file added to it.
  private static func parse(_ line: ConfiguredArguments) throws -> any ParsableCommand {
    do { return try RedisOpsCommand.parseAsRoot(line.arguments) } catch {
      if let path = line.path, !line.added.isEmpty {
        StandardError.writeLine("\(path): note: adds \(line.added.joined(separator: " "))")
      }
      throw error
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

      Options that are always the same can stand in a file: redisops.yaml in the working directory
      or a parent, or the one that --config FILE names; --no-config does without. It is a map of
      long names of options, and of commands with such maps of their own. The command line wins.

      Exit status: 0 done and sound, 1 damaged or a check failed, 2 could not check, 64 wrong usage,
      70 a defect of redisops.
      """.flowing,
    version: "redisops \(RedisOps.version)",
    subcommands: [VerifyCommand.self, LintCommands.self, RDBCommand.self, AOFCommands.self])
}
