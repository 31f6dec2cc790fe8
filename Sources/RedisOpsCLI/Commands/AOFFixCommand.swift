import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import Rendering

/// `redisops aof fix`.
struct AOFFixCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fix",
    abstract: "Writes a repaired copy of an append-only file that servers load.",
    discussion: """
      What stands in front of the first damage is kept, so that the data are those of one moment; a
      torn or damaged tail, a transaction without its end, and files behind a loss are left out.
      Where a server was started on a file that ends within a transaction, and has written on
      behind it, that transaction is left out and what was written later is kept. Commands that do
      nothing (a nested MULTI, an EXEC without MULTI) or crash servers (a wrong number of arguments)
      are taken out one by one.

      With --skip-damage the records that can be read behind damage are kept too, and later files.
      Part of a transaction is never kept.

      A damaged base is replaced by files of before the last rewrite, where they are still there.
      The manifest is repaired where that takes no guess: a missing line end, blank lines, zero
      bytes, double lines, numbers out of order, or a manifest that is gone.

      Nothing is thrown away: the new folder has a folder 'lost' with the bytes that are left out,
      file by file, and commands.ndjson, which lists every command among them with its offset.

      With --in-place the repaired set takes the place of the original, which is kept beside it as
      PATH.backup-1. Stop the server before that.

      Examples:
        redisops aof fix appendonlydir --dry-run
        redisops aof fix appendonlydir --output repaired
      """.flowing)

  @OptionGroup var input: AOFArgument
  @Flag(help: "Replace the original, which is kept as a backup beside it.")
  var inPlace = false
  @Flag(help: "Leave out commands that no server knows; without it modules may have them.")
  var dropUnknown = false
  @Flag(
    help: ArgumentHelp(
      "End a transaction that a server has written on behind with an EXEC, in place of leaving it "
        + "out: its commands, as far as they are there, take effect."))
  var closeTransaction = false
  @Flag(
    help: ArgumentHelp(
      "Keep what can be read behind damage, and later files: less is lost, but the data are not "
        + "those of one moment."))
  var skipDamage = false
  @OptionGroup var newSet: NewSetOptions
  @OptionGroup var scan: ScanOptions

  func validate() throws {
    if newSet.output != nil, inPlace {
      throw ValidationError("--output and --in-place exclude each other.")
    }
    if newSet.output == nil, !inPlace, !newSet.dryRun {
      throw ValidationError("One of --output, --in-place and --dry-run is needed.")
    }
    if inPlace, input.path == "-" {
      throw ValidationError("Standard input cannot be repaired in place.")
    }
  }

  func run() throws {
    let run = try CommandRun(output: nil, color: newSet.color)
    do {
      try fix(run)
    } catch let error as AOFPlanError {
      run.diagnostics.report(error)
    } catch let error as InputError {
      run.diagnostics.report(error, in: input.path == "-" ? "<stdin>" : input.path)
    }
    try run.finish()
  }

  private func fix(_ run: CommandRun) throws {
    let opened = try AOFSet(opening: input.path)
    let folder = newSet.output.map {
      NewSet(diagnostics: run.diagnostics, path: $0, isQuiet: newSet.quiet)
    }
    if let folder, !folder.isPossible(for: opened, allowsInside: newSet.allowInside) { return }
    if inPlace, !opened.canBeReplaced {
      return run.diagnostics.error(
        "is packed or no regular file; repair it with --output", at: Location(file: opened.name),
        status: .usage)
    }
    let spooled = try opened.mendingManifest().spoolingStreams(
      in: folder?.neighbourhood ?? ".")
    let plan = try self.plan(spooled, run.diagnostics)
    let losses = try AOFLosses(plan)
    var report = AOFFixReport(
      set: spooled.set, plan: plan, losses: losses, output: newSet.output,
      isDryRun: newSet.dryRun)
    for note in plan.manifestRepairs.filter(\.isWarning) + plan.notes {
      run.diagnostics.report(note)
    }
    if !newSet.dryRun {
      if let folder {
        guard write(plan, to: folder, like: opened.folder) else { return }
        report.isWritten = true
      } else if !plan.isUnchanged {
        let place = InPlaceRepair(set: opened, diagnostics: run.diagnostics, isQuiet: newSet.quiet)
        guard let backup = place.replace(with: plan) else { return }
        report.backup = backup
        report.isWritten = true
      }
    }
    for note in plan.unrepaired {
      run.diagnostics.report(note)
      run.diagnostics.add(.failed)
    }
    switch newSet.format {
    case .text: report.writeText(to: run.output, style: run.style, width: run.width)
    case .json: run.output.writeJSON { report.write(to: &$0) }
    }
  }

  private func plan(
    _ mended: AOFSet.Mended, _ diagnostics: Diagnostics
  ) throws(AOFPlanError) -> AOFRepairPlan {
    var options = AOFRepairOptions()
    options.scan = scan.scan
    options.dropsUnknown = dropUnknown
    options.closesAbandoned = closeTransaction
    options.skipsDamage = skipDamage
    let lines = AOFProgress(diagnostics, isQuiet: newSet.quiet)
    options.willRead = { lines.begin($0.path, byteCount: $1) }
    defer { lines.finish() }
    return try AOFRepairPlanner(mended, options).plan()
  }

  private func write(_ plan: AOFRepairPlan, to folder: NewSet, like model: String?) -> Bool {
    folder.write(plan.assembly, like: model) { output in
      try AOFLosses.writeList(of: plan, AOFRepairPlan.lostList, into: output)
    }
  }
}

/// A progress line for one file after the other.
private final class AOFProgress {
  private let diagnostics: Diagnostics
  private let isQuiet: Bool
  private var line: ProgressLine?

  init(_ diagnostics: Diagnostics, isQuiet: Bool) {
    self.diagnostics = diagnostics
    self.isQuiet = isQuiet
  }

  func begin(_ path: String, byteCount: Int) -> any ByteTap {
    finish()
    let line = ProgressLine(path, totalByteCount: Int64(byteCount), isQuiet: isQuiet)
    self.line = line
    diagnostics.use(line)
    return ProgressTap(line)
  }

  func finish() {
    line?.finish()
    line = nil
    diagnostics.use(nil)
  }
}
