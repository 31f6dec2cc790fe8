import ByteKit
import Findings
import Rendering
import Synchronization

/// Where results go, and the moment when that ends.
///
/// When the reader of a pipe has gone, nothing that could still be done matters: the process ends
/// there and then, quietly and with 0, in the middle of a value of whatever size.
final class Output: Sendable {
  private let file: OutputFile
  private let failed = Atomic(false)

  /// Standard output, or the file at `path`.
  init(_ path: String?) throws(OutputError) {
    file = try OutputFile.open(path)
  }

  /// Whether a write failed: time to stop. May be asked from any thread.
  var hasFailed: Bool { failed.load(ordering: .relaxed) }

  /// Whether the output is a terminal.
  var isTerminal: Bool { file.isTerminal }

  /// Writes bytes; one thread at a time.
  func write(_ bytes: UnsafeRawBufferPointer) {
    file.write(bytes)
    guard let failure = file.failure else { return }
    if failure.isClosedPipe { exit(ExitStatus.done.rawValue) }
    failed.store(true, ordering: .relaxed)
  }

  /// Writes text.
  func write(_ text: String) {
    var copy = text
    copy.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes a document that `body` builds.
  func writeJSON(_ body: (inout JSONDocument) -> Void) {
    var document = JSONDocument { self.write($0) }
    body(&document)
    document.endLine()
    document.flush()
  }

  /// Makes the output final.
  func commit() throws(OutputError) { try file.commit() }

  /// Gives the output up: a file stays as it was.
  func discard() { file.discard() }
}
