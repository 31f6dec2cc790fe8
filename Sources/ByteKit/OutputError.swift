/// Why output could not be written.
public struct OutputError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What was tried: `write`, `create`, `sync`, `rename` …
  public let operation: String
  /// The path as the user named it, or `standard output`.
  public let path: String
  /// The system's error number.
  public let code: Int32

  /// An error of the system.
  public init(operation: String, path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Whether the reader has gone (`| head`): a reason to stop, and no failure to tell anyone.
  public var isClosedPipe: Bool { code == EPIPE }

  /// One line: `out.json: write failed: No space left on device`.
  public var description: String {
    "\(path): \(operation) failed: \(systemErrorText(code))"
  }
}
