import Analysis
import ArgumentParser
import ByteKit
import Findings
import RDB
import RedisModel

/// `redisops rdb digest`.
struct RDBDigestCommand: ParsableCommand {
  /// What to do with what is due.
  enum Expired: String, ExpressibleByArgument, CaseIterable {
    case drop, keep
  }

  /// The formats of `--keys`.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, ndjson
  }

  static let configuration = CommandConfiguration(
    commandName: "digest",
    abstract: "Computes the fingerprint that DEBUG DIGEST prints on a server with this data.",
    discussion: """
      Two snapshots with the same data have the same digest, whatever the order of their keys and
      the encodings of their values. Servers differ in details, so the digest is that of the server
      which wrote the file, or of --as. What is due is left out, as a primary does when it loads.

      Selection flags give the digest of a part: that of a server with these keys alone.

      Where a value's share in the digest is known to its module only, there is no digest, and the
      exit status is 2; --keys still gives that of every other key (DEBUG DIGEST-VALUE).

      Example: redisops rdb digest --as redis:7.2 dump.rdb
      """.flowing)

  @OptionGroup var inputs: InputArguments
  @Flag(help: "Print the digest of each key's value in place of the data set's.")
  var keys = false
  @Option(help: ArgumentHelp("For --keys: text or ndjson.", valueName: "format"))
  var format: Format = .text
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The server whose digest is wanted, such as redis:6.2 or valkey:9.0; by default the one "
        + "that wrote the file.",
      valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var server: ServerVersion?
  @Option(help: ArgumentHelp("drop or keep keys and fields that are due.", valueName: "what"))
  var expired: Expired = .drop
  @OptionGroup(title: "Selection") var selection: SelectionOptions
  @OptionGroup var moment: MomentOption
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions
  @OptionGroup var strictness: StrictOption

  func validate() throws {
    if format == .ndjson, !keys { throw ValidationError("--format ndjson belongs to --keys.") }
  }

  func run() throws {
    let run = try CommandRun(output)
    var pass = SnapshotPass(
      diagnostics: run.diagnostics, options: scan.scan, isStrict: strictness.strict,
      isQuiet: output.quiet)
    pass.options.output = { [output = run.output] in output.write($0) }
    pass.options.shouldStop = { [output = run.output] in output.hasFailed }
    let state = KeyGateState(limit: selection.limit)
    if state.isLimited { pass.options.threads = 1 }
    let nowMs = moment.nowMs
    let options = DigestOptions(atMs: nowMs, server: server, dropsExpired: expired == .drop)
    let selection = selection.selection(nowMs: nowMs)
    for path in inputs.files {
      if state.isDone || state.trouble != nil { break }
      guard let passed = digest(path, pass, options, selection, state) else { continue }
      report(passed.name, passed.digest, isComplete: passed.isComplete, run)
    }
    run.diagnostics.report(troubleOf: state)
    try run.finish()
  }

  private func digest(
    _ path: String, _ pass: SnapshotPass, _ options: DigestOptions,
    _ selection: KeySelection, _ state: KeyGateState
  ) -> (name: String, digest: DatasetDigest, isComplete: Bool)? {
    let gathered = Gathered(DatasetDigest())
    let format = keys ? format : nil
    let passed = pass.run(
      path,
      makeHandler: { chunk in
        KeyDigestHandler(chunk, options, KeyGate(selection, state), format: format)
      },
      commit: { (handler: inout KeyDigestHandler) in
        handler.finish()
        gathered.value.merge(handler.digest)
      })
    return passed.map {
      // What a newer version means by the same bytes is a guess: no digest unless it was asked for.
      let isKnown = $0.result.opening?.unknownVersionError == nil || pass.options.force
      let isWhole = $0.result.failure == nil || state.isDone
      return ($0.name, gathered.value, isKnown && isWhole)
    }
  }

  private func report(
    _ name: String, _ digest: DatasetDigest, isComplete: Bool, _ run: CommandRun
  ) {
    for (what, count) in digest.gaps.sorted(by: { $0.key < $1.key }) {
      run.diagnostics.error(
        "the digest of \(count) \(count == 1 ? "value" : "values") of \(what) cannot be told: "
          + "only the server knows it",
        at: Location(file: name), status: .unchecked)
    }
    guard !keys, isComplete, digest.gaps.isEmpty else { return }
    let file = inputs.files.count > 1 ? "  \(PrintableText.line(name))" : ""
    run.output.write("\(digest.value)\(file)\n")
  }
}

/// Computes the digest of a chunk and, where a format is given, writes that of each key.
struct KeyDigestHandler: RDBChunkHandler, ~Copyable {
  /// Owns the writer that the report of the digester writes to.
  private final class Lines {
    var writer: ByteWriter

    init(_ chunk: RDBChunk) { writer = ByteWriter { chunk.write($0) } }
  }

  private var handler: DigestHandler
  private let lines: Lines?

  init(
    _ chunk: RDBChunk, _ options: DigestOptions, _ gate: KeyGate, format: RDBDigestCommand.Format?
  ) {
    guard let format else {
      lines = nil
      handler = DigestHandler(chunk, options, gate)
      return
    }
    let lines = Lines(chunk)
    self.lines = lines
    handler = DigestHandler(chunk, options, gate) { header, digest in
      switch format {
      case .text: lines.writer.writeTextLine(header, digest)
      case .ndjson: lines.writer.writeJSONLine(header, digest)
      }
    }
  }

  /// What was gathered.
  var digest: DatasetDigest { handler.digest }

  mutating func record(_ record: RDBRecord, offset: Int) { handler.record(record, offset: offset) }

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    try handler.key(header, &reader)
  }

  /// Hands the lines on, at the end of the chunk.
  mutating func finish() { lines?.writer.flush() }
}

extension ByteWriter {
  /// `<digest>  <db>  <key>`; 40 dashes for a digest that cannot be told.
  fileprivate mutating func writeTextLine(_ header: KeyHeader, _ digest: Digest160?) {
    write(text: digest?.description ?? String(repeating: "-", count: 2 * Digest160.byteCount))
    write("  ")
    write(decimal: header.database)
    write("  ")
    write(text: PrintableText.plain(header.key))
    write(UInt8(ascii: "\n"))
  }

  /// `{"db":0,"key":"k","digest":"…"}`, without the digest where it cannot be told.
  fileprivate mutating func writeJSONLine(_ header: KeyHeader, _ digest: Digest160?) {
    write("{\"db\":")
    write(decimal: header.database)
    write(",\"key\":")
    writeJSON(bytes: header.key)
    if let digest {
      write(",\"digest\":\"")
      write(text: digest.description)
      write(UInt8(ascii: "\""))
    }
    write("}\n")
  }
}
