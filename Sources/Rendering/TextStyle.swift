/// When output carries colours.
public enum ColorMode: String, CaseIterable, Sendable {
  /// On a terminal, unless the environment says no.
  case auto
  /// Also into files and pipes.
  case always
  /// Nowhere.
  case never

  /// Whether to use colours.
  ///
  /// A flag wins over the environment: `NO_COLOR` (when not empty) and `TERM=dumb` only hold for
  /// `auto`.
  ///
  /// - Parameters:
  ///   - isTerminal: whether the output is one.
  ///   - environment: the value of a variable.
  public func isOn(isTerminal: Bool, environment: (String) -> String?) -> Bool {
    switch self {
    case .always: return true
    case .never: return false
    case .auto:
      let isRefused = environment("NO_COLOR").map { !$0.isEmpty } ?? false
      return isTerminal && !isRefused && environment("TERM") != "dumb"
    }
  }
}

/// Text set off by a terminal's colours, or plain.
public struct TextStyle: Sendable {
  /// Whether text carries colours.
  public let isOn: Bool

  /// A style with or without colours.
  public init(isOn: Bool) { self.isOn = isOn }

  /// No colours.
  public static let plain = TextStyle(isOn: false)

  /// Heads of tables, places.
  public func bold(_ text: String) -> String { wrapped(text, "1") }
  /// What matters less.
  public func dim(_ text: String) -> String { wrapped(text, "2") }
  /// Bad.
  public func red(_ text: String) -> String { wrapped(text, "31") }
  /// Good.
  public func green(_ text: String) -> String { wrapped(text, "32") }
  /// Doubtful.
  public func yellow(_ text: String) -> String { wrapped(text, "33") }
  /// Notable.
  public func cyan(_ text: String) -> String { wrapped(text, "36") }

  private func wrapped(_ text: String, _ code: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
