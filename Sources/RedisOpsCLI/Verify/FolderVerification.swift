import AOF
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering
import Replay

/// Does what a server does at its start with a data folder, and judges what comes of it.
struct FolderVerification {
  /// What was asked for.
  struct Options {
    /// The data folder.
    var folder: String
    /// The configuration; `nil` for the defaults.
    var configuration: String?
    /// The server; `nil` for the one that wrote the data.
    var target: NamedTarget?
    /// Where to end, before the end of the data.
    var stopPoint: StopPoint?
    /// The moment of loading, Unix milliseconds.
    var nowMs: Int64
    /// How to go over snapshots.
    var scan: RDBScanOptions
    /// Memory for the search for duplicate keys.
    var memoryByteCountMax: Int
    /// What the data are expected to be; `nil` for nothing in particular.
    var expectations: Expectations?
    /// What to compare the data with; `nil` for nothing.
    var against: ComparisonSource?
  }

  private let options: Options
  private let progress: PartProgress

  /// A verification that shows its progress.
  init(_ options: Options, _ progress: PartProgress) {
    self.options = options
    self.progress = progress
  }

  /// The verdict.
  ///
  /// - Throws: where the folder or the configuration cannot be read: there is none.
  func run() throws(InputError) -> FolderVerdict {
    guard let status = FileStatus(options.folder) else {
      throw InputError(.system, at: 0, "cannot open: \(systemErrorText(errno))")
    }
    guard status.kind == .folder else {
      throw InputError(.system, at: 0, "is no folder; name the folder that holds the data")
    }
    let bytes = try options.configuration.map { path throws(InputError) in
      try SmallFile.read(path)
    }
    let (target, origin) = chooseTarget(bytes ?? [])
    if origin == .assumed { return try runForLikeliest(target, bytes ?? []) }
    return try run(target, origin, bytes ?? [])
  }

  /// The verdict for the likeliest server that takes the configuration and executes all commands,
  /// or else for the likeliest.
  private func runForLikeliest(
    _ target: NamedTarget, _ bytes: [UInt8]
  ) throws(InputError) -> FolderVerdict {
    let first = try run(target, .assumed, bytes, leavesScripts: true)
    guard first.isLeftToOthers || first.report?.refusedCount ?? 0 > 0 else { return first }
    var likeliest = first.isLeftToOthers ? nil : first
    for other in first.candidates where first.isLeftToOthers || other != target.version {
      let second = try run(NamedTarget(text: "\(other)", version: other), .assumed, bytes)
      guard second.takesConfiguration else { continue }
      if second.report?.refusedCount == 0, second.report?.stop == nil { return second }
      if likeliest == nil { likeliest = second }
    }
    if let likeliest { return likeliest }
    return try run(target, .assumed, bytes)
  }

  /// The verdict for one server.
  ///
  /// - Parameter leavesScripts: whether a file with scripts in it is left to servers that write
  ///   such ones.
  private func run(
    _ target: NamedTarget, _ origin: FolderVerdict.TargetOrigin, _ bytes: [UInt8],
    leavesScripts: Bool = false
  ) throws(InputError) -> FolderVerdict {
    let configuration = StartConfiguration(target.version, path: options.configuration, bytes)
    guard let plan = StartPlan(folder: options.folder, configuration.settings) else {
      throw InputError(.system, at: 0, "cannot be listed: \(systemErrorText(errno))")
    }
    var verdict = FolderVerdict(
      folder: options.folder, configuration: options.configuration, target, origin,
      configuration.settings)
    verdict.source = plan.source
    verdict.findings += configuration.findings
    if configuration.isIncomplete { verdict.add(.unknown) }
    for trap in plan.traps { verdict.add(trap) }
    if let trap = configuration.trap(for: options.folder, configuration: options.configuration) {
      verdict.add(trap)
    }
    load(plan, leavesScripts: leavesScripts, &verdict)
    if let refusal = configuration.refusal {
      verdict.add(.bad)
      verdict.takesConfiguration = false
      verdict.starts = false
      verdict.data = nil
      verdict.note = "does not start: \(refusal)"
    }
    if configuration.settings.isReplica {
      verdict.add(
        StartTrap(
          kind: .replica, weight: .note, path: options.configuration ?? options.folder,
          message:
            "the server is a replica: what it loads is replaced as soon as it has synchronised "
            + "with its primary"))
    }
    return verdict
  }

  // MARK: the target

  /// The newest server whose commands are known, where nothing names one.
  private static let assumed = AOFCheck.assumedTargets[0]

  private func chooseTarget(
    _ configuration: [UInt8]
  ) -> (NamedTarget, FolderVerdict.TargetOrigin) {
    if let target = options.target { return (target, .named) }
    let assumed = NamedTarget(text: "\(Self.assumed)", version: Self.assumed)
    let settings = StartConfiguration(
      Self.assumed, path: options.configuration, configuration
    ).settings
    guard let plan = StartPlan(folder: options.folder, settings), let writer = writer(plan.source)
    else { return (assumed, .assumed) }
    return (NamedTarget(text: "\(writer)", version: writer), .writer)
  }

