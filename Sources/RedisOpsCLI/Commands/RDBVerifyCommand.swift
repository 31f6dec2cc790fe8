import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering

/// `redisops rdb verify`.
struct RDBVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Says whether a snapshot is sound: good, bad, or could not check.",
    discussion: """
      The checksum, and every rule of the format at full depth: lengths against contents, order and
      duplicates, the integrity of every encoded structure in both directions, the cross-references
      of streams, duplicate keys. What is wrong is named with its offset and key.

      With --target, the answer is also that server's: bad whenever it would refuse to start from
      the file.

      Example: redisops rdb verify --target redis:7.0.15 dump.rdb
      """.flowing)

  @OptionGroup var inputs: InputArguments
  @Option(
    help: ArgumentHelp(
      ReportFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: ReportFormat = .text
  @Option(
    help: ArgumentHelp(
      "The server that is to load the file, such as redis:7.0.15.", valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @Option(help: ArgumentHelp("That server's 'databases'.", valueName: "n"))
  var databases = 16
  @Option(
    help: ArgumentHelp(
      "Memory for the search for duplicates, such as 128mb; temporary files beyond it.",
      valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var memory = VerifyOptions().memoryByteCountMax
  @OptionGroup var threshold: FailOnOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions
  @OptionGroup var strictness: StrictOption

  /// Less memory would only mean thousands of temporary files.
  private static let memoryByteCountMin = 1 << 20

  func validate() throws {
    if databases < 1 { throw ValidationError("--databases takes 1 or more, not \(databases).") }
    if memory < Self.memoryByteCountMin { throw ValidationError("--memory takes 1mb or more.") }
  }

  func run() throws {
    let run = try CommandRun(output)
    let verdicts = inputs.files.map { verify($0, run.diagnostics) }
    let report = VerdictReport(verdicts)
    switch format {
    case .text: report.writeText(to: run.output, style: run.style)
    case .json: run.output.writeJSON { report.write(to: &$0) }
    default:
      let options = ReportOptions(version: RedisOps.version)
      report.findings.write(as: format, options) { [output = run.output] in output.write($0) }
    }
    run.diagnostics.add(threshold.status(of: report.verdict, report.findings))
    try run.finish()
  }

  private func verify(_ path: String, _ diagnostics: Diagnostics) -> FileVerdict {
    do throws(InputError) {
      return verify(try InputFile(opening: path), diagnostics)
    } catch {
      return FileVerdict(file: path == "-" ? "<stdin>" : path, error)
    }
  }

  private func verify(_ input: InputFile, _ diagnostics: Diagnostics) -> FileVerdict {
    let progress = ProgressLine(
      input.name, totalByteCount: input.regularFileSize.map { Int64($0) }, isQuiet: output.quiet)
    diagnostics.use(progress)
    defer {
      progress.finish()
      diagnostics.use(nil)
    }
    var options = VerifyOptions()
    options.scan = scan.scan
    options.scan.onBytes = { progress.add($0) }
    options.memoryByteCountMax = memory
    options.target = target
    options.databases = databases
    options.isStrict = strictness.strict
    return FileVerdict(file: input.name, SnapshotVerifier.verify(input, options))
  }
}

extension ReportFormat: ExpressibleByArgument {}

extension VerifyReport.Verdict {
  /// What the verdict means for the exit status.
  var status: ExitStatus {
    switch self {
    case .good: .done
    case .bad: .failed
    case .unknown: .unchecked
    }
  }
}
