import Analysis
import ArgumentParser
import ByteKit
import Export
import Findings
import RDB
import RedisModel

/// The formats of `rdb dump`.
enum DumpFormatName: String, ExpressibleByArgument, CaseIterable {
  case ndjson, json, csv, resp, keys
}

/// `redisops rdb dump`.
struct RDBDumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump",
    abstract: "Writes the keys of a snapshot, as data or as the commands that rebuild them.",
    discussion: """
      ndjson has one JSON object a line, json the same in one array, csv a table without values,
      keys the names alone. Bytes that are no UTF-8 stand in JSON as a string that begins with
      U+0000, 'b64:' and base64. resp is for 'redis-cli --pipe': it rebuilds the data on a server of
      --target; what that server cannot take is named on standard error.

      Examples:
        redisops rdb dump --match 'user:*' --type hash dump.rdb
        redisops rdb dump --format resp --target redis:7.2 dump.rdb | redis-cli --pipe
      """.flowing)

  @OptionGroup var inputs: InputArguments
  @Option(
    help: ArgumentHelp(
      DumpFormatName.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: DumpFormatName = .ndjson
  @Flag(help: "Leave the values out of ndjson and json.")
  var noValues = false
  @Option(
    help: ArgumentHelp(
      "For resp: the server that will take the commands, such as redis:7.2; by default the "
        + "one that wrote the file.",
      valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup var moment: MomentOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions
  @OptionGroup var strictness: StrictOption

  func validate() throws {
    if noValues, format == .resp {
      throw ValidationError("--no-values leaves nothing of --format resp.")
    }
    if target != nil, format != .resp {
      throw ValidationError("--target belongs to --format resp.")
    }
  }

  func run() throws {
    let run = try CommandRun(output)
    let destination = DumpOutput(run.output, format)
    let state = KeyGateState(limit: selection.limit)
    var pass = SnapshotPass(
      diagnostics: run.diagnostics, options: scan.scan, isStrict: strictness.strict,
      isQuiet: output.quiet)
    pass.options.output = { destination.write($0) }
    pass.options.shouldStop = { [output = run.output] in output.hasFailed }
    if selection.limit != nil { pass.options.threads = 1 }
    let dump = Dump(
      pass: pass, selection: selection.selection(nowMs: moment.nowMs), state: state)
    for path in inputs.files {
      if state.isDone || state.trouble != nil || run.output.hasFailed { break }
      write(path, dump)
    }
    run.diagnostics.report(troubleOf: state)
    destination.finish()
    try run.finish()
  }

  private func write(_ path: String, _ dump: Dump) {
    let nowMs = dump.selection.nowMs
    switch format {
    case .ndjson, .json:
      let layout: JSONSink.Layout = format == .json ? .items : .lines
      let hasValues = !noValues
      dump.run(path) { _, drain in
        JSONDump(layout: layout, hasValues: hasValues, nowMs: nowMs, drain: drain)
      }
    case .csv: dump.run(path) { _, drain in CSVDump(drain: drain) }
    case .keys: dump.run(path) { _, drain in KeyDump(drain: drain) }
    case .resp: writeCommands(path, dump)
    }
  }

  private func writeCommands(_ path: String, _ dump: Dump) {
    let leftOut = Gathered(LeftOutTotal())
    let target = target
    let nowMs = dump.selection.nowMs
    dump.run(
      path,
      makeFormat: { chunk, drain in
        RESPDump(
          target: RESPTarget(target ?? chunk.prologue.writer), nowMs: nowMs, drain: drain)
      },
      atEnd: { leftOut.value.add($0.leftOut) })
    for note in leftOut.value.notes {
      dump.pass.diagnostics.warning(
        note.message, at: Location(file: path == "-" ? "<stdin>" : path), key: note.key,
        database: note.database)
    }
  }
}

/// What the files of a dump have in common.
private struct Dump {
  let pass: SnapshotPass
  let selection: KeySelection
  let state: KeyGateState

  /// Writes one file.
  ///
  /// - Parameters:
  ///   - makeFormat: makes the format of a chunk around its drain.
  ///   - atEnd: looks at the format of each chunk after its last key, in file order.
  func run<Format: DumpFormat & ~Copyable>(
    _ path: String,
    makeFormat:
      @escaping @Sendable (RDBChunk, @escaping (UnsafeRawBufferPointer) -> Void) -> Format,
    atEnd: @escaping @Sendable (borrowing Format) -> Void = { _ in }
  ) {
    _ = pass.run(
      path,
      makeHandler: { [selection, state] chunk in
        DumpHandler(chunk, selection, state) { makeFormat(chunk, $0) }
      },
      commit: { (handler: inout DumpHandler<Format>) in
        handler.finish()
        atEnd(handler.format)
      })
  }
}
