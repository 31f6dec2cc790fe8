/// How much a finding matters.
public enum Severity: Int, Comparable, CaseIterable, Sendable {
  /// Advice, dead text, style.
  case info
  /// Works until it hurts.
  case warning
  /// Refused, lost, damaged, or open to attack.
  case error

  /// The word in every output and option: `info`, `warning`, `error`.
  public var name: String {
    switch self {
    case .info: "info"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// The severity of that name.
  public init?(name: String) {
    guard let match = Severity.allCases.first(where: { $0.name == name }) else { return nil }
    self = match
  }

  /// Info is the lowest, error the highest.
  public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
}
