import ByteKit
import Engine
import RDB
import RedisCodecs
import RedisModel

/// One pass over a snapshot into a keyspace, by one thread or several.
///
/// Each handler makes its keys in an area of its own; they are put in when it is committed, which
/// happens in file order, one handler at a time. A pass in order puts them in as it goes.
///
/// `Sendable` unchecked: the areas are guarded by the monitor, all else is touched by one commit at
/// a time.
final class SnapshotPass: @unchecked Sendable {
  private let space: UnsafeMutablePointer<Keyspace>
  private let options: LoadOptions
  private let dropsExpired: Bool
  private let isInOrder: Bool
  private let monitor = Monitor()
  private var areas: [LoadArea] = []
  /// The memory of each area, as it was last told.
  private var areaByteCounts: [ObjectIdentifier: Int] = [:]
  private var isFull = false
  /// The memory of what was there before.
  private let heldByteCount: Int
  /// What came up, once the pass is over.
  private(set) var outcome = SnapshotOutcome()

  /// - Parameters:
  ///   - dropsExpired: what is due is left out. (Servers keep it in a snapshot that commands
  ///     follow.)
  ///   - isInOrder: one thread reads all.
  init(
    _ space: UnsafeMutablePointer<Keyspace>, _ options: LoadOptions, dropsExpired: Bool,
    isInOrder: Bool
  ) {
    self.space = space
    heldByteCount = space.pointee.byteCount
    self.options = options
    self.dropsExpired = dropsExpired
    self.isInOrder = isInOrder
  }

  /// Makes the handler of a chunk.
  var makeHandler: @Sendable (RDBChunk) -> SnapshotHandler {
    { [self] _ in
      SnapshotHandler(
        self, takeArea(), dueBeforeMs: dropsExpired ? options.nowMs : nil,
        databaseCount: options.databaseCount)
    }
  }

  /// Takes over what a handler has made.
  var commit: @Sendable (inout SnapshotHandler) -> Void {
    { [self] handler in
      putIn(&handler.batch, reserving: handler.expectedCounts, &handler.outcome)
      outcome.add(handler.outcome)
    }
  }

  private func takeArea() -> LoadArea {
    monitor.withLock { areas.popLast() } ?? space.pointee.makeArea()
  }

  /// Takes an area back that a handler is done with.
  func giveBack(_ area: LoadArea) { monitor.withLock { areas.append(area) } }

  /// Whether the keys take more memory than they may.
  var isOutOfMemory: Bool { monitor.withLock { isFull } }

  /// Takes note of what an area has grown to.
  ///
  /// - Returns: whether there is room for more.
  func noteGrowth(of area: LoadArea) -> Bool {
    monitor.withLock {
      areaByteCounts[ObjectIdentifier(area)] = area.byteCount
      // Tables of keys grow in the keyspace itself meanwhile: by a tenth or less.
      let sum = areaByteCounts.values.reduce(heldByteCount, +)
      if area.isRefused || sum > options.memoryByteCountMax { isFull = true }
      return !isFull
    }
  }

  /// Puts keys in that may be put in before their handler is committed.
  func putInEarly(_ handler: inout SnapshotHandler) {
    guard isInOrder, handler.batch.isFull else { return }
    putIn(&handler.batch, reserving: handler.expectedCounts, &handler.outcome)
    handler.expectedCounts = [:]
  }

  private func putIn(
    _ batch: inout KeyBatch, reserving counts: [Int: Int], _ outcome: inout SnapshotOutcome
  ) {
    for (database, count) in counts where database < options.databaseCount {
      space.pointee.reserve(count, database: database)
    }
    outcome.doubledCount += batch.flush(to: &space.pointee)
  }

  /// Gives all areas to the keyspace; the pass is over.
  func close() {
    for area in areas { space.pointee.adopt(area) }
    areas = []
  }
}

/// What came up in a snapshot.
struct SnapshotOutcome {
  /// Keys loaded.
  var keyCount = 0
  /// Keys and fields left out because they were due.
  var expiredCount = 0
  /// Keys that stand twice.
  var doubledCount = 0
  /// The texts of libraries of functions, in file order.
  var libraries: [[UInt8]] = []
  /// What was not loaded, and how often.
  var gaps: [String: Int] = [:]
  /// What was loaded without being known, and how often.
  var kept: [String: Int] = [:]
  /// What is no key and no value and has no place in a keyspace, and how often.
  var dropped: [String: Int] = [:]

