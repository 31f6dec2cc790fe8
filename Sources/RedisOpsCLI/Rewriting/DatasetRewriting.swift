import AOF
import ByteKit
import RedisModel
import Replay

/// Writes loaded data as new files, which appear whole or not at all.
struct DatasetRewriting {
  /// Where to.
  let path: String
  /// What.
  let layout: RewriteLayout
  /// The server that is to load them.
  let target: ServerVersion
  /// The moment that files state as that of their making, Unix milliseconds.
  let nowMs: Int64
  /// Whether commands take the place of a snapshot.
  var writesCommands: Bool
  /// Whether strings of a snapshot are compressed.
  var compresses = true
  /// Told of bytes as they are written.
  var onBytes: ((Int) -> Void)?

  /// Whether a snapshot stands in front of commands that servers append.
  var hasPreamble: Bool {
    // Commands behind a snapshot came with 4.0.
    layout != .snapshot && !writesCommands
      && (target.product == .valkey || target.isAtLeast(.redis, 4, 0))
  }

  /// Writes everything.
  ///
  /// - Parameters:
  ///   - name: what the files of a folder begin with.
  ///   - model: a folder whose permissions the new one gets.
  /// - Returns: how many bytes that are, and what was left out, with its number.
  /// - Throws: `OutputError`, or `SavingError` where the target cannot hold something.
  func write(_ loader: borrowing DatasetLoader, name: String, like model: String?) throws
    -> (byteCount: Int64, leftOut: [String: Int])
  {
    if layout == .folder { return try writeFolder(loader, name, like: model) }
    let file = try OutputFile.open(path)
    let leftOut = try save(loader, shouldStop: { file.hasFailed }) { bytes in
      file.write(bytes)
      onBytes?(bytes.count)
    }
    try file.commit()
    return (file.byteCount, leftOut)
  }

  private func save(
    _ loader: borrowing DatasetLoader, shouldStop: @escaping () -> Bool,
    drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) throws(SavingError) -> [String: Int] {
    var options = SavingOptions(target: target, nowMs: nowMs)
    options.isBase = layout != .snapshot
    options.compresses = compresses
    options.shouldStop = shouldStop
    if layout == .snapshot || hasPreamble {
      return try loader.saveSnapshot(options, drain: drain)
    }
    return try loader.saveCommands(options, drain: drain)
  }

  private func writeFolder(
    _ loader: borrowing DatasetLoader, _ name: String, like model: String?
  ) throws -> (byteCount: Int64, leftOut: [String: Int]) {
    let folder = try OutputFolder(path: path)
    if let model { folder.takePermissions(of: model) }
    let base = "\(name).1.base.\(hasPreamble ? "rdb" : "aof")"
    let sink = StagedSink(try folder.createFile(base), onBytes)
    let leftOut = try save(loader, shouldStop: { sink.failure != nil }) { sink.write($0) }
    if let failure = sink.failure { throw failure }
    try sink.file.close()
    let next = "\(name).1.incr.aof"
    try folder.createFile(next).close()
    let manifest = AOFManifest([
      AOFManifest.Entry(name: base, sequence: 1, role: .base),
      AOFManifest.Entry(name: next, sequence: 1, role: .incremental),
    ])
    let list = try folder.createFile("\(name).manifest")
    try list.write(manifest.bytes)
    try list.close()
    try folder.commit()
    return (Int64(sink.file.byteCount), leftOut)
  }
}

/// A file of a folder, as the end of a stream of bytes: the first failure stays.
private final class StagedSink {
  let file: StagedFile
  private(set) var failure: OutputError?
  private let onBytes: ((Int) -> Void)?

  init(_ file: StagedFile, _ onBytes: ((Int) -> Void)?) {
    self.file = file
    self.onBytes = onBytes
  }

  func write(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil else { return }
    do throws(OutputError) { try file.write(bytes) } catch { failure = error }
    onBytes?(bytes.count)
  }
}
