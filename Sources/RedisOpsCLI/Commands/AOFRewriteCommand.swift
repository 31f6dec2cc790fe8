import AOF
import ArgumentParser
import ByteKit
import Findings
import RedisModel
import Rendering
import Replay

/// `redisops aof rewrite`.
struct AOFRewriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rewrite",
    abstract: "Compacts an append-only file without a server: as a snapshot, or as a new one.",
    discussion: """
      Executes the commands in memory, as a server does at its start, and writes what is there then.
      The name of --output says what: a snapshot for NAME.rdb, one append-only file for NAME.aof,
      else an append-only folder with its manifest, or for servers before 7.0 one file; --layout
      says it outright. Append-only files begin with a snapshot, as servers write them from 4.0 on;
      with --no-preamble they are commands alone, as BGREWRITEAOF writes them then.

      The files are those of --target, by default of the server that wrote the source. What that
      server has no form for is named with its key, and nothing is written; the same holds where the
      source is damaged (see 'redisops aof fix'), has something that cannot be executed here, as
      commands of modules, or that cannot be written, as vector sets that commands have changed.
      Keys that are due are kept, for the next server to delete.

      The source is only read. The result appears whole or not at all, also when the program is
      killed or the disk is full; a file of that name is replaced, a folder must not exist.

      Examples:
        redisops aof rewrite appendonlydir --output dump.rdb
        redisops aof rewrite appendonlydir --output compacted
        redisops aof rewrite appendonly.aof --target redis:6.2 --no-preamble --output new.aof
      """.flowing)

  @OptionGroup var input: AOFArgument
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The snapshot, file or folder to write; '-' is standard output.", valueName: "path"),
    completion: .file())
  var output: String
  @Option(
    help: ArgumentHelp(
      "The server that is to load the result, such as redis:7.0.", valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var target: ServerVersion?
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The server by whose rules the source is executed; by default the one that wrote it.",
      valueName: "server"),
    transform: { try ServerVersion(target: $0) })
  var server: ServerVersion?
  @Option(
    help: ArgumentHelp(
      "snapshot, folder or file; by default what the name of the output says.",
      valueName: "layout"))
  var layout: RewriteLayout?
  @Flag(help: "Write commands in place of a snapshot.")
  var noPreamble = false
  @Flag(help: "Store strings of a snapshot as they are: larger, and quicker to write and to load.")
  var noCompression = false
  @Flag(help: "Allow the result to lie in the folder that is read.")
  var allowInside = false
  @Option(
    name: .customLong("at"),
    help: ArgumentHelp(
      "The moment of loading, from which relative expiries count: RFC 3339 or Unix time; now by "
        + "default.", valueName: "time"),
    transform: { try TimeText.parse($0) })
  var time: Int64?
  @Option(help: ArgumentHelp("The report: text or json.", valueName: "format"))
  var format: TextOrJSON = .text
  @OptionGroup var replay: ReplayOptions
  @Option(help: ArgumentHelp("Colours: auto, always or never.", valueName: "when"))
  var color: ColorMode = .auto
  @Flag(name: .shortAndLong, help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if noPreamble, layout == .snapshot || layout == nil && output.hasSuffix(".rdb") {
      throw ValidationError("--no-preamble is for append-only files; a snapshot has no commands.")
    }
    if layout == .folder, output == "-" {
      throw ValidationError("A folder cannot go to standard output.")
    }
    if layout == .folder, let target, !AOFServerTraits(target).knowsFolders {
      throw ValidationError("\(target.displayName) knows no append-only folders.")
    }
  }

  func run() throws {
    let run = try CommandRun(output: nil, color: color)
    rewrite(run)
    try run.finish()
  }

  private func rewrite(_ run: CommandRun) {
    let nowMs = time ?? Clock.nowMs
    var loading = SetLoading(
      diagnostics: run.diagnostics, server: server, nowMs: nowMs, replay: replay, isQuiet: quiet)
    loading.deletesDue = false
    loading.takesUnknownValues = true
    if target == nil {
      loading.assumptionAdvice =
        ", and written for it; --target names the server that is to load it, which may be older"
    }
    guard let set = loading.open(input.path), isApart(set, run.diagnostics),
      let loaded = loading.load(set)
    else { return }
    let target = target ?? loaded.server
    var rewriting = DatasetRewriting(
      path: output, layout: chosenLayout(for: target), target: target, nowMs: nowMs,
      writesCommands: noPreamble, compresses: !noCompression)
    if rewriting.layout == .folder {
      let place = NewSet(diagnostics: run.diagnostics, path: output, isQuiet: quiet)
      guard place.isPossible(for: loaded.set, allowsInside: allowInside) else { return }
    }
    let progress = PartProgress(run.diagnostics, isQuiet: quiet)
    rewriting.onBytes = progress.begin(output, nil)
    defer { progress.finish() }
    do {
      let (byteCount, leftOut) = try rewriting.write(
        loaded.loader, name: Self.name(of: loaded.set), like: loaded.set.folder)
      progress.finish()
      let losses = leftOut.merging(loaded.loader.report.dropped) { $0 + $1 }
      for (what, count) in losses.sorted(by: { $0.key < $1.key }) {
        run.diagnostics.warning(
          "not written, \(HumanNumber.count(count, "time")): \(PrintableText.line(what))",
          at: Location(file: loaded.set.name))
      }
      if output != "-" { report(loaded, rewriting, byteCount, run) }
    } catch let error as SavingError {
      let target = PrintableText.line(output)
      run.diagnostics.error(
        "\(error.message); nothing is written to \(target)",
        at: Location(file: loaded.set.name), key: error.key,
        database: error.key == nil ? nil : error.database,
        status: error.isForLackHere ? .unchecked : .failed)
    } catch let error as OutputError {
      run.diagnostics.report(error)
    } catch {
      run.diagnostics.error("\(error)", at: Location(file: output), status: .defect)
    }
  }

  private func chosenLayout(for target: ServerVersion) -> RewriteLayout {
    if let layout { return layout }
    return output == "-" ? .file : .of(output, for: target)
  }

  /// What the files of a folder begin with.
  private static func name(of set: AOFSet) -> String {
    guard let path = set.manifestPath else { return "appendonly.aof" }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let ending = ".manifest"
    return name.hasSuffix(ending) ? String(name.dropLast(ending.count)) : name
  }

  /// Whether the output is none of the files that are read, nor lies among them; says what it is.
  private func isApart(_ set: AOFSet, _ diagnostics: Diagnostics) -> Bool {
    if input.path == "-" || output == "-" { return true }
    let read = set.parts.map(\.path) + [input.path] + [set.manifestPath].compactMap { $0 }
    if let real = NewSet.realPath(output), read.contains(where: { NewSet.realPath($0) == real }) {
      diagnostics.error(
        "is what is read; name another file", at: Location(file: output), status: .usage)
      return false
    }
    let place = NewSet(diagnostics: diagnostics, path: output, isQuiet: quiet)
    guard !allowInside, let folder = set.folder, let real = NewSet.realPath(folder),
      NewSet.realPath(place.neighbourhood) == real
    else { return true }
    diagnostics.error(
      "lies in the folder that is read; name another place, or say --allow-inside",
      at: Location(file: output), status: .usage)
    return false
  }
}

