import ByteKit

/// What the terminal is like that this process runs on.
public enum Terminal {
  /// Standard output or standard error.
  public enum Stream: Sendable {
    /// Where results go.
    case output
    /// Where everything else goes.
    case error

    fileprivate var descriptor: Int32 {
      switch self {
      case .output: STDOUT_FILENO
      case .error: STDERR_FILENO
      }
    }
  }

  /// Whether `stream` is a terminal.
  public static func isTerminal(_ stream: Stream) -> Bool { isatty(stream.descriptor) == 1 }

  /// The columns of the terminal at `stream`; nil when it is none, or says nothing.
  public static func width(_ stream: Stream) -> Int? {
    guard isTerminal(stream) else { return nil }
    var size = winsize()
    guard ioctl(stream.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// The value of a variable of the environment.
  public static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
