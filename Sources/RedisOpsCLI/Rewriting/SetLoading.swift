import AOF
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering
import Replay

/// An append-only file set, loaded, and the server that it was loaded for.
struct LoadedSet: ~Copyable {
  /// The set as the user named it.
  let set: AOFSet
  /// The server whose rules hold.
  let server: ServerVersion
  /// The data, and what came up.
  var loader: DatasetLoader
}

/// Loads append-only files for commands that want the data in them: all of the data, or none.
struct SetLoading {
  /// Where messages go.
  let diagnostics: Diagnostics
  /// The server whose rules hold; `nil` for the one that wrote the files.
  let server: ServerVersion?
  /// The moment of loading, Unix milliseconds.
  let nowMs: Int64
  /// How commands are executed.
  let replay: ReplayOptions
  /// Whether to show no progress.
  let isQuiet: Bool
  /// Whether what is due goes when loading is over.
  var deletesDue = true
  /// Whether values that are held without being known are good enough.
  var takesUnknownValues = false

  /// What to do where the server is taken for granted, behind a message.
  var assumptionAdvice = "; --as names another one"

  /// So many commands that are answered by an error are listed one by one.
  private static let listedMax = 20

  /// Loads what is at `path`, and says what is wrong with it.
  ///
  /// - Returns: `nil` where nothing could be opened, or where the data cannot be told for certain.
  func load(_ path: String) -> LoadedSet? {
    guard let set = open(path) else { return nil }
    return load(set)
  }

  /// Looks at what is at `path`, or says why that cannot be.
  func open(_ path: String) -> AOFSet? {
    do throws(InputError) {
      let set = try AOFSet(opening: path)
      if candidates(set).count == 1 { return set }
      // What comes through a pipe goes into a temporary file, for it may be read twice.
      return try set.spoolingStreams(in: SpooledInput.folder)
    } catch {
      diagnostics.report(error, in: path == "-" ? "<stdin>" : path)
      return nil
    }
  }

  /// Loads a set that was opened here, and says what is wrong with it.
  ///
  /// - Returns: `nil` where the data cannot be told for certain.
  func load(_ set: AOFSet) -> LoadedSet? {
    guard isWhole(set) else { return nil }
    var candidates = self.candidates(set)
    let isAssumed = candidates.count > 1
    var loaded = load(
      set, for: candidates[0], endsAtScript: isAssumed && set.layout != .multipart)
    let holdsScripts = loaded.loader.report.hasMetScript
    if holdsScripts {
      candidates = AOFCheck.scriptTargets + candidates
      loaded = load(set, for: candidates[0])
    }
    for other in candidates.dropFirst() where !Self.isClean(loaded.loader.report) {
      let second = load(set, for: other)
      if Self.isClean(second.loader.report) { loaded = second }
    }
    if isAssumed {
      diagnostics.note(
        "nothing names the server that wrote it; taken for \(loaded.server.displayName)"
          + (holdsScripts ? ", for only Redis before 7.0 writes scripts" : "")
          + assumptionAdvice, at: Location(file: set.name))
    }
    guard report(loaded.loader.report, set) else { return nil }
    return loaded
  }

  /// The servers that may have written the set, the likeliest first.
  private func candidates(_ set: AOFSet) -> [ServerVersion] {
    if let server { return [server] }
    guard let first = set.loadedParts.first, let writer = (try? first.open())?.writer,
      set.layout != .multipart || AOFServerTraits(writer).knowsFolders
    else { return AOFCheck.assumedTargets }
    return [writer]
  }

  private func load(
    _ set: AOFSet, for server: ServerVersion, endsAtScript: Bool = false
  ) -> LoadedSet {
    var options = LoadOptions(target: server, nowMs: nowMs, seed: AOFVerdict.seed)
    options.databaseCount = replay.databases
    options.threads = replay.threadCount
    options.allowedCommands = replay.allowedCommands
    options.allowsModuleCommands = true
    options.endsAtScript = endsAtScript
    let progress = PartProgress(diagnostics, isQuiet: isQuiet)
    defer { progress.finish() }
    let sizes = set.loadedParts.map(\.byteCount)
    options.onBytes = progress.begin(
      set.name, sizes.reduce(0) { sum, size in sum.flatMap { sum in size.map { sum + $0 } } })
    var loader = DatasetLoader(options)
    loader.load(set: set)
    loader.finish(deletesDue: deletesDue)
    return LoadedSet(set: set, server: server, loader: loader)
  }

