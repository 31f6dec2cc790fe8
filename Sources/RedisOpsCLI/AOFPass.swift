import AOF
import ByteKit
import Findings
import RDB
import Rendering

/// How the pass over one part of a set ended.
struct AOFPartResult {
  /// What is counted on in the next part.
  var progress: AOFReader.Progress
  /// How the pass over the snapshot in front ended; `nil` where there is none.
  var snapshot: RDBScanResult?
  /// What stopped the pass over the commands.
  var error: AOFError?
  /// Behind the last record that stands outside an open transaction.
  var soundOffset = 0
  /// Where reading ended.
  var endOffset = 0
}

/// Goes over the parts of a set, with a progress line and messages about what is wrong with them.
struct AOFPass {
  /// Where messages go.
  let diagnostics: Diagnostics
  /// How to go over snapshots.
  var options: RDBScanOptions
  /// Whether to show no progress.
  var isQuiet = false
  /// Whether what is wrong has been reported already.
  var isSilent = false
  /// What of a large command is kept.
  var holding = AOFReader.Holding.everything

  /// Looks at what is at `path`, or says why that cannot be.
  func open(_ path: String) -> AOFSet? {
    let set: AOFSet
    do throws(InputError) { set = try AOFSet(opening: path) } catch {
      diagnostics.report(error, in: path == "-" ? "<stdin>" : path)
      return nil
    }
    if !isSilent { reportManifest(of: set) }
    return set
  }

  private func reportManifest(of set: AOFSet) {
    if let manifest = set.manifest {
      for problem in manifest.problems {
        diagnostics.error(
          problem.message
            + (problem.startsEmpty ? "" : "; servers do not start with this manifest"),
          at: Location(file: set.name, line: problem.line))
      }
    } else if set.layout == .multipart {
      diagnostics.warning(
        "no manifest: servers ignore the \(set.unnamedFiles.count) files here and start empty",
        at: Location(file: set.name))
    }
    for part in set.parts where !part.exists && part.role != .history {
      diagnostics.error(
        "the file is missing, though line \(part.entry?.line ?? 0) of the manifest names it; "
          + "servers do not start without it",
        at: Location(file: part.path))
    }
  }

  /// Goes over one part: the snapshot in front through `scanFront`, then each record.
  ///
  /// - Parameter body: takes a record; false ends the pass.
  /// - Returns: `nil` where the part could not be opened. What is wrong has been reported.
  func run(
    _ part: AOFSet.Part, _ progress: AOFReader.Progress,
    scanFront: (AOFFile, RDBScanOptions) -> AOFFront,
    _ body: (AOFRecord) -> Bool
  ) -> AOFPartResult? {
    guard part.exists else { return nil }
    let file: AOFFile
    do throws(InputError) { file = try part.open() } catch {
      diagnostics.report(error, in: part.path)
      return nil
    }
    let line = ProgressLine(
      file.input.name, totalByteCount: file.byteCount.map { Int64($0) }, isQuiet: isQuiet)
    diagnostics.use(line)
    var options = options
    options.onBytes = { line.add($0) }
    var front = scanFront(file, options)
    var result = AOFPartResult(progress: progress, snapshot: front.snapshot)
    result.endOffset = front.snapshot?.endOffset ?? 0
    result.soundOffset = result.endOffset
    if let tail = front.takeTail() { read(tail, line, &result, body) }
    line.finish()
    diagnostics.use(nil)
    if !isSilent { report(result, in: file.input.name) }
    return result
  }

  private func read(
    _ tail: consuming ByteInput, _ line: ProgressLine, _ result: inout AOFPartResult,
    _ body: (AOFRecord) -> Bool
  ) {
    tail.tap = ProgressTap(line)
    var reader = AOFReader(tail, holding: holding, progress: result.progress)
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

  private func report(_ result: AOFPartResult, in file: String) {
    if var snapshot = result.snapshot {
      snapshot.trailing = nil
      diagnostics.report(snapshot, in: file, isStrict: false)
    }
    guard let error = result.error else { return }
    let sound = "; everything before \(result.soundOffset) (\(hex(result.soundOffset))) is sound"
    diagnostics.error(
      error.message + sound, at: Location(file: file, offset: Int64(error.offset)),
      status: error.kind == .unreadable ? .unchecked : .failed)
  }
}

/// Counts for a progress line.
final class ProgressTap: ByteTap {
  private let line: ProgressLine

  /// Counts for `line`.
  init(_ line: ProgressLine) { self.line = line }

  func see(_ bytes: UnsafeRawBufferPointer) { line.add(bytes.count) }
}
