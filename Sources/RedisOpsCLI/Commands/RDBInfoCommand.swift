import Analysis
import ArgumentParser
import RDB

/// `redisops rdb info`.
struct RDBInfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info",
    abstract: "Shows what a snapshot says of itself, and the keys of its databases.",
    discussion: """
      Format version, writer, time of creation, all AUX fields, function libraries, modules that are
      needed, keys and expiries by database, and whether the checksum is right. Of a damaged file,
      what stands before the damage is shown.

      Example: redisops rdb info --format json dump.rdb
      """.flowing)

  @OptionGroup var inputs: InputArguments
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions
  @OptionGroup var strictness: StrictOption

  func run() throws {
    let run = try CommandRun(output)
    let pass = SnapshotPass(
      diagnostics: run.diagnostics, options: scan.scan, isStrict: strictness.strict,
      isQuiet: output.quiet)
    let reports = inputs.files.compactMap { facts(of: $0, pass) }
    switch format {
    case .text: FactsText(style: run.style, width: run.width).write(reports, to: run.output)
    case .json: run.output.writeJSON { FactsJSON.write(reports, to: &$0) }
    }
    try run.finish()
  }

  private func facts(of path: String, _ pass: SnapshotPass) -> FactsReport? {
    let gathered = Gathered(SnapshotFacts())
    let passed = pass.run(
      path, makeHandler: { _ in FactsHandler() }, commit: { gathered.value.append($0) })
    guard let passed else { return nil }
    return FactsReport(
      file: passed.name, facts: gathered.value, result: passed.result, size: passed.size)
  }
}

/// The formats of reports that are no findings.
enum TextOrJSON: String, ExpressibleByArgument, CaseIterable {
  case text, json
}