  private static func isClean(_ report: LoadReport) -> Bool {
    report.stop == nil && report.refusedCount == 0
  }
}

// What is wrong.
extension SetLoading {
  /// Whether the manifest and its files are as servers need them; says what is not.
  private func isWhole(_ set: AOFSet) -> Bool {
    guard let manifest = set.manifest else {
      if set.layout != .multipart { return true }
      diagnostics.error(
        "no manifest: servers ignore the \(set.unnamedFiles.count) files here and start empty; "
          + "'redisops aof fix' makes one", at: Location(file: set.name))
      return false
    }
    var isWhole = manifest.problems.isEmpty
    for problem in manifest.problems {
      diagnostics.error(problem.message, at: Location(file: set.name, line: problem.line))
    }
    for part in set.loadedParts where !part.exists {
      isWhole = false
      diagnostics.error(
        "the file is missing, though line \(part.entry?.line ?? 0) of the manifest names it; "
          + "servers do not start without it",
        at: Location(file: part.path))
    }
    return isWhole
  }

  /// Says what came up.
  ///
  /// - Returns: whether the data are known.
  private func report(_ report: LoadReport, _ set: AOFSet) -> Bool {
    let paths = Dictionary(set.parts.map { ($0.name, $0.path) }) { first, _ in first }
    func path(_ file: String) -> String { paths[file].map { $0 == "-" ? file : $0 } ?? file }
    for command in report.refused.prefix(Self.listedMax) {
      // That one is what ended the loading.
      if case .unknownCommand(command) = report.stop { continue }
      diagnostics.warning(
        command.explanation(),
        at: Location(file: path(command.file), offset: Int64(command.offset)))
    }
    for error in report.explained.prefix(Self.listedMax) {
      diagnostics.warning(
        error.command.explanation(error.reason),
        at: Location(file: path(error.command.file), offset: Int64(error.command.offset)))
    }
    let leftOutCount =
      max(0, report.refusedCount - Self.listedMax) + max(0, report.explainedCount - Self.listedMax)
    if leftOutCount > 0 {
      diagnostics.warning(
        HumanNumber.count(
          leftOutCount, "more command is answered by an error",
          "more commands are answered by errors"), at: Location(file: set.name))
    }
    if let stop = report.stop {
      say(stop, path)
      return false
    }
    if let place = report.openTransaction {
      diagnostics.error(
        "the file ends within the transaction that begins here, which servers drop or refuse; "
          + "'redisops aof fix' takes it out",
        at: Location(file: path(place.file), offset: Int64(place.offset)))
      return false
    }
    let gaps = takesUnknownValues ? report.losses : report.gaps
    for gap in gaps {
      diagnostics.error(
        "\(PrintableText.line(gap.what)) was not executed, "
          + "\(HumanNumber.count(gap.count, "time")): what the server would hold is not known",
        at: Location(file: set.name), status: .unchecked)
    }
    return gaps.isEmpty
  }

  /// Says why loading ended before the end of the data.
  private func say(_ stop: LoadReport.Stop, _ path: (String) -> String) {
    let advice = "; see 'redisops aof verify'"
    switch stop {
    case .input(let file, let message):
      diagnostics.error(message, at: Location(file: path(file)), status: .unchecked)
    case .snapshot(let file, let failure):
      diagnostics.error(
        failure.error.message + advice,
        at: Location(file: path(file), offset: Int64(failure.error.offset)), key: failure.key,
        database: failure.key == nil ? nil : failure.database,
        status: failure.error.kind == .unreadable ? .unchecked : .failed)
    case .doubledKeys(let file, let count):
      diagnostics.error(
        "\(HumanNumber.count(count, "key stands", "keys stand")) in the snapshot twice, at which "
          + "servers do not start" + advice, at: Location(file: path(file)))
    case .commands(let file, let error):
      diagnostics.error(
        error.message + advice, at: Location(file: path(file), offset: Int64(error.offset)),
        status: error.kind == .unreadable ? .unchecked : .failed)
    case .memory(let file, let byteCount):
      diagnostics.error(
        "the data take more memory than there is: \(byteCount) bytes so far; the rest was not "
          + "looked at", at: Location(file: path(file)), status: .unchecked)
    case .unknownCommand(let command):
      diagnostics.error(
        "the server does not know this command and exits: \(command.error); name another server "
          + "with --as, or the command with --allow-command",
        at: Location(file: path(command.file), offset: Int64(command.offset)))
    }
  }
}
