import ByteKit
import RDB

/// Finds out what of a set can be kept.
///
/// Everything in front of the first loss is kept, so that the data are those of one moment; what
/// follows in later files is left out. No loss in this sense is a command that does nothing, and a
/// transaction behind which a server that was started again has written on.
public struct AOFRepairPlanner {
  private let mended: AOFSet.Mended
  private let options: AOFRepairOptions

  /// More places of damage in one file are not skipped.
  private static let skipsMax = 10_000

  private var set: AOFSet { mended.set }

  /// - Parameter set: its manifest is mended, its files are all regular ones.
  public init(_ mended: AOFSet.Mended, _ options: AOFRepairOptions) {
    self.mended = mended
    self.options = options
  }

  /// The plan.
  ///
  /// - Throws: `AOFPlanError` where there is none: the base is damaged or missing.
  public func plan() throws(AOFPlanError) -> AOFRepairPlan {
    var plan = AOFRepairPlan(
      assembly: AOFAssembly([], manifest: set.manifestPath),
      manifestRepairs: mended.repairs)
    let (generation, base) = try chooseGeneration(&plan)
    var parts = generation.parts
    if options.skipsDamage {
      let names = Set(parts.map(\.path))
      parts += set.parts.filter {
        $0.role == .incremental && $0.exists && !names.contains($0.path)
      }
    }
    var hasLoss = false
    var lost: [AOFAssembly.File] = []
    for (index, part) in parts.enumerated() {
      if hasLoss {
        try leaveOut(part, &plan, &lost)
        continue
      }
      let repair: AOFLogRepair
      if index == 0, let base { repair = base } else { repair = try read(part) }
      let role: AOFRole =
        plan.assembly.files.isEmpty && isBase(part, generation)
        ? .base : .incremental
      take(repair, part, role, &plan, &lost)
      hasLoss = repair.hasLoss && !options.skipsDamage
    }
    noteMissing(used: Set(parts.map(\.path)), &plan)
    finish(&plan, lost, hasLoss: hasLoss || generation.hasGap)
    return plan
  }

  private func isBase(_ part: AOFSet.Part, _ generation: AOFTimeline.Generation) -> Bool {
    part.path == generation.base?.path || part.entry == nil
      || AOFTimeline.isTakenOver(part, in: generation)
  }

  // MARK: the base

  /// The files to repair: those that a server loads, or, where the base cannot be loaded, those
  /// that lead to the same data from an older one.
  ///
  /// - Returns: the files, and the reading of the first of them where it was read already.
  private func chooseGeneration(
    _ plan: inout AOFRepairPlan
  ) throws(AOFPlanError) -> (AOFTimeline.Generation, AOFLogRepair?) {
    let timeline = AOFTimeline(set)
    guard let current = timeline.generations.last, timeline.hasCurrent else {
      let base = set.parts.first { $0.role == .base }
      throw AOFPlanError(
        .damage, base?.path ?? set.name,
        "the base is missing, and no history leads to what follows it: nothing can be repaired "
          + "without it")
    }
    if current.parts.isEmpty {
      throw AOFPlanError(
        .damage, set.name, "none of the files that the manifest names is there")
    }
    if current.base?.role == .history || current.logs.first?.role == .history {
      let base = set.parts.first { $0.role == .base }
      useHistory(for: base?.path ?? set.name, at: nil, "the base is missing", &plan)
    }
    guard let base = current.base else { return (current, nil) }
    let reading: AOFLogRepair
    do throws(AOFPlanError) { reading = try read(base) } catch {
      guard error.kind == .damage, let older = AOFTimeline(set, without: base).usable else {
        throw error
      }
      useHistory(for: base.path, at: error.offset, error.message, &plan)
      return (older, nil)
    }
    if reading.hasLoss, let older = AOFTimeline(set, without: base).usable {
      useHistory(for: base.path, at: reading.end, "the base is damaged", &plan)
      return (older, nil)
    }
    return (current, reading)
  }

