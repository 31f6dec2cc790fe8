import ByteKit

/// Where messages go.
enum StandardError {
  /// Writes a line; nobody can be told when that fails.
  static func writeLine(_ line: String) {
    var text = line + "\n"
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
