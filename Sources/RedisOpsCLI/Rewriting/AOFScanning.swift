import AOF
import ByteKit
import RDB
import Rendering

/// Goes over the parts of a set with a progress line; what is wrong with them is for the caller to
/// judge.
struct AOFScanning {
  /// Makes room for messages.
  let diagnostics: Diagnostics
  /// How to go over snapshots.
  let options: RDBScanOptions
  /// Whether to show no progress.
  let isQuiet: Bool

  /// An `AOFPartScanner`.
  func scan(
    _ part: AOFSet.Part, _ progress: AOFReader.Progress, _ body: (AOFRecord) -> Bool
  ) throws(AOFPlanError) -> AOFPartScan {
    let file: AOFFile
    do throws(InputError) { file = try part.open() } catch {
      throw AOFPlanError(.unreadable, part.path, error.message)
    }
    let line = ProgressLine(
      file.input.name, totalByteCount: file.byteCount.map { Int64($0) }, isQuiet: isQuiet)
    diagnostics.use(line)
    defer {
      line.finish()
      diagnostics.use(nil)
    }
    var options = options
    options.onBytes = { line.add($0) }
    var result = AOFPartScan(progress: progress)
    var front = file.skipSnapshot(options, creationTime: &result.creationTime)
    if let snapshot = front.snapshot {
      result.frontEnd = snapshot.endOffset
      result.soundOffset = snapshot.endOffset
      result.error = snapshot.loadError
      if result.error != nil { return result }
    }
    if let tail = front.takeTail() { read(tail, line, &result, body) }
    return result
  }

  private func read(
    _ tail: consuming ByteInput, _ line: ProgressLine, _ result: inout AOFPartScan,
    _ body: (AOFRecord) -> Bool
  ) {
    tail.tap = ProgressTap(line)
    var reader = AOFReader(tail, holding: .front, progress: result.progress)
    do throws(AOFError) {
      var goesOn = true
      while goesOn, let record = try reader.next() { goesOn = body(record) }
      if goesOn { result.error = reader.openTransactionError }
    } catch {
      result.error = error
    }
    result.progress = reader.progress
    result.soundOffset = reader.soundOffset
    result.endOffset = reader.input.offset
  }
}
