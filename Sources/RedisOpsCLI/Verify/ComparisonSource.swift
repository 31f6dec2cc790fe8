import AOF
import ByteKit
import Findings
import RESP
import RedisModel
import Replay

/// What data are compared with.
enum ComparisonSource {
  /// A backup: a snapshot, an append-only file, or a folder with one of them.
  case file(String)
  /// A server that runs.
  case server(ServerAddress)

  /// What was found, the findings, and the answer that these mean.
  typealias Result = (
    comparison: DataComparison?, findings: [Finding], answer: FolderVerdict.Verdict
  )

  /// The source that an argument names.
  init(_ text: String) throws(ServerAddress.Trouble) {
    self =
      ServerAddress.isMeant(by: text) ? .server(try ServerAddress(text)) : .file(text)
  }

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
    guard let data else {
      return Self.trouble(name, "what the server would hold is not known")
    }
    switch self {
    case .file(let path):
      do throws(InputError) {
        return Self.compare(loader, try Self.load(path, options, progress), path)
      } catch {
        return Self.trouble(path, error.message)
      }
    case .server(let address):
      var live = LiveDataset(address, options)
      do throws(InputError) {
        if let digest = try live.digest(asComputedBy: options.target), digest == data.digest {
          var comparison = DataComparison(name: name)
          comparison.digest = digest
          return (comparison, [], .good)
        }
        return Self.compare(
          loader, try live.copy(), name, expiryToleranceMs: LiveDataset.expiryToleranceMs)
      } catch {
        return Self.trouble(name, error.message)
      }
    }
  }

  /// The name for messages, without passwords.
  private var name: String {
    switch self {
    case .file(let path): path
    case .server(let address): address.name
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
    _ loader: borrowing DatasetLoader, _ other: consuming DatasetLoader, _ name: String,
    expiryToleranceMs: Int64 = 0
  ) -> Result {
    let report = other.report
    if case .memory = report.stop { return trouble(name, "there is not enough memory to load it") }
    if report.stop != nil { return trouble(name, "it is damaged; see redisops aof or rdb verify") }
    if let gap = report.gaps.first { return trouble(name, "\(gap.what) cannot be replayed") }
    var comparison = DataComparison(name: name, expiryToleranceMs: expiryToleranceMs)
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