  /// Adds what another stretch of the file had.
  mutating func add(_ other: SnapshotOutcome) {
    keyCount += other.keyCount
    expiredCount += other.expiredCount
    doubledCount += other.doubledCount
    libraries += other.libraries
    gaps.merge(other.gaps) { $0 + $1 }
    kept.merge(other.kept) { $0 + $1 }
    dropped.merge(other.dropped) { $0 + $1 }
  }

  /// Puts it into a report.
  func add(to report: inout LoadReport) {
    report.snapshotKeyCount += keyCount
    report.expiredCount += expiredCount
    for (what, count) in gaps { report.notReplayed[what, default: 0] += count }
    for (what, count) in kept {
      report.notReplayed[what, default: 0] += count
      report.kept[what, default: 0] += count
    }
    report.dropped.merge(dropped) { $0 + $1 }
  }
}

/// Loads the keys of one stretch of a snapshot.
struct SnapshotHandler: ~Copyable, RDBChunkHandler {
  private let pass: SnapshotPass
  private let area: LoadArea
  private let dueBeforeMs: Int64?
  private let databaseCount: Int
  private var sink: LoadSink
  private var database = 0
  private var notedByteCount = 0
  /// Memory is accounted for in steps of so many bytes.
  private static let notedStep = 1 << 20
  /// Keys made and not yet put in.
  var batch = KeyBatch()
  /// How many keys the file says that databases have.
  var expectedCounts: [Int: Int] = [:]
  /// What came up so far.
  var outcome = SnapshotOutcome()

  init(_ pass: SnapshotPass, _ area: LoadArea, dueBeforeMs: Int64?, databaseCount: Int) {
    self.pass = pass
    self.area = area
    self.dueBeforeMs = dueBeforeMs
    self.databaseCount = databaseCount
    sink = LoadSink(ValueLoader(area), fieldsDueBeforeMs: dueBeforeMs)
    notedByteCount = area.byteCount
  }

  deinit {
    // Keys are left where the handler began at a wrong place and was not committed.
    var batch = batch
    batch.discard(area)
    var loader = sink.loader
    loader.close()
    pass.giveBack(area)
  }

  /// Follows the hints in front of keys, and keeps libraries.
  mutating func record(_ record: RDBRecord, offset: Int) {
    switch record {
    case .selectDatabase(let number): database = number
    case .resizeDatabase(let keys, _): expectedCounts[database] = Int(clamping: keys)
    case .function(let code): outcome.libraries.append(code.bytes)
    case .preReleaseFunction(let code): outcome.libraries.append(code)
    case .moduleAux(let module, _):
      outcome.dropped["data of module \(module) beside keys", default: 0] += 1
    default: break
    }
  }

  /// Loads a key, unless it is due.
  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    if let dueBeforeMs, header.isExpired(atMs: dueBeforeMs) {
      outcome.expiredCount += 1
      _ = try reader.skipValue()
      return
    }
    guard header.database < databaseCount else {
      throw RDBError(
        .target, at: header.offset,
        "database \(header.database) of \(databaseCount): the server would not start")
    }
    if area.byteCount - notedByteCount >= Self.notedStep || area.isRefused {
      notedByteCount = area.byteCount
      guard pass.noteGrowth(of: area) else {
        throw RDBError(.stopped, at: header.offset, "no memory for more")
      }
    }
    sink.begin(header.key, header.type, expiry: header.expireAtMs)
    let dropped = sink.expiredFieldCount
    try reader.readValue(into: &sink)
    outcome.expiredCount += sink.expiredFieldCount - dropped
    if let gap = sink.gap {
      sink.loader.discard()
      outcome.gaps[gap, default: 0] += 1
      return
    }
    sink.finish()
    if let unknown = sink.unknownType { outcome.kept[unknown, default: 0] += 1 }
    if !header.metadata.isEmpty { outcome.dropped["metadata of keys", default: 0] += 1 }
    // Collections without elements are dropped, as current servers do.
    guard !sink.loader.isEmpty else { return }
    outcome.keyCount += 1
    batch.add(&sink.loader, database: header.database)
    if batch.isFull { pass.putInEarly(&self) }
  }
}