  /// The server that wrote the snapshot that is loaded first, where it can load the rest.
  private func writer(_ source: StartPlan.Source) -> ServerVersion? {
    switch source {
    case .nothing: return nil
    case .snapshot(let path): return (try? AOFFile(opening: path))?.writer
    case .appendOnly(let path):
      guard let set = try? AOFSet(opening: path), let first = set.loadedParts.first,
        FileStatus(first.path)?.kind == .file, let writer = (try? first.open())?.writer
      else { return nil }
      return set.layout == .multipart && !AOFServerTraits(writer).knowsFolders ? nil : writer
    }
  }

  // MARK: loading

  private func load(_ plan: StartPlan, leavesScripts: Bool, _ verdict: inout FolderVerdict) {
    switch plan.source {
    case .nothing:
      verdict.starts = true
      verdict.data = HeldData.none
      verdict.note = "starts empty"
    case .snapshot(let path):
      for trap in plan.permissionTraps([path]) { verdict.add(trap) }
      do throws(InputError) { try loadSnapshot(path, &verdict) } catch {
        note(error, path, &verdict)
      }
    case .appendOnly(let path):
      do throws(InputError) {
        try loadLog(path, plan, leavesScripts: leavesScripts, &verdict)
      } catch {
        note(error, path, &verdict)
      }
    }
  }

  /// A file that cannot be opened: nothing is said about the data.
  private func note(_ error: InputError, _ path: String, _ verdict: inout FolderVerdict) {
    let isSystem = error.kind == .system
    verdict.add(
      Finding(StartRule.unreadable, .error, at: Location(file: path), error.message),
      isSystem ? .unknown : .bad)
    verdict.note = "cannot be told: \(error.message)"
  }

  private var loadOptions: (StartSettings) -> LoadOptions {
    { settings in
      var load = LoadOptions(
        target: settings.target, nowMs: options.nowMs, seed: AOFVerdict.seed)
      load.databaseCount = settings.databaseCount
      load.threads = options.scan.threads
      load.zsetRules.packedCountMax = settings.zsetCountMax
      load.zsetRules.packedMemberMax = settings.zsetMemberMax
      load.renamedCommands = settings.renamedCommands
      load.stopPoint = options.stopPoint
      load.checksChecksums = settings.checksChecksums
      load.allowsModuleCommands = settings.hasModules
      load.countsRelativeExpiries = true
      return load
    }
  }

  private func loadSnapshot(_ path: String, _ verdict: inout FolderVerdict) throws(InputError) {
    let settings = verdict.settings
    var check = VerifyOptions()
    check.scan = options.scan
    check.memoryByteCountMax = options.memoryByteCountMax
    check.target = settings.target
    check.databases = settings.databaseCount
    check.isVersionCheckRelaxed = settings.takesForeignVersions
    check.hasModules = settings.hasModules
    let input = try InputFile(opening: path)
    check.scan.onBytes = progress.begin(path, input.regularFileSize)
    let found = FileVerdict(file: path, SnapshotVerifier.verify(input, check))
    verdict.findings += found.findings
    verdict.add(found.verdict)
    let outcome = SnapshotOutcomeText(found, checksChecksums: settings.checksChecksums)
    verdict.starts = outcome.starts
    verdict.note = outcome.note
    if options.stopPoint != nil {
      verdict.add(
        Finding(
          StartRule.stopPoint, .error, at: Location(file: path),
          "a snapshot has no points to stop at; only append-only files do"), .unknown)
    }
    var load = loadOptions(settings)
    load.onBytes = progress.begin(path, input.regularFileSize)
    var loader = DatasetLoader(load)
    let start = Clock.monotonicSeconds
    // Opened anew: what is packed can be read but once.
    loader.load(snapshot: try InputFile(opening: path))
    loader.finish(deletesDue: true)
    let seconds = Clock.monotonicSeconds - start
    verdict.report = loader.report
    verdict.recovery = RecoveryEstimate(replaySeconds: seconds, settings, isLog: false)
    verdict.recovery?.lastWriteMs = FileStatus(path)?.modifiedMs
    verdict.recovery?.lastWriteFrom = "file"
    addGaps(loader.report, path, &verdict)
    guard verdict.starts == true, loader.report.stop == nil, loader.report.gaps.isEmpty else {
      if loader.report.stop != nil, verdict.verdict == .good { verdict.add(.unknown) }
      return judge(nil, loader, &verdict)
    }
    verdict.data = loader.heldData
    judge(verdict.data, loader, &verdict)
  }

  private func addGaps(
    _ report: LoadReport, _ path: String, _ verdict: inout FolderVerdict
  ) {
    for gap in report.gaps {
      verdict.add(
        Finding(
          ReplayRule.notReplayed, .warning, at: Location(file: path),
          "\(gap.what) was not loaded, \(HumanNumber.count(gap.count, "time")): the digest is not "
            + "known"), .unknown)
    }
  }

