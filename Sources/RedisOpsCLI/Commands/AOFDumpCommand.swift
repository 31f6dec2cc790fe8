import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel

/// The formats of `aof dump`.
enum AOFDumpFormat: String, ExpressibleByArgument, CaseIterable {
  case ndjson, commands, resp
}

/// `redisops aof dump`.
struct AOFDumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Writes the commands of an append-only file.",
    discussion: """
      ndjson has one JSON object a line, with file, offset, database, timestamp and transaction;
      bytes that are no UTF-8 stand there as a string that begins with U+0000, 'b64:' and base64.
      commands has one command a line, quoted as redis-cli does; resp is the commands as they stand
      in the files, for 'redis-cli --pipe'. Where a selection leaves a SELECT out, these two choose
      the database anew. The keys of a snapshot in front are no commands: see 'redisops rdb dump'.

      A place is '#N' (the Nth command), a time (RFC 3339, or '@' and Unix seconds or milliseconds),
      FILE@OFFSET, or an offset in the last file; offsets may be hexadecimal, as 0x1f3a.

      Examples:
        redisops aof dump --key 'user:*' --command DEL,UNLINK appendonlydir
        redisops aof dump --format commands --from 2026-11-21T12:00:00Z appendonlydir
      """.flowing)

  @OptionGroup var input: AOFArgument
  @Option(
    help: ArgumentHelp(
      AOFDumpFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: AOFDumpFormat = .ndjson
  @OptionGroup(title: "Selection") var selection: AOFSelectionOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  func run() throws {
    let run = try CommandRun(output)
    let pass = AOFPass(diagnostics: run.diagnostics, options: scan.scan, isQuiet: output.quiet)
    if let set = pass.open(input.path) { write(set, pass, run) }
    try run.finish()
  }

  private func write(_ set: AOFSet, _ pass: AOFPass, _ run: CommandRun) {
    let parts = set.loadedParts
    let range: AOFRange
    do throws(AOFPlaceError) {
      range = try AOFRange(from: selection.from, to: selection.to, in: parts.map(\.name))
    } catch {
      run.diagnostics.error(error.message, at: Location(file: set.name), status: .usage)
      return
    }
    var writer = AOFDumpWriter(format) { [output = run.output] in output.write($0) }
    var selector = AOFSelector(selection, range)
    var progress = AOFReader.Progress()
    for (index, part) in parts.enumerated() {
      if selector.isDone || run.output.hasFailed { break }
      selector.begin(part: index)
      writer.begin(part.name)
      let result = pass.run(part, progress) { file, options in
        file.skipSnapshot(options)
      } _: { record in
        guard case .command(let command) = record else { return true }
        if selector.selects(command) { writer.write(command) }
        return !selector.isDone && !run.output.hasFailed
      }
      if let result { progress = result.progress }
      if let snapshot = result?.snapshot, snapshot.failure == nil, snapshot.keyCount > 0 {
        run.diagnostics.note(
          "the \(snapshot.keyCount) keys of the snapshot in front are no commands and are left "
            + "out; see 'redisops rdb dump'",
          at: Location(file: part.path))
      }
    }
    writer.flush()
    if selector.lacksTimes {
      run.diagnostics.warning(
        "no #TS: annotation tells the time of any command, so that a time selects nothing",
        at: Location(file: set.name))
    }
  }
}