  private func useHistory(
    for path: String, at offset: Int?, _ trouble: String, _ plan: inout AOFRepairPlan
  ) {
    plan.usesHistory = true
    plan.notes.append(
      AOFPlanNote(
        isWarning: true, path: path, offset: offset,
        message:
          "\(trouble): the files of before the last rewrite lead to the same data and stand in "
          + "for it"))
  }

  // MARK: files

  /// Goes over a file.
  ///
  /// - Throws: where it cannot be read, or a snapshot in front is damaged.
  private func read(_ part: AOFSet.Part) throws(AOFPlanError) -> AOFLogRepair {
    let file: AOFFile
    do throws(InputError) { file = try part.open() } catch {
      throw AOFPlanError(.unreadable, part.path, error.message)
    }
    let size = try part.knownByteCount()
    var front = file.skipSnapshot(options.scan)
    let start = front.snapshot?.endOffset ?? 0
    if let error = front.snapshot?.loadError {
      let advice =
        error.kind == .unreadable
        ? "" : "; a damaged snapshot cannot be repaired from what was appended to it"
      throw AOFPlanError(
        error.kind == .unreadable ? .unreadable : .damage, part.path, at: error.offset,
        error.message + advice)
    }
    var repair = AOFLogRepair(
      part, from: start,
      .init(dropsUnknown: options.dropsUnknown, closesAbandoned: options.closesAbandoned))
    guard case .file(let descriptor, _) = file.input.access, let tail = front.takeTail() else {
      return repair
    }
    try read(
      tail, options.willRead(part, size), AOFResync(descriptor, upTo: size), part, size, &repair)
    return repair
  }

  /// Goes over the commands of a file.
  private func read(
    _ tail: consuming ByteInput, _ tap: (any ByteTap)?, _ resync: AOFResync, _ part: AOFSet.Part,
    _ size: Int, _ repair: inout AOFLogRepair
  ) throws(AOFPlanError) {
    tail.tap = tap
    var resync = resync
    var reader = AOFReader(tail, holding: .front)
    var skips = 0
    while true {
      do throws(AOFError) {
        while let record = try reader.next() { repair.see(record) }
        return repair.finish(nil, at: nil, size: size)
      } catch {
        guard error.kind != .unreadable else {
          throw AOFPlanError(.unreadable, part.path, at: error.offset, error.message)
        }
        let hasByte = reader.input.limit > reader.input.cursor
        let byte = hasByte ? reader.input.cursor.load(as: UInt8.self) : nil
        // What a torn record has of a value could look as commands.
        guard options.skipsDamage, error.kind != .truncated, skips < Self.skipsMax,
          let next = resync.nextCommand(behind: reader.recordOffset)
        else { return repair.finish(error, at: byte, size: size) }
        skips += 1
        repair.skip(error, at: byte, to: next)
        reader = resync.reader(at: next)
        reader.database = repair.nextDatabase
        reader.input.tap = tap
      }
    }
  }

  /// Takes what can be kept of a file, and sets the rest aside.
  private func take(
    _ repair: AOFLogRepair, _ part: AOFSet.Part, _ role: AOFRole, _ plan: inout AOFRepairPlan,
    _ lost: inout [AOFAssembly.File]
  ) {
    var entry = part.entry
    entry?.role = role
    entry?.line = 0
    plan.assembly.files.append(
      AOFAssembly.File(name: part.outputName, source: part, entry: entry, pieces: repair.pieces))
    plan.removals += repair.removals
    plan.insertions += repair.insertions
    if !repair.removals.isEmpty {
      lost.append(Self.lostFile(part, repair.removals.map(\.range)))
    }
    if let zeros = repair.zeroEnds {
      plan.unrepaired.append(
        AOFPlanNote(
          isWarning: true, path: part.path, offset: zeros.first,
          message: "zero bytes where CR LF should end a command"
            + (zeros.count > 1 ? " (and \(zeros.count - 1) more of the kind)" : "")
            + ": servers pass over them, but the value in front of them may be wrong"))
    }
    if repair.end == 0, part.byteCount != 0, repair.hasLoss {
      plan.notes.append(
        AOFPlanNote(
          isWarning: true, path: part.path, offset: 0,
          message: "nothing of it can be kept: it may be no append-only file"))
    }
    if let select = repair.highSelect {
      plan.notes.append(
        AOFPlanNote(
          isWarning: true, path: part.path, offset: select.offset,
          message:
            "SELECT \(select.database): a server without so many databases (see 'databases') "
            + "goes on in the one before"))
    }
    noteUnknown(repair, part, &plan)
  }

