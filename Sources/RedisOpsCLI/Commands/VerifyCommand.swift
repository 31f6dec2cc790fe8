import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering
import Replay

/// `redisops verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Loads a data folder as a server would at its start, and says what comes of it.",
    discussion: """
      Decides what the server would load with this configuration: an append-only file before a
      snapshot, by manifest or as a single file, under the names that the configuration gives. Then
      loads it, in memory and without a server, and reports what that server would hold: keys,
      digest (DEBUG DIGEST), memory, commands answered by an error (servers only log these), the
      tail that is lost, half transactions, and whether it starts, refuses or starts empty.

      Good (exit 0), bad (1) or could not check (2). Traps are findings: a manifest that is not
      there, a snapshot that an append-only file hides, an append-only file that 'appendonly no'
      hides, wrong names, permissions, a file of another family or version.

      Without --conf the defaults of the server hold, so that only a dump.rdb is loaded. Without
      --target it is the server that wrote the snapshot, or else the newest Redis that is known.

      --expect names a file of expectations; see docs/verify.md. --against compares the data with
      others, key by key where the digests differ; a server is only asked, nothing is written there.

      The memory is that of the embedded
      engine. The time that the server takes to load is an estimate from the time taken here, with
      its bounds.

      Examples:
        redisops verify /backup/redis --conf redis.conf
        redisops verify data --conf redis.conf --target redis:7.0 --format json
        redisops verify data --conf redis.conf --expect invariants.yaml --format junit
        redisops verify data --conf redis.conf --against yesterday/dump.rdb
        redisops verify data --conf redis.conf --against redis://127.0.0.1:6379
      """.flowing)

  @Argument(
    help: ArgumentHelp("The data folder.", valueName: "folder"), completion: .directory)
  var folder: String
  @Option(
    help: ArgumentHelp("The server's configuration.", valueName: "file"), completion: .file())
  var conf: String?
  @Option(
    help: ArgumentHelp("The server, such as redis:7.0.15.", valueName: "server"),
    transform: { NamedTarget(text: $0, version: try ServerVersion(target: $0)) })
  var target: NamedTarget?
  @Option(
    help: ArgumentHelp(
      "\(VerifyFormat.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "format"))
  var format: VerifyFormat = .text
  @Option(
    help: ArgumentHelp("What the data are expected to be.", valueName: "yaml"),
    completion: .file())
  var expect: String?
  @Option(
    help: ArgumentHelp(
      "Compare with this snapshot, append-only file or folder, or with the server at "
        + "redis://[[USER]:PASSWORD@]HOST[:PORT].", valueName: "data"),
    completion: .file(), transform: { try ComparisonSource($0) })
  var against: ComparisonSource?
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "Load the commands up to this moment only, as far as #TS: lines tell.", valueName: "time"),
    transform: { try TimeText.parse($0.hasPrefix("@") ? String($0.dropFirst()) : $0) })
  var time: Int64?
  @Option(
    help: ArgumentHelp(
      "Load the commands in front of this offset only: 4096, 0x1f3a, or FILE@0x1f3a; without a "
        + "file it is in the last one.", valueName: "offset"),
    transform: { try AOFPlace($0) })
  var untilOffset: AOFPlace?
  @Option(
    help: ArgumentHelp(
      "Memory for the search for duplicate keys of a snapshot; temporary files beyond it.",
      valueName: "size"),
    transform: { try ByteSize.parse($0) })
  var memory = VerifyOptions().memoryByteCountMax
  @OptionGroup var threshold: FailOnOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  /// Less memory would only mean thousands of temporary files.
  private static let memoryByteCountMin = 1 << 20

  func validate() throws {
    if memory < Self.memoryByteCountMin { throw ValidationError("--memory takes 1mb or more.") }
    if time != nil, untilOffset != nil {
      throw ValidationError("--at and --until-offset name two points; give one.")
    }
    if let untilOffset {
      guard case .offset = untilOffset else {
        throw ValidationError("--until-offset takes an offset: 4096, 0x1f3a or FILE@0x1f3a.")
      }
    }
  }

  func run() throws {
    let run = try CommandRun(output)
    let progress = PartProgress(run.diagnostics, isQuiet: output.quiet)
    let expectations = try readExpectations(run.diagnostics)
    let verdict: FolderVerdict
    do throws(InputError) {
      verdict = try FolderVerification(options(expectations), progress).run()
      progress.finish()
    } catch {
      progress.finish()
      run.diagnostics.error(error.message, at: Location(file: folder), status: .unchecked)
      throw ExitStatus.unchecked
    }
    let report = FolderReport(verdict)
    write(report, run)
    run.diagnostics.add(threshold.status(of: verdict.verdict, report.findings))
    try run.finish()
  }

  private func options(_ expectations: Expectations?) -> FolderVerification.Options {
    var stopPoint = time.map { StopPoint.time($0) }
    if case .offset(let offset, let file) = untilOffset {
      stopPoint = .offset(offset, file: file)
    }
    return FolderVerification.Options(
      folder: folder, configuration: conf, target: target, stopPoint: stopPoint,
      nowMs: Clock.nowMs, scan: scan.scan, memoryByteCountMax: memory,
      expectations: expectations, against: against)
  }

  private func readExpectations(_ diagnostics: Diagnostics) throws -> Expectations? {
    guard let expect else { return nil }
    do {
      var expectations = try ExpectationReader.read(SmallFile.read(expect), file: expect)
      expectations.file = expect
      return expectations
    } catch let error as YAMLFileError {
      diagnostics.error(error.message, at: error.location, status: .unchecked)
    } catch let error as InputError {
      diagnostics.error(error.message, at: Location(file: expect), status: .unchecked)
    }
    throw ExitStatus.unchecked
  }

  private func write(_ report: FolderReport, _ run: CommandRun) {
    switch format {
    case .text: report.writeText(to: run.output, style: run.style)
    case .json: run.output.writeJSON { report.write(to: &$0) }
    case .prometheus: report.writePrometheus(to: run.output)
    case .junit, .sarif, .github, .gitlab, .markdown:
      guard let form = ReportFormat(rawValue: format.rawValue) else { return }
      let options = ReportOptions(version: RedisOps.version)
      report.findings.write(as: form, options) { [output = run.output] in output.write($0) }
    }
  }
}

/// The forms of the report on a data folder.
enum VerifyFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, junit, prometheus, sarif, github, gitlab, markdown
}
