import ByteKit
import Export

/// Where the chunks of a dump go, in file order: what stands before, between and behind their keys.
///
/// `Sendable` unchecked: a pass writes one piece at a time.
final class DumpOutput: @unchecked Sendable {
  private let output: Output
  private let format: DumpFormatName
  private var isEmpty = true

  /// A dump in `format`.
  init(_ output: Output, _ format: DumpFormatName) {
    self.output = output
    self.format = format
    if format == .csv { output.write("\(CSVSink.head)") }
  }

  /// Writes the next piece. In an array each key brings the comma before it; the first one of all
  /// becomes the bracket.
  func write(_ bytes: UnsafeRawBufferPointer) {
    guard isEmpty, format == .json, bytes.count > 0 else { return output.write(bytes) }
    isEmpty = false
    output.write("[")
    output.write(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))
  }

  /// Writes what stands behind the last key.
  func finish() {
    if format == .json { output.write(isEmpty ? "[]\n" : "\n]\n") }
  }
}
