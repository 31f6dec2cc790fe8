import ByteKit
import Engine
import RDB
import RedisCodecs
import RedisModel

/// One pass over a snapshot into a keyspace.
///
/// `Sendable` unchecked: the pass goes in order on the thread that waits for it.
final class SnapshotPass: @unchecked Sendable {
  private let space: UnsafeMutablePointer<Keyspace>
  private let options: LoadOptions
  private let dropsExpired: Bool
  /// What came up, once the pass is over.
  private(set) var outcome = SnapshotOutcome()

  /// - Parameter dropsExpired: what is due is left out. (Servers keep it in a snapshot that
  ///   commands follow.)
  init(_ space: UnsafeMutablePointer<Keyspace>, _ options: LoadOptions, dropsExpired: Bool) {
    self.space = space
    self.options = options
    self.dropsExpired = dropsExpired
  }

  /// Makes the handler of a chunk.
  var makeHandler: @Sendable (RDBChunk) -> SnapshotHandler {
    { [self] _ in
      SnapshotHandler(
        space, dueBeforeMs: dropsExpired ? options.nowMs : nil, target: options.target)
    }
  }

  /// Takes what a handler gathered.
  var commit: @Sendable (inout SnapshotHandler) -> Void {
    { [self] handler in
      handler.close()
      outcome = handler.outcome
    }
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
  /// Function libraries.
  var functionCount = 0
  /// What was not loaded, and how often.
  var gaps: [String: Int] = [:]

  /// Puts it into a report.
  func add(to report: inout LoadReport) {
    report.snapshotKeyCount += keyCount
    report.expiredCount += expiredCount
    report.functionCount += functionCount
    for (what, count) in gaps { report.notReplayed[what, default: 0] += count }
  }
}

/// Loads the keys of a snapshot.
struct SnapshotHandler: ~Copyable, RDBChunkHandler {
  private let space: UnsafeMutablePointer<Keyspace>
  private let dueBeforeMs: Int64?
  private var sink: LoadSink
  private var database = 0
  private var batch = KeyBatch()
  /// What came up so far.
  private(set) var outcome = SnapshotOutcome()

  init(_ space: UnsafeMutablePointer<Keyspace>, dueBeforeMs: Int64?, target: ServerVersion) {
    self.space = space
    self.dueBeforeMs = dueBeforeMs
    sink = LoadSink(ValueLoader(space.pointee), fieldsDueBeforeMs: dueBeforeMs)
  }

  /// Puts the last keys in, and gives back what the handler has.
  mutating func close() {
    outcome.doubledCount += batch.flush(to: &space.pointee)
    sink.loader.close()
  }

  /// Follows the hints in front of keys, and counts libraries.
  mutating func record(_ record: RDBRecord, offset: Int) {
    switch record {
    case .selectDatabase(let number): database = number
    case .resizeDatabase(let keys, _):
      guard database < space.pointee.databaseCount else { return }
      space.pointee.reserve(Int(clamping: keys), database: database)
    case .function, .preReleaseFunction: outcome.functionCount += 1
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
    guard header.database < space.pointee.databaseCount else {
      throw RDBError(
        .target, at: header.offset,
        "database \(header.database) of \(space.pointee.databaseCount): the server would not start")
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
    sink.loader.finishZset()
    // Collections without elements are dropped, as current servers do.
    guard !sink.loader.isEmpty else { return }
    outcome.keyCount += 1
    outcome.doubledCount += batch.add(
      &sink.loader, database: header.database, to: &space.pointee)
  }
}