  private func loadLog(
    _ path: String, _ plan: StartPlan, leavesScripts: Bool, _ verdict: inout FolderVerdict
  ) throws(InputError) {
    let settings = verdict.settings
    let set = try AOFSet(opening: path)
    verdict.layout = set.layout
    let loaded = set.loadedParts.map(\.path)
    for path in loaded where FileStatus(path).map({ $0.kind != .file }) ?? false {
      verdict.add(
        StartTrap(
          kind: .notAFile, weight: .error, path: path,
          message: "the manifest names it, and it is no file"))
      verdict.note = "cannot be told: \(path) is no file"
      return
    }
    for trap in plan.permissionTraps(loaded) { verdict.add(trap) }
    var check = AOFCheckOptions()
    check.targets = [settings.target]
    check.databases = settings.databaseCount
    check.corruptTailMaxSize = max(1, settings.corruptTailMaxSize)
    check.renamedCommands = settings.renamedCommands
    check.snapshots.scan = options.scan
    check.snapshots.memoryByteCountMax = options.memoryByteCountMax
    check.snapshots.isVersionCheckRelaxed = settings.takesForeignVersions
    check.snapshots.hasModules = settings.hasModules
    check.checksChecksums = settings.checksChecksums
    check.allowsModuleCommands = settings.hasModules
    let form = AOFCheck(set, check) { progress.begin($0, $1) }
    verdict.candidates = form.candidates
    if leavesScripts, form.isOfScripts {
      verdict.isLeftToOthers = true
      return
    }
    var load = loadOptions(settings)
    load.onBytes = progress.begin(path, nil)
    let start = Clock.monotonicSeconds
    var seconds = 0.0
    let stop = { seconds = Clock.monotonicSeconds - start }
    AOFReplay.withLoaded(set, load, onLoaded: stop) { loader, replay in
      verdict.recovery = RecoveryEstimate(replaySeconds: seconds, settings, isLog: true)
      settle(AOFVerdict(file: path, form, [replay]), replay, &verdict)
      judge(verdict.data, loader, &verdict)
    }
  }

  /// Puts together what the form says and what the replay showed.
  private func settle(
    _ found: AOFVerdict, _ replay: AOFReplay, _ verdict: inout FolderVerdict
  ) {
    let settings = verdict.settings
    verdict.findings += found.findings
    verdict.add(found.verdict)
    verdict.report = replay.report
    guard let check = found.check else { return }
    verdict.lost = check.lost
    let foretold = check.predictions.last { prediction in
      settings.corruptTailMaxSize > 0 && prediction.corruptTailMaxSize > 0
        || prediction.corruptTailMaxSize == 0 && prediction.loadTruncated == settings.loadsTruncated
    }
    if let foretold {
      let (prediction, data) = found.outcome(foretold)
      verdict.starts = prediction.starts
      verdict.note = prediction.note
      verdict.data = data
      if prediction.losesLaterWrites { verdict.add(.bad) }
    }
    let parts = check.parts.compactMap { FileStatus($0.part.path)?.modifiedMs }
    verdict.recovery?.lastWriteMs = replay.report.timestamp.map { $0 * 1000 } ?? parts.max()
    verdict.recovery?.lastWriteFrom = replay.report.timestamp == nil ? "file" : "annotation"
    settleStopPoint(replay, check.set.name, &verdict)
    if replay.report.relativeExpiryCount > 0 {
      verdict.findings.append(
        Finding(
          StartRule.relativeExpiry, .warning, at: Location(file: check.set.name),
          HumanNumber.count(
            replay.report.relativeExpiryCount,
            "command states an expiry relative to loading: it "
              + "begins anew with each start",
            "commands state expiries relative to loading: they begin anew with each start")))
    }
  }

  private func settleStopPoint(
    _ replay: AOFReplay, _ path: String, _ verdict: inout FolderVerdict
  ) {
    guard let point = options.stopPoint else { return }
    if replay.report.hasReachedStopPoint {
      // What lies behind the point, damage too, is none of these data.
      if replay.report.gaps.isEmpty { verdict.data = replay.data }
      verdict.note = "with the files cut at the point that was named"
      return
    }
    let tells: Bool = if case .offset = point { true } else { replay.report.timestamp != nil }
    verdict.add(
      Finding(
        StartRule.stopPoint, tells ? .info : .error, at: Location(file: path),
        tells
          ? "everything lies before the point that was named"
          : "no #TS: annotation tells a time (aof-timestamp-enabled is no), so everything was "
            + "loaded"), tells ? .good : .unknown)
  }

  // MARK: questions about the data

  /// Holds the data against what is expected, and against others.
  private func judge(
    _ data: HeldData?, _ loader: borrowing DatasetLoader, _ verdict: inout FolderVerdict
  ) {
    if let expectations = options.expectations {
      let (findings, answer) = expectations.judge(
        data, loader, verdict.recovery, nowMs: options.nowMs)
      verdict.findings += findings
      verdict.add(answer)
    }
    guard let against = options.against else { return }
    let load = loadOptions(verdict.settings)
    let result = against.compare(data, loader, load, progress)
    verdict.comparison = result.comparison
    for finding in result.findings { verdict.add(finding, result.answer) }
  }
}
