#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

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
    "\(path): \(operation) failed: \(OutputError.text(of: code))"
  }

  /// The system's words for an error number, without the shared buffer of `strerror`.
  static func text(of code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let start = buffer.baseAddress else { return "error \(code)" }
      start.initialize(repeating: 0, count: buffer.count)
      guard strerror_r(code, start, buffer.count) == 0 else { return "error \(code)" }
      return String(cString: start)
    }
  }
}
