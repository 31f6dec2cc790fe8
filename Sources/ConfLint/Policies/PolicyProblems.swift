import Findings
import YAMLTree

/// The linter's findings about policies and facts files.
enum PolicyProblem: String, CaseIterable, Sendable {
  case syntax = "POL001"
  case unknownKey = "POL002"
  case wrongKind = "POL003"
  case missingKey = "POL004"
  case duplicate = "POL005"
  case expression = "POL006"
  case unknownName = "POL007"
  case inheritance = "POL008"
  case locked = "POL009"
  case badValue = "POL010"
  case trueForYes = "POL011"
  case noAnswer = "POL012"
  case octalPrefix = "POL013"
  case noNumber = "POL014"
  case decimalUnit = "POL015"
  case nothing = "POL016"
  case unquoted = "POL017"
  case cutByComment = "POL018"
  case tag = "POL019"
  case failedTest = "POL020"

  private var text: (slug: String, summary: String, severity: Severity) {
    switch self {
    case .syntax: ("policy-syntax", "The file is no YAML that can be read", .error)
    case .unknownKey: ("policy-unknown-key", "A key that means nothing here", .error)
    case .wrongKind: ("policy-wrong-kind", "A map, list or value where another is needed", .error)
    case .missingKey: ("policy-missing-key", "A key that must be there is not", .error)
    case .duplicate: ("policy-duplicate", "The same key or rule twice", .error)
    case .expression: ("policy-expression", "An expression that cannot be read or fit", .error)
    case .unknownName:
      ("policy-unknown-name", "A rule, directive or fact that does not exist", .error)
    case .inheritance: ("policy-extends", "A policy that cannot be extended", .error)
    case .locked: ("policy-locked", "A change that the extended policy does not allow", .error)
    case .badValue: ("policy-value", "A value that its key does not take", .error)
    case .trueForYes:
      ("policy-true-for-yes", "true or false where the server says yes or no", .info)
    case .noAnswer: ("policy-no-answer", "Neither yes nor no", .error)
    case .octalPrefix: ("policy-octal-prefix", "An octal number with the prefix 0o", .info)
    case .noNumber: ("policy-no-number", "A number that the server would not read", .error)
    case .decimalUnit: ("policy-decimal-unit", "A size in powers of 1000", .info)
    case .nothing: ("policy-nothing", "Nothing where a value is needed", .error)
    case .unquoted: ("policy-unquoted", "Text that looks like a number, without quotes", .info)
    case .cutByComment: ("policy-cut-by-comment", "A value that a comment may cut short", .warning)
    case .tag: ("policy-tag", "A YAML tag", .error)
    case .failedTest: ("policy-test", "A test of the policy that fails", .error)
    }
  }

  /// The rule, for reports and `explain`.
  var description: RuleDescription {
    let text = text
    return RuleDescription(
      id: rawValue, slug: text.slug, summary: text.summary, severity: text.severity)
  }
}

/// The rules that look at policies and facts files instead of configuration.
public enum PolicyRules {
  /// All of them, by id.
  public static let descriptions: [RuleDescription] = PolicyProblem.allCases.map(\.description)
}

/// A policy or facts file that is being read, and what was found wrong with it.
final class PolicyDiagnostics {
  /// What was found, in the order in which it was.
  private(set) var findings: [Finding] = []

  /// Whether something was found that makes a policy useless.
  var hasErrors: Bool { findings.contains { $0.severity == .error } }

  /// Adds a finding about `file`.
  func report(
    _ problem: PolicyProblem, _ message: String, in file: String, at start: YAMLPosition,
    to end: YAMLPosition? = nil, other: (String, YAMLPosition)? = nil
  ) {
    var location = Location(file: file, line: start.line, column: start.column)
    if let end, end.line == start.line { location.endColumn = end.column }
    var finding = Finding(problem.description, at: location, message)
    if let (text, position) = other {
      finding.notes = [
        .init(
          text, at: Location(file: file, line: position.line, column: position.column))
      ]
    }
    findings.append(finding)
  }

  /// Adds what the YAML reader said about `file`.
  func report(_ error: YAMLError, in file: String) {
    let problem: PolicyProblem =
      switch error.kind {
      case .tag: .tag
      case .key: error.otherPosition == nil ? .syntax : .duplicate
      default: .syntax
      }
    report(
      problem, error.message, in: file, at: error.position,
      other: error.otherPosition.map { ("first here", $0) })
  }
}
