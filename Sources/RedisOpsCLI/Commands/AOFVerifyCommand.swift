import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering
import Replay

/// `redisops aof verify`.
struct AOFVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Says whether an append-only file is sound, and what servers would do with it.",
    discussion: """
      Good, bad, or could not check. The manifest and its files, the snapshot in front at full
      depth, the framing of every command, names and numbers of arguments, transactions and the
      choice of databases. What is wrong is named with its offset, line and command, and with what
      cutting it off would lose.

      For each target it says what that server does with 'aof-load-truncated' yes and no, and with
      'aof-load-corrupt-tail-max-size' where it knows it: whether it starts, what it cuts, and
      whether later writes would be lost. Without --target that is the writer of the snapshot, or
      else the newest server whose commands are known.

      Then the commands are executed, in memory and for each target: a command that is answered by
      an error, such as one for a value of another type, is named, for servers only log it; and the
      report says which keys and which digest (DEBUG DIGEST) the server would hold. A script that
      stops with an error when it has written is a warning: it did so on its server. Scripts stand
      in files of Redis before 7.0 alone, so that 6.2 is assumed for a file with scripts that names
      no server. --no-replay leaves all this out, and the check is of form.

      Example: redisops aof verify --target redis:7.0.15,valkey:9.1 /var/lib/redis/appendonlydir
      """.flowing)

  @OptionGroup var inputs: AOFArguments
  @Option(
    help: ArgumentHelp(
      ReportFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: ReportFormat = .text
  @Option(
    name: .customLong("target"),
    help: ArgumentHelp(
      "The servers that are to load it, such as redis:7.0.15; repeatable.", valueName: "server,…"),
    transform: { try NamedTarget.list($0) })
  var targetLists: [[NamedTarget]] = []
  @Option(help: ArgumentHelp("Those servers' 'databases'.", valueName: "n"))
  var databases = 16
  @Option(
    help: ArgumentHelp(
      "Their 'aof-load-corrupt-tail-max-size', where it is not 0.", valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var corruptTailMaxSize = AOFCheckOptions().corruptTailMaxSize
  @Option(
    help: ArgumentHelp(
      "Commands that those servers know besides: of modules, or renamed.", valueName: "name,…"))
  var allowCommand: [String] = []
  @Option(
    help: ArgumentHelp(
      "Memory for the search for duplicate keys of a snapshot; temporary files beyond it.",
      valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var memory = VerifyOptions().memoryByteCountMax
  @Flag(help: "Check the form alone; execute nothing.")
  var noReplay = false
  @OptionGroup var threshold: FailOnOption
  @Flag(help: "Warnings end with 1 too: the same as --fail-on warning.")
  var strict = false
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  /// Less memory would only mean thousands of temporary files.
  private static let memoryByteCountMin = 1 << 20

  private var targets: [NamedTarget] { targetLists.flatMap { $0 } }

  func validate() throws {
    if databases < 1 { throw ValidationError("--databases takes 1 or more, not \(databases).") }
    if memory < Self.memoryByteCountMin { throw ValidationError("--memory takes 1mb or more.") }
    if corruptTailMaxSize < 1 {
      throw ValidationError("--corrupt-tail-max-size takes 1 or more, not \(corruptTailMaxSize).")
    }
    if targets.count > AOFCheckOptions.targetsMax {
      throw ValidationError("--target takes \(AOFCheckOptions.targetsMax) servers at most.")
    }
  }

  func run() throws {
    let run = try CommandRun(output)
    let report = AOFVerdictReport(inputs.paths.map { verify($0, run.diagnostics) }, targets)
    switch format {
    case .text: report.writeText(to: run.output, style: run.style)
    case .json: run.output.writeJSON { report.write(to: &$0) }
    default:
      let options = ReportOptions(version: RedisOps.version)
      report.findings.write(as: format, options) { [output = run.output] in output.write($0) }
    }
    var threshold = threshold
    if strict { threshold.failOn = .warning }
    run.diagnostics.add(threshold.status(of: report.verdict, report.findings))
    try run.finish()
  }

  private func verify(_ path: String, _ diagnostics: Diagnostics) -> AOFVerdict {
    let name = path == "-" ? "<stdin>" : path
    let set: AOFSet
    let isReplayed: Bool
    do throws(InputError) { (set, isReplayed) = try open(path) } catch {
      return AOFVerdict(file: name, error)
    }
    var options = AOFCheckOptions()
    options.targets = targets.map(\.version)
    options.databases = databases
    options.corruptTailMaxSize = corruptTailMaxSize
    options.allowedCommands = allowCommand.flatMap { $0.split(separator: ",").map(String.init) }
    options.snapshots.scan = scan.scan
    options.snapshots.memoryByteCountMax = memory
    let progress = PartProgress(diagnostics, isQuiet: output.quiet)
    defer { progress.finish() }
    let check = check(set, options, progress, canBeReadAgain: isReplayed)
    guard isReplayed else { return AOFVerdict(file: name, check) }
    let replays = check.targets.map { replay(set, $0, check, progress) }
    if check.origin == .assumed, replays.contains(where: { $0.report.refusedCount > 0 }),
      let better = verifyForAnother(set, options, check, progress)
    {
      return AOFVerdict(file: name, better.check, [better.replay])
    }
    return AOFVerdict(file: name, check, replays)
  }

  /// The check, for a server that writes scripts where nothing names one and there are any.
  private func check(
    _ set: AOFSet, _ options: AOFCheckOptions, _ progress: PartProgress, canBeReadAgain: Bool
  ) -> AOFCheck {
    let check = AOFCheck(set, options) { progress.begin($0, $1) }
    let isInFiles = set.parts.allSatisfy { $0.byteCount != nil }
    guard check.origin == .assumed, check.isOfScripts, canBeReadAgain || isInFiles else {
      return check
    }
    var options = options
    options.assumedTargets = Array(AOFCheck.scriptTargets.prefix(1))
    let older = AOFCheck(set, options) { progress.begin($0, $1) }
    return older.verdict == check.verdict ? older : check
  }

  /// The check and the replay for another server that may have written the files, where it executes
  /// all of them without an error.
  private func verifyForAnother(
    _ set: AOFSet, _ options: AOFCheckOptions, _ first: AOFCheck, _ progress: PartProgress
  ) -> (check: AOFCheck, replay: AOFReplay)? {
    var options = options
    for target in first.candidates where !first.targets.contains(target) {
      options.assumedTargets = [target]
      let check = AOFCheck(set, options) { progress.begin($0, $1) }
      guard check.verdict == first.verdict else { continue }
      let replay = replay(set, target, check, progress)
      if replay.report.refusedCount == 0 { return (check, replay) }
    }
    return nil
  }

  /// The set at `path`, and whether it can be read again for a replay: what comes through a pipe or
  /// is packed goes into a temporary file first.
  private func open(_ path: String) throws(InputError) -> (AOFSet, isReplayed: Bool) {
    let set = try AOFSet(opening: path)
    // A snapshot in front is checked once for each target.
    if noReplay, targets.count < 2 { return (set, false) }
    do throws(InputError) {
      return (try set.spoolingStreams(in: SpooledInput.folder), !noReplay)
    } catch {
      // Damage inside gzip is told with its place by the check, which reads what there is.
      // A pipe cannot be opened a second time.
      guard error.kind != .system, set.parts.allSatisfy({ $0.byteCount != nil }) else {
        throw error
      }
      return (try AOFSet(opening: path), false)
    }
  }

  private func replay(
    _ set: AOFSet, _ target: ServerVersion, _ check: AOFCheck, _ progress: PartProgress
  ) -> AOFReplay {
    var options = LoadOptions(target: target, nowMs: Clock.nowMs, seed: AOFVerdict.seed)
    options.databaseCount = databases
    options.threads = scan.scan.threads
    options.allowedCommands = allowCommand.flatMap {
      $0.split(separator: ",").compactMap { CommandName($0) }
    }
    let sizes = check.parts.map(\.byteCount)
    options.onBytes = progress.begin(
      check.set.name, sizes.reduce(0) { sum, size in sum.flatMap { sum in size.map { sum + $0 } } })
    return AOFReplay(set, options)
  }
}

/// A target, and how the user spelled it.
struct NamedTarget: Equatable, Sendable {
  let text: String
  let version: ServerVersion

  /// Targets with commas between them.
  static func list(_ text: String) throws -> [NamedTarget] {
    try text.split(separator: ",", omittingEmptySubsequences: false).map {
      NamedTarget(text: String($0), version: try ServerVersion(target: String($0)))
    }
  }
}
