import Analysis
import ArgumentParser
import RDB

/// `redisops rdb stats`.
struct RDBStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: "Counts keys, elements and bytes by database, type, encoding and expiry.",
    discussion: """
      Bytes are those of the values as the file stores them. The largest keys by bytes and by
      elements are listed too. Several files get a total. Selection flags leave keys out.

      Examples:
        redisops rdb stats --top 20 backups/*.rdb
        redisops rdb stats --match 'session:*' --ttl none dump.rdb
      """.flowing)

  @OptionGroup var inputs: InputArguments
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @Option(help: ArgumentHelp("How many of the largest keys to list.", valueName: "n"))
  var top = 10
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup var moment: MomentOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions
  @OptionGroup var strictness: StrictOption

  func validate() throws {
    if !(0...LargestKeys.countMax).contains(top) {
      throw ValidationError("--top takes 0 to \(LargestKeys.countMax), not \(top).")
    }
  }

  func run() throws {
    let run = try CommandRun(output)
    let state = KeyGateState(limit: selection.limit)
    var pass = SnapshotPass(
      diagnostics: run.diagnostics, options: scan.scan, isStrict: strictness.strict,
      isQuiet: output.quiet)
    if state.isLimited { pass.options.threads = 1 }
    let nowMs = moment.nowMs
    let empty = SnapshotStatistics(nowMs: nowMs, topCount: top)
    let selection = selection.selection(nowMs: nowMs)
    var files: [StatisticsReport.File] = []
    for path in inputs.files {
      if state.isDone || state.trouble != nil { break }
      if let file = statistics(of: path, pass, empty, selection, state) { files.append(file) }
    }
    run.diagnostics.report(troubleOf: state)
    let report = StatisticsReport(files, empty: empty)
    switch format {
    case .text: StatisticsText(style: run.style, width: run.width).write(report, to: run.output)
    case .json: run.output.writeJSON { StatisticsJSON.write(report, to: &$0) }
    }
    try run.finish()
  }

  private func statistics(
    of path: String, _ pass: SnapshotPass, _ empty: SnapshotStatistics,
    _ selection: KeySelection, _ state: KeyGateState
  ) -> StatisticsReport.File? {
    let gathered = Gathered(empty)
    let passed = pass.run(
      path, makeHandler: { _ in StatisticsHandler(empty, KeyGate(selection, state)) },
      commit: { gathered.value.merge($0.statistics) })
    guard let passed else { return nil }
    return StatisticsReport.File(
      name: passed.name, statistics: gathered.value, size: passed.size,
      isComplete: passed.result.failure == nil)
  }
}
