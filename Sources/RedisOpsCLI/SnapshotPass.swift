import ByteKit
import Findings
import RDB
import Rendering

/// What the chunks of a pass leave behind.
///
/// `Sendable` unchecked: a pass commits its chunks one at a time, and whoever started it looks only
/// after its end.
final class Gathered<Value>: @unchecked Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }
}

/// Goes over the snapshots that a command was given, one after the other, with a progress line and
/// messages about what is wrong with them.
struct SnapshotPass {
  /// Where messages go.
  let diagnostics: Diagnostics
  /// How to go over each file.
  var options: RDBScanOptions
  /// Whether bytes behind the end are an error.
  var isStrict = false
  /// Whether to show no progress.
  var isQuiet = false

  /// Goes over one input.
  ///
  /// - Returns: the name of the input for reports, and the result; `nil` where it could not be
  ///   opened. What is wrong has been reported.
  func run<H: RDBChunkHandler & ~Copyable>(
    _ path: String, makeHandler: @escaping @Sendable (RDBChunk) -> H,
    commit: @escaping @Sendable (inout H) -> Void
  ) -> (name: String, result: RDBScanResult, size: Int?)? {
    guard let input = open(path) else { return nil }
    let size = input.regularFileSize
    let progress = ProgressLine(
      input.name, totalByteCount: size.map { Int64($0) }, isQuiet: isQuiet)
    diagnostics.use(progress)
    var options = options
    options.onBytes = { progress.add($0) }
    let result = RDBScan.run(input, options, makeHandler: makeHandler, commit: commit)
    progress.finish()
    diagnostics.use(nil)
    diagnostics.report(result, in: input.name, isStrict: isStrict)
    return (input.name, result, size)
  }

  /// Opens an input, or says why not.
  func open(_ path: String) -> InputFile? {
    do throws(InputError) {
      return try InputFile(opening: path)
    } catch {
      diagnostics.report(error, in: path == "-" ? "<stdin>" : path)
      return nil
    }
  }
}

extension InputFile {
  /// The size where the input is a regular file that is read as it is.
  var regularFileSize: Int? {
    if case .file(_, let size) = access { size } else { nil }
  }
}
