import AOF
import ByteKit
import Engine
import Findings
import RedisModel
import Rendering
import Replay

/// How data differ from others.
struct DataComparison {
  /// How a key differs.
  enum Change: String {
    /// Only the others have it.
    case removed
    /// Only the data have it.
    case added
    /// Another value.
    case changed
    /// Another expiry.
    case ttl
  }

  /// A key that differs.
  struct Difference {
    /// Its database.
    var database: Int
    /// Its name.
    var key: [UInt8]
    /// How it differs.
    var change: Change
  }

  /// So many keys are named.
  static let listedMax = 100

  /// What the data were compared with.
  let name: String
  /// The digest of the others; `nil` where none was asked for.
  var digest: Digest160?
  /// The first keys that differ, by database.
  private(set) var differences: [Difference] = []
  /// How many keys differ, by kind.
  private(set) var counts: [Change: Int] = [:]

  /// Nothing found yet.
  init(name: String) { self.name = name }

  /// Whether both are equal.
  var isEqual: Bool { counts.isEmpty }

  /// Notes a key that differs.
  mutating func add(_ change: Change, _ key: Bytes, _ database: Int) {
    counts[change, default: 0] += 1
    guard differences.count < Self.listedMax else { return }
    differences.append(Difference(database: database, key: Array(key), change: change))
  }

  /// One line for people.
  var summary: String {
    if isEqual { return "equal to \(name)" }
    let parts: [(Change, String)] = [
      (.removed, "only there"), (.added, "only here"), (.changed, "with another value"),
      (.ttl, "with another expiry"),
    ]
    let texts = parts.compactMap { change, text in
      counts[change].map { "\(HumanNumber.count($0, "key")) \(text)" }
    }
    return "differs from \(name): \(texts.joined(separator: ", "))"
  }

  /// Compares two keyspaces key by key.
  mutating func compare(_ left: inout Keyspace, _ right: inout Keyspace) {
    let areEqual = left.digest == right.digest
    digest = right.digest
    for database in 0..<max(left.databaseCount, right.databaseCount) {
      let isLeft = left.select(database)
      let isRight = right.select(database)
      if isLeft {
        left.forEachKey(of: database) { key, expiry in
          guard isRight, right.hasKey(key, database: database) else {
            return add(.added, key, database)
          }
          if !areEqual, left.digestValue(of: key) != right.digestValue(of: key) {
            add(.changed, key, database)
          } else if right.expiry(of: key, database: database) != expiry {
            add(.ttl, key, database)
          }
        }
      }
      if isRight {
        right.forEachKey(of: database) { key, _ in
          if !isLeft || !left.hasKey(key, database: database) { add(.removed, key, database) }
        }
      }
    }
  }
}

/// What data are compared with.
enum ComparisonSource {
  /// A backup: a snapshot, an append-only file, or a folder with one of them.
  case file(String)

  /// What was found, the findings, and the answer that these mean.
  typealias Result = (
    comparison: DataComparison?, findings: [Finding], answer: FolderVerdict.Verdict
  )

  /// The source that an argument names.
  init(_ text: String) { self = .file(text) }

  /// Compares what a loader holds.
  ///
  /// - Parameters:
  ///   - data: what the server holds; `nil` where that is not known.
  ///   - loader: has the same data.
  ///   - options: how to load the others.
  func compare(
    _ data: HeldData?, _ loader: borrowing DatasetLoader, _ options: LoadOptions,
    _ progress: PartProgress
  ) -> Result {
    switch self {
    case .file(let path):
      guard data != nil else {
        return Self.trouble(path, "what the server would hold is not known")
      }
      do throws(InputError) {
        return Self.compare(loader, try Self.load(path, options, progress), path)
      } catch {
        return Self.trouble(path, error.message)
      }
    }
  }

  private static func trouble(_ name: String, _ reason: String) -> Result {
    let finding = Finding(
      StartRule.notCompared, .error, at: Location(file: name), "not compared: \(reason)")
    return (nil, [finding], .unknown)
  }

  private static func load(
    _ path: String, _ options: LoadOptions, _ progress: PartProgress
  ) throws(InputError) -> DatasetLoader {
    var options = options
    options.stopPoint = nil
    options.onBytes = progress.begin(path, FileStatus(path)?.byteCount)
    var loader = DatasetLoader(options)
    if path.hasSuffix(".rdb") {
      loader.load(snapshot: try InputFile(opening: path))
    } else {
      loader.load(set: try AOFSet(opening: path))
    }
    loader.finish(deletesDue: true)
    return loader
  }

  private static func compare(
    _ loader: borrowing DatasetLoader, _ other: consuming DatasetLoader, _ name: String
  ) -> Result {
    let report = other.report
    if report.stop != nil { return trouble(name, "it is damaged; see redisops aof or rdb verify") }
    if let gap = report.gaps.first { return trouble(name, "\(gap.what) cannot be replayed") }
    var comparison = DataComparison(name: name)
    loader.withKeyspace { left in
      other.withKeyspace { right in comparison.compare(&left, &right) }
    }
    return (comparison, findings(of: comparison), .bad)
  }

  /// So many differing keys are findings of their own.
  private static let findingCountMax = 20

  private static func findings(of comparison: DataComparison) -> [Finding] {
    if comparison.isEqual { return [] }
    let place = Location(file: comparison.name)
    let all = Finding(StartRule.differs, .error, at: place, "the backup \(comparison.summary)")
    return [all]
      + comparison.differences.prefix(findingCountMax).map {
        Finding(
          StartRule.differs, .error, at: place, "\($0.change.rawValue)", key: $0.key,
          database: $0.database)
      }
  }
}
