import AOF
import ArgumentParser
import ByteKit
import Findings
import RDB
import RESP

/// The formats of `aof blame`.
enum AOFBlameFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, ndjson
}

/// `redisops aof blame`.
struct AOFBlameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract: "Shows every command that touched a key, under whatever name it had then.",
    discussion: """
      A key that came about by RENAME, COPY, MOVE or SWAPDB has the history of what it was made of;
      with --all also that of the key that was overwritten so. FLUSHDB and FLUSHALL belong to it,
      and commands that only read the key, such as a SUNIONSTORE from it. A script that stands in
      the file as EVAL is told by its KEYS alone. The file is read twice; standard input is put
      into a temporary file first.

      Times are those of the '#TS:' annotations before and behind a command, where there are any.
      A key with special bytes is written in double quotes, as redis-cli does: '"a\\x00b"'.

      Examples:
        redisops aof blame user:1 appendonlydir
        redisops aof blame cart:7 appendonly.aof --db 2 --format ndjson
      """.flowing)

  @Argument(help: "The key.")
  var key: String
  @OptionGroup var input: AOFArgument
  @Option(
    name: .customLong("db"), help: ArgumentHelp("The key's database.", valueName: "n"))
  var database = 0
  @Flag(help: "Follow keys that a RENAME, COPY or MOVE overwrote, too.")
  var all = false
  @Option(
    help: ArgumentHelp(
      AOFBlameFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: AOFBlameFormat = .text
  @OptionGroup var output: OutputOptions
  @OptionGroup var scan: ScanOptions

  func validate() throws {
    if database < 0 { throw ValidationError("--db takes 0 or more, not \(database).") }
    if key.hasPrefix("\""), keyBytes == nil {
      throw ValidationError("The key begins with a quote that is not closed.")
    }
  }

  /// The key as it is meant; `nil` for a quote that is not closed.
  private var keyBytes: [UInt8]? {
    guard key.hasPrefix("\"") else { return Array(key.utf8) }
    guard let words = QuotedText.words(Array(key.utf8)), words.count == 1 else { return nil }
    return words[0]
  }

  func run() throws {
    let run = try CommandRun(output)
    var pass = AOFPass(diagnostics: run.diagnostics, options: scan.scan, isQuiet: output.quiet)
    pass.options.threads = 1
    let name = KeyName(database: database, key: keyBytes ?? [])
    do throws(SpooledInput.Failure) {
      let spooled = try SpooledInput(input.path)
      blame(name, spooled, pass, run)
    } catch {
      run.diagnostics.error(
        error.message, at: Location(file: "<stdin>"), status: .unchecked)
    }
    try run.finish()
  }

  private func blame(
    _ name: KeyName, _ spooled: SpooledInput, _ pass: AOFPass, _ run: CommandRun
  ) {
    guard let set = pass.open(spooled.path) else { return }
    var log = NameLog()
    var progress = AOFReader.Progress()
    var first = pass
    first.holding = .front
    for part in set.loadedParts {
      let result = first.run(part, progress) { file, options in
        file.skipSnapshot(options)
      } _: { record in
        log.add(record)
        return true
      }
      if let result { progress = result.progress }
    }
    if let failure = log.failure {
      run.diagnostics.error(
        "no room in temporary files: \(systemErrorText(failure))", at: Location(file: set.name),
        status: .unchecked)
      return
    }
    let trace = KeyTrace(name, in: log, followsAll: all)
    if trace.isCut {
      run.diagnostics.warning(
        "the key has had more names than are followed; its history begins in the middle",
        at: Location(file: set.name))
    }
    var writer = AOFBlameWriter(format, name, trace, log.lastTimestampIndex, run)
    // What is wrong has been said, and a gzip stream has to be opened anew.
    var second = pass
    second.isSilent = true
    guard let again = second.open(spooled.path) else { return }
    var follower = KeyFollower(trace)
    progress = AOFReader.Progress()
    for part in again.loadedParts where !run.output.hasFailed {
      writer.begin(spooled.name(of: part.name))
      let finder = Gathered(BaseKeyFinder.Found(names: trace.stretches[0].names))
      let result = second.run(part, progress) { file, options in
        let front = file.scanSnapshot(
          options, makeHandler: { _ in BaseKeyFinder(finder) }, commit: { _ in })
        if front.snapshot != nil { writer.add(finder.value) }
        return front
      } _: { record in
        switch record {
        case .annotation(let line): writer.add(line)
        case .command(let command):
          if let touch = follower.touch(by: command) { writer.add(command, touch) }
        }
        return !run.output.hasFailed
      }
      if let result { progress = result.progress }
    }
    writer.finish(progress)
  }
}

/// Looks for a key in a snapshot in front.
struct BaseKeyFinder: RDBChunkHandler {
  /// What was found.
  struct Found {
    /// What is looked for.
    let names: [KeyName]
    /// The keys that are there.
    var keys: [Key] = []
  }

  /// A key in the snapshot.
  struct Key {
    var name: KeyName
    var kind: RDBValueKind
    var valueByteCount: Int
    var expireAtMs: Int64?
    var offset: Int
  }

  let found: Gathered<Found>

  /// - Parameter found: takes the keys; one thread at a time.
  init(_ found: Gathered<Found>) { self.found = found }

  mutating func record(_ record: RDBRecord, offset: Int) {}

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let name = found.value.names.first {
      $0.database == header.database && $0.key.count == header.key.count
        && $0.key.elementsEqual(header.key)
    }
    _ = try reader.skipValue()
    guard let name else { return }
    found.value.keys.append(
      Key(
        name: name, kind: header.type.kind,
        valueByteCount: reader.input.offset &- header.valueOffset,
        expireAtMs: header.expireAtMs, offset: header.offset))
  }
}