// The report.
extension AOFRewriteCommand {
  private func report(
    _ loaded: borrowing LoadedSet, _ rewriting: DatasetRewriting, _ byteCount: Int64,
    _ run: CommandRun
  ) {
    let keyCounts = loaded.loader.keyCounts
    let read = loaded.set.loadedParts.map(\.byteCount).reduce(Int64?(0)) { sum, size in
      sum.flatMap { sum in size.map { sum + Int64($0) } }
    }
    let keys = keyCounts.reduce(0) { $0 + $1.keyCount }
    switch format {
    case .text:
      let name = run.style.bold(PrintableText.line(output))
      let size = HumanNumber.size(byteCount)
      let before = read.map { "; the files read have \(HumanNumber.size($0))" } ?? ""
      run.output.write(
        "\(name): \(HumanNumber.count(keys, "key")), \(size), for "
          + "\(rewriting.target.displayName)\(before)\n")
    case .json:
      let (server, commands) = (loaded.server, loaded.loader.report.commandCount)
      run.output.writeJSON {
        $0.object {
          $0.schema("aof-rewrite")
          $0.member("input", input.path == "-" ? "<stdin>" : input.path)
          $0.member("server", "\(server)")
          $0.member("commands", commands)
          $0.member("bytesRead", read)
          $0.member("output", output)
          $0.member("layout", rewriting.layout.rawValue)
          $0.member("target", "\(rewriting.target)")
          $0.member("bytesWritten", byteCount)
          $0.member("keys", keys)
        }
      }
    }
  }
}