  private func noteUnknown(
    _ repair: AOFLogRepair, _ part: AOFSet.Part, _ plan: inout AOFRepairPlan
  ) {
    guard let first = repair.unknown.first else { return }
    let name = String(decoding: first.name, as: UTF8.self)
    plan.unrepaired.append(
      AOFPlanNote(
        isWarning: true, path: part.path, offset: first.range.lowerBound,
        message: "\(name) is no command of any server"
          + (repair.unknownCount > 1 ? " (and \(repair.unknownCount - 1) more of its kind)" : "")
          + ": only a server with a module that has it loads this; it is kept, --drop-unknown "
          + "leaves it out"))
  }

  /// Sets a whole file aside.
  private func leaveOut(
    _ part: AOFSet.Part, _ plan: inout AOFRepairPlan, _ lost: inout [AOFAssembly.File]
  ) throws(AOFPlanError) {
    let size = try part.knownByteCount()
    plan.removals.append(
      AOFRemoval(
        part: part, range: 0..<size, kind: .behindDamage,
        message: "the whole file follows one that has lost something", database: 0))
    lost.append(Self.lostFile(part, [0..<size]))
  }

  private static func lostFile(_ part: AOFSet.Part, _ ranges: [Range<Int>]) -> AOFAssembly.File {
    AOFAssembly.File(
      name: AOFRepairPlan.lostFolder + "/" + part.outputName, source: part,
      pieces: ranges.map { .stretch(part, $0) })
  }

  // MARK: the whole

  /// Says which files that the manifest names are not there.
  private func noteMissing(used: Set<String>, _ plan: inout AOFRepairPlan) {
    var isBehindGap = false
    for part in set.parts where part.role == .incremental && !used.contains(part.path) {
      let line = part.entry?.line ?? 0
      if !part.exists { isBehindGap = true }
      plan.manifestRepairs.append(
        AOFPlanNote(
          isWarning: true, path: part.path,
          message: part.exists
            ? "follows a file that is missing and is left out"
            : "is missing, though line \(line) of the manifest names it; what it held is lost"))
      guard isBehindGap, part.exists else { continue }
      plan.removals.append(
        AOFRemoval(
          part: part, range: 0..<(part.byteCount ?? 0), kind: .behindDamage,
          message: "the whole file follows one that is missing", database: 0))
    }
    let history = set.parts.filter { $0.role == .history && !used.contains($0.path) }
    if !history.isEmpty {
      let missing = history.count { !$0.exists }
      plan.notes.append(
        AOFPlanNote(
          isWarning: false, path: set.name,
          message:
            "the \(history.count) history files of the manifest are left out: servers delete "
            + "them" + (missing > 0 ? "; \(missing) of them are missing, which does no harm" : "")))
    }
  }

  private func finish(
    _ plan: inout AOFRepairPlan, _ lost: [AOFAssembly.File], hasLoss: Bool
  ) {
    if hasLoss || plan.usesHistory, var entry = plan.assembly.files.last?.entry {
      entry.endOffset = nil
      plan.assembly.files[plan.assembly.files.count - 1].entry = entry
    }
    if options.skipsDamage, plan.removals.contains(where: { $0.kind == .damage }) {
      plan.notes.append(
        AOFPlanNote(
          isWarning: true, path: set.name,
          message:
            "what follows damage is kept: the data are not those of one moment, and where the "
            + "damage has hidden a SELECT, commands go to another database"))
    }
    plan.assembly.files += lost
    let named = Set(lost.map(\.name))
    for removal in plan.removals where removal.kind == .behindDamage {
      let file = Self.lostFile(removal.part, [removal.range])
      if !named.contains(file.name) { plan.assembly.files.append(file) }
    }
  }
}
