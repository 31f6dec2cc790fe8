import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RESP
import RedisModel
import Rendering

/// `redisops aof rewind`.
struct AOFRewindCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewind",
    abstract: "Writes a copy of an append-only file as it was at an earlier point.",
    discussion: """
      The point is a moment (as far as #TS: lines tell, see aof-timestamp-enabled), an offset, or a
      command, such as a FLUSHALL by mistake. It lies in front of what is named, and never within a
      transaction: then it is the transaction's beginning. Files of before the last rewrite are
      used where the point lies there and they still exist.

      The new folder holds the base, the incremental files up to the point and a manifest, for a
      server to be started with as its appenddirname. A single file gives a single file of the same
      name there; servers from 7.0 on take it over. The original is only read.

      Where nothing is as old as the point, the base alone is written, and a warning says so.

      Examples:
        redisops aof rewind appendonlydir --before-command FLUSHALL --output rewound
        redisops aof rewind appendonlydir --at 2026-11-21T12:00:00Z --output rewound
        redisops aof rewind appendonlydir --before-key user:1 --command DEL,UNLINK --output rewound
      """.flowing)

  @OptionGroup var input: AOFArgument

  @Option(
    help: ArgumentHelp(
      "Up to this moment: RFC 3339, or Unix seconds or milliseconds, with or without '@'.",
      valueName: "time"),
    transform: { try TimeText.parse($0.hasPrefix("@") ? String($0.dropFirst()) : $0) })
  var at: Int64?

  @Option(
    help: ArgumentHelp(
      "In front of this offset: 4096, 0x1f3a or FILE@0x1f3a.", valueName: "offset"),
    transform: { try AOFPlace($0) })
  var beforeOffset: AOFPlace?

  @Option(
    help: ArgumentHelp(
      "The file that the offset is in, where there is more than one.", valueName: "name"))
  var file: String?

  @Option(
    help: ArgumentHelp(
      "In front of a command that begins with these words, such as 'FLUSHALL' or 'DEL user:1', "
        + "quoted as redis-cli does.", valueName: "words"))
  var beforeCommand: String?

  @Option(
    help: ArgumentHelp(
      "In front of a command with this key; between double quotes as redis-cli prints it.",
      valueName: "key"))
  var beforeKey: String?

  @Option(
    name: .customLong("command"),
    help: ArgumentHelp("With --before-key: of these names only.", valueName: "name,…"))
  var names: [String] = []

  @Option(
    help: ArgumentHelp(
      "Which command that matches: last, first, or a number from 1.", valueName: "which"),
    transform: Self.occurrence)
  var match: AOFOccurrence = .last

  @Option(
    name: .customLong("db"),
    help: ArgumentHelp("Only commands in this database match.", valueName: "n"))
  var database: Int?

  @OptionGroup var newSet: NewSetOptions
  @OptionGroup var scan: ScanOptions

  func validate() throws {
    let count = [at != nil, beforeOffset != nil, beforeCommand != nil, beforeKey != nil]
      .count { $0 }
    guard count == 1 else {
      throw ValidationError(
        "One point is needed: --at, --before-offset, --before-command or --before-key.")
    }
    if newSet.output == nil, !newSet.dryRun { throw ValidationError("--output is missing.") }
    if !names.isEmpty, beforeKey == nil { throw ValidationError("--command needs --before-key.") }
    if file != nil, beforeOffset == nil { throw ValidationError("--file needs --before-offset.") }
    if database != nil || match != .last, at != nil || beforeOffset != nil {
      throw ValidationError("--match and --db need --before-command or --before-key.")
    }
    _ = try target()
  }

  func run() throws {
    let run = try CommandRun(output: nil, color: newSet.color)
    rewind(run)
    try run.finish()
  }

  private func rewind(_ run: CommandRun) {
    let diagnostics = run.diagnostics
    let set: AOFSet
    let folder = newSet.output.map {
      NewSet(diagnostics: diagnostics, path: $0, isQuiet: newSet.quiet)
    }
    do throws(InputError) {
      let opened = try AOFSet(opening: input.path)
      if let folder, !folder.isPossible(for: opened, allowsInside: newSet.allowInside) { return }
      set = try opened.spoolingStreams(in: folder?.neighbourhood ?? ".")
    } catch {
      return diagnostics.report(error, in: input.path == "-" ? "<stdin>" : input.path)
    }
    guard isLoadable(set, diagnostics), let target = try? target() else { return }
    let scanning = AOFScanning(
      diagnostics: diagnostics, options: scan.scan, isQuiet: newSet.quiet)
    let plan: AOFRewindPlan
    do throws(AOFPlanError) {
      plan = try AOFRewindPlanner(set, scanning.scan).plan(target)
    } catch {
      return diagnostics.report(error)
    }
    for note in plan.notes { diagnostics.report(note) }
    if let folder, !newSet.dryRun {
      guard folder.write(plan.assembly, like: set.folder) else { return }
    }
    let report = AOFRewindReport(
      set: set, plan: plan, output: newSet.output, isDryRun: newSet.dryRun)
    switch newSet.format {
    case .text: report.writeText(to: run.output, style: run.style, width: run.width)
    case .json: run.output.writeJSON { report.write(to: &$0) }
    }
  }

  /// Whether servers load what the manifest says; says why not.
  private func isLoadable(_ set: AOFSet, _ diagnostics: Diagnostics) -> Bool {
    guard set.layout == .multipart else { return true }
    guard let manifest = set.manifest else {
      diagnostics.error(
        "no manifest: nothing tells which files belong together; see 'redisops aof fix'",
        at: Location(file: set.name))
      return false
    }
    for problem in manifest.problems {
      diagnostics.error(
        "\(problem.message); repair the manifest with 'redisops aof fix' first",
        at: Location(file: set.name, line: problem.line))
    }
    return manifest.problems.isEmpty
  }

  // MARK: the point

  private func target() throws -> AOFRewindTarget {
    if let at { return .time(at) }
    if let beforeOffset {
      guard case .offset(let offset, let name) = beforeOffset else {
        throw ValidationError("--before-offset takes an offset, such as 4096 or FILE@0x1f3a.")
      }
      if let file, let name, file != name {
        throw ValidationError("--before-offset names \(name), --file names \(file).")
      }
      return .offset(offset, file: file ?? name)
    }
    var match = AOFCommandMatch()
    match.database = database
    if let beforeCommand {
      guard let words = QuotedText.words(Array(beforeCommand.utf8)), let name = words.first else {
        throw ValidationError("--before-command takes the words of a command, quotes closed.")
      }
      match.names = [try Self.name(name)]
      match.arguments = Array(words.dropFirst())
    } else if let beforeKey {
      match.key = try Self.key(beforeKey)
      match.names = try names.flatMap { $0.split(separator: ",") }.map {
        try Self.name(Array($0.utf8))
      }
    }
    return .command(match, self.match)
  }

  private static func name(_ word: [UInt8]) throws -> CommandName {
    guard let name = word.withUnsafeBytes({ CommandName($0) }) else {
      throw ValidationError("No command has a name of \(word.count) bytes.")
    }
    return name
  }

  private static func key(_ text: String) throws -> [UInt8] {
    guard text.hasPrefix("\""), text.utf8.count > 1 else { return Array(text.utf8) }
    guard let words = QuotedText.words(Array(text.utf8)), words.count == 1 else {
      throw ValidationError("--before-key takes one key; between double quotes, quoted as a whole.")
    }
    return words[0]
  }

  @Sendable
  private static func occurrence(_ text: String) throws -> AOFOccurrence {
    switch text {
    case "last": return .last
    case "first": return .number(1)
    default:
      guard let number = Int(text), number > 0 else {
        throw ValidationError("'\(text)' is none of last, first, or a number from 1")
      }
      return .number(number)
    }
  }
}
