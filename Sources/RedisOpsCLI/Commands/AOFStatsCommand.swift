import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel

/// `redisops aof stats`.
struct AOFStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts what was written: by command, database, key prefix and time.",
    discussion: """
      Keys count each time that a command names them; the bytes of a command with several keys fall
      evenly to them. Times come from '#TS:' annotations, where there are any. Hot keys and what a
      rewrite would save are estimates when there are more keys than memory is set aside for; the
      report says so, and how far off they may be. Several paths give one total. Memory stays below
      64 MiB.

      Examples:
        redisops aof stats --top 20 appendonlydir
        redisops aof stats --depth 2 --from 2026-11-21T12:00:00Z appendonlydir
      """.flowing)

  @Argument(
    help: ArgumentHelp(
      "The files, manifests or folders to read; '-' is standard input. Gzip of a file is unpacked.",
      valueName: "path"),
    completion: .file())
  var paths: [String]
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @Option(
    help: ArgumentHelp("How many hot keys, large commands and prefixes to list.", valueName: "n"))
  var top = 10
  @Option(
    help: ArgumentHelp(
      "A character that ends a part of a key; repeatable. ':' by default.", valueName: "char"))
  var delimiter: [String] = []
  @Option(help: ArgumentHelp("How many parts of a key make its prefix.", valueName: "n"))
  var depth = 1
  @Option(
    help: ArgumentHelp(
      "The length of the stretches of time, as in 10s or 1h; what fits by default.",
      valueName: "duration"),
    transform: { try DurationText.parse($0) })
  var bucket: Int64?
  @OptionGroup(title: "Selection") var selection: AOFSelectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  private static let depthMax = 64

  func validate() throws {
    if paths.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("Standard input ('-') can be read once only.")
    }
    if !(0...LargestCommands.countMax).contains(top) {
      throw ValidationError("--top takes 0 to \(LargestCommands.countMax), not \(top).")
    }
    if !(1...Self.depthMax).contains(depth) {
      throw ValidationError("--depth takes 1 to \(Self.depthMax), not \(depth).")
    }
    if let long = delimiter.first(where: { $0.utf8.count != 1 }) {
      throw ValidationError("--delimiter takes one ASCII character, not '\(long)'.")
    }
    if let bucket, bucket < 1000 || bucket % 1000 != 0 {
      throw ValidationError("--bucket takes whole seconds, 1s or more.")
    }
  }

  func run() throws {
    let run = try CommandRun(output)
    var pass = AOFPass(
      diagnostics: run.diagnostics, options: scan.scan, isQuiet: output.quiet, holding: .front)
    pass.options.threads = 1
    var options = AOFStatistics.Options()
    if !delimiter.isEmpty { options.delimiters = delimiter.flatMap { Array($0.utf8) } }
    options.depth = depth
    options.top = top
    options.bucketSeconds = (bucket ?? 1000) / 1000
    let box = AOFStatisticsBox(options)
    var report = AOFStatisticsReport(top: top, hasBucket: bucket != nil)
    for path in paths {
      guard let set = pass.open(path) else { continue }
      box.statistics.pointee.beginDataSet()
      count(set, pass, run, box, &report)
    }
    if !selection.isSelective { report.rewrite = box.statistics.pointee.estimateRewrite() }
    switch format {
    case .text:
      let text = AOFStatisticsText(style: run.style, width: run.width)
      text.write(report, box.statistics.pointee, to: run.output)
    case .json:
      run.output.writeJSON { AOFStatisticsJSON.write(report, box.statistics.pointee, to: &$0) }
    }
    try run.finish()
  }

  private func count(
    _ set: AOFSet, _ pass: AOFPass, _ run: CommandRun, _ box: AOFStatisticsBox,
    _ report: inout AOFStatisticsReport
  ) {
    let parts = set.loadedParts
    let range: AOFRange
    do throws(AOFPlaceError) {
      range = try AOFRange(from: selection.from, to: selection.to, in: parts.map(\.name))
    } catch {
      run.diagnostics.error(error.message, at: Location(file: set.name), status: .usage)
      return
    }
    var selector = AOFSelector(selection, range)
    var progress = AOFReader.Progress()
    for (index, part) in parts.enumerated() where !selector.isDone {
      selector.begin(part: index)
      box.statistics.pointee.fileIndex = report.files.count
      var file = AOFStatisticsReport.File(path: part.path, byteCount: part.byteCount)
      let result = pass.run(part, progress) { [selection] file, options in
        guard !selection.isSelective else { return file.skipSnapshot(options) }
        return file.scanSnapshot(
          options, makeHandler: { _ in BaseKeyHandler(box) }, commit: { _ in })
      } _: { record in
        guard case .command(let command) = record else { return true }
        if selector.selects(command) {
          file.tally.commands &+= 1
          file.tally.byteCount &+= command.byteCount
          box.statistics.pointee.add(command)
        }
        return !selector.isDone
      }
      guard let result else { continue }
      file.transactions = result.progress.transactionCount - progress.transactionCount
      file.baseKeys = result.snapshot?.keyCount
      file.isComplete = result.error == nil && result.snapshot?.failure == nil
      progress = result.progress
      report.files.append(file)
    }
    if selector.lacksTimes {
      run.diagnostics.warning(
        "no #TS: annotation tells the time of any command, so that a time selects nothing",
        at: Location(file: set.name))
    }
  }
}

/// The counts that a pass over snapshot and commands adds to.
///
/// `Sendable` unchecked: a pass with one thread runs while its starter waits.
final class AOFStatisticsBox: @unchecked Sendable {
  /// The counts; a pointer, because the checks of access to a variable cost time at each command.
  let statistics: UnsafeMutablePointer<AOFStatistics>

  /// Nothing counted yet.
  init(_ options: AOFStatistics.Options) {
    statistics = .allocate(capacity: 1)
    statistics.initialize(to: AOFStatistics(options))
  }

  deinit {
    statistics.deinitialize(count: 1)
    statistics.deallocate()
  }
}

/// Counts the keys of a snapshot in front.
private struct BaseKeyHandler: RDBChunkHandler {
  let box: AOFStatisticsBox

  init(_ box: AOFStatisticsBox) { self.box = box }

  mutating func record(_ record: RDBRecord, offset: Int) {}

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let key = Array(header.key)
    _ = try reader.skipValue()
    let byteCount = reader.input.offset &- header.offset
    key.withUnsafeBytes {
      box.statistics.pointee.addBaseKey($0, database: header.database, byteCount: byteCount)
    }
  }
}
