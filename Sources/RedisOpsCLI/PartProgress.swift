import Rendering

/// The progress line of one file after the other.
final class PartProgress {
  private let diagnostics: Diagnostics
  private let isQuiet: Bool
  private var shown: ProgressLine?

  /// - Parameters:
  ///   - diagnostics: whose messages make room for the line.
  ///   - isQuiet: whether to show nothing.
  init(_ diagnostics: Diagnostics, isQuiet: Bool) {
    self.diagnostics = diagnostics
    self.isQuiet = isQuiet
  }

  /// Begins a file; what it gives back takes numbers of bytes, from any thread.
  ///
  /// - Parameter byteCount: its size; `nil` where it is not known.
  func begin(_ name: String, _ byteCount: Int?) -> @Sendable (Int) -> Void {
    shown?.finish()
    let line = ProgressLine(name, totalByteCount: byteCount.map { Int64($0) }, isQuiet: isQuiet)
    diagnostics.use(line)
    shown = line
    return { line.add($0) }
  }

  /// Takes the line away.
  func finish() {
    shown?.finish()
    shown = nil
    diagnostics.use(nil)
  }
}
