import ArgumentParser
import ByteKit
import ConfLint
import Findings
import RedisConf
import RedisModel

/// `redisops lint diff A B`.
struct LintDiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Says what differs in effect between two configurations.",
    discussion: """
      Comments, order, spelling and units do not count, and a line that states the default is none.

      Example: redisops lint diff --target redis:7.2 old.conf new.conf
      """.flowing)

  @Argument(help: ArgumentHelp("The configuration before.", valueName: "a"), completion: .file())
  var before: String
  @Argument(help: ArgumentHelp("The configuration after.", valueName: "b"), completion: .file())
  var after: String
  @Option(
    help: ArgumentHelp("The server that reads them.", valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: SettingsFormat = .text
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    let server = try target ?? ServerVersion(target: SettingsFormat.usualTarget)
    let old = try settings(before, server, run.diagnostics)
    let new = try settings(after, server, run.diagnostics)
    let changes = SettingChange.between(old, new)
    format.write(changes, names: (before, after), to: run.output)
    warnOfNewLog(changes, run.diagnostics)
    if !changes.isEmpty { run.diagnostics.add(.failed) }
    try run.finish()
  }

  /// PER023: the log is switched on between the two files.
  private func warnOfNewLog(_ changes: [SettingChange], _ diagnostics: Diagnostics) {
    guard changes.contains(where: { $0.name == "appendonly" && $0.after == "yes" }) else { return }
    diagnostics.warning(
      "PER023 aof-turned-on-in-file: appendonly goes from no to yes, so a restart looks for a log "
        + "that does not exist and starts empty; run CONFIG SET appendonly yes on the live server "
        + "first", at: Location(file: after))
  }

  private func settings(
    _ path: String, _ server: ServerVersion, _ diagnostics: Diagnostics
  ) throws -> [String: String] {
    do throws(InputError) {
      let bytes = try SmallFile.read(path)
      let kind = ConfSniffer.namedKind(path: path, bytes)
      let reading =
        kind == .acl
        ? ServerReading(acl: ConfDocument(aclName: path, bytes: bytes), target: server)
        : ServerReading(
          ConfDocument(name: path, bytes: bytes), target: server, isSentinel: kind == .sentinel,
          files: DiskFiles(besides: path))
      return EffectiveSettings.all(reading)
    } catch {
      diagnostics.report(error, in: path)
      throw ExitStatus.unchecked
    }
  }
}

/// `redisops lint drift CONF --config-get FILE`.
struct LintDriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Says what a running server has that its configuration has not.",
    discussion: """
      The file of --config-get is what 'redis-cli CONFIG GET "*"' printed: names and values on
      alternate lines. '-' reads standard input.

      Example: redis-cli config get '*' | redisops lint drift redis.conf --config-get -
      """.flowing)

  @Argument(help: ArgumentHelp("The configuration.", valueName: "conf"), completion: .file())
  var conf: String
  @Option(help: ArgumentHelp("What CONFIG GET printed.", valueName: "file"), completion: .file())
  var configGet: String
  @Option(
    help: ArgumentHelp("The server that runs.", valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: SettingsFormat = .text
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    let server = try target ?? ServerVersion(target: SettingsFormat.usualTarget)
    do throws(InputError) {
      let bytes = try SmallFile.read(conf)
      let reading = ServerReading(
        ConfDocument(name: conf, bytes: bytes), target: server,
        files: DiskFiles(besides: conf))
      let written = EffectiveSettings.all(reading)
      let running = EffectiveSettings.parse(configGet: try SmallFile.read(configGet), server)
      // What the server does not tell is no drift, and what no file can say neither.
      let shared = written.filter { running[$0.key] != nil }
      let known = running.filter { written[$0.key] != nil }
      let changes = SettingChange.between(shared, known)
      format.write(changes, names: (conf, "running"), to: run.output)
      if !changes.isEmpty { run.diagnostics.add(.failed) }
    } catch {
      run.diagnostics.report(error, in: conf)
      throw ExitStatus.unchecked
    }
    try run.finish()
  }
}

/// The forms of a comparison.
enum SettingsFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json

  /// The server that answers when nobody names one.
  static let usualTarget = "redis:8.6"

  /// Writes changes.
  func write(_ changes: [SettingChange], names: (String, String), to output: Output) {
    switch self {
    case .text:
      for change in changes {
        output.write(
          "\(change.name): \(change.shown(change.before)) → \(change.shown(change.after))\n")
      }
      let count = changes.count
      output.write(
        count == 0
          ? "no difference in effect\n"
          : "\(count == 1 ? "1 setting differs" : "\(count) settings differ")\n")
    case .json:
      output.writeJSON { document in
        document.object {
          $0.schema("lint-diff")
          $0.member("a", names.0)
          $0.member("b", names.1)
          $0.array("changes") {
            for change in changes {
              $0.object {
                $0.member("name", change.name)
                $0.member("a", change.isSecret ? "***" : change.before)
                $0.member("b", change.isSecret ? "***" : change.after)
              }
            }
          }
        }
      }
    }
  }
}
