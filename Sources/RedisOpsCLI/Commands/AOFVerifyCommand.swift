import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering

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

      The check is of form: errors that only execution shows, such as a value of another type, are
      not looked for.

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
    run.diagnostics.add(report.verdict.status)
    try run.finish()
  }

  private func verify(_ path: String, _ diagnostics: Diagnostics) -> AOFVerdict {
    let name = path == "-" ? "<stdin>" : path
    let set: AOFSet
    do throws(InputError) { set = try AOFSet(opening: path) } catch {
      return AOFVerdict(file: name, error)
    }
    var options = AOFCheckOptions()
    options.targets = targets.map(\.version)
    options.databases = databases
    options.corruptTailMaxSize = corruptTailMaxSize
    options.allowedCommands = allowCommand.flatMap { $0.split(separator: ",").map(String.init) }
    options.snapshots.scan = scan.scan
    options.snapshots.memoryByteCountMax = memory
    var shown: ProgressLine?
    defer {
      shown?.finish()
      diagnostics.use(nil)
    }
    let check = AOFCheck(set, options) { name, byteCount in
      shown?.finish()
      let line = ProgressLine(
        name, totalByteCount: byteCount.map { Int64($0) }, isQuiet: output.quiet)
      diagnostics.use(line)
      shown = line
      return { line.add($0) }
    }
    return AOFVerdict(file: name, check)
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
