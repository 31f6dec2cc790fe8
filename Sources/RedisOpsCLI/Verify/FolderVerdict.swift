import AOF
import Findings
import RDB
import RedisModel
import Replay

/// What was found out about a data folder.
struct FolderVerdict {
  /// Where the target comes from.
  enum TargetOrigin: String {
    /// The user named it.
    case named
    /// The snapshot that is loaded says who wrote it.
    case writer
    /// Nothing tells.
    case assumed
  }

  /// The three answers.
  typealias Verdict = VerifyReport.Verdict

  /// The folder as the user named it.
  let folder: String
  /// The configuration; `nil` for the defaults.
  let configuration: String?
  /// The server, and the text that the user named it by.
  let target: NamedTarget
  /// Where the target comes from.
  let targetOrigin: TargetOrigin
  /// The settings that decide what is loaded.
  let settings: StartSettings

  /// Whether the server takes the configuration.
  var takesConfiguration = true
  /// Servers that may have written the files where nothing names one, the likeliest first.
  var candidates: [ServerVersion] = []
  /// Whether nothing was executed, for the files are those of another server.
  var isLeftToOthers = false
  /// What is loaded.
  var source = StartPlan.Source.nothing
  /// How an append-only file is laid out; `nil` for anything else.
  var layout: AOFSet.Layout?
  /// Whether the server starts; `nil` where that cannot be told.
  var starts: Bool?
  /// What it does, in words.
  var note = ""
  /// What came up while loading; `nil` where nothing was loaded.
  var report: LoadReport?
  /// What the server holds; `nil` where it does not start, or that cannot be told.
  var data: HeldData?
  /// What is cut off, or would have to be; `nil` for a snapshot.
  var lost: AOFTail?
  /// How long recovery takes, and how much may be missing; `nil` where nothing was loaded.
  var recovery: RecoveryEstimate?
  /// What another data set has otherwise; `nil` where there was none to compare with.
  var comparison: DataComparison?
  /// What is wrong or odd.
  var findings: [Finding] = []
  /// The answer.
  private(set) var verdict = Verdict.good

  /// A folder of which nothing is known yet.
  init(
    folder: String, configuration: String?, _ target: NamedTarget, _ origin: TargetOrigin,
    _ settings: StartSettings
  ) {
    self.folder = folder
    self.configuration = configuration
    self.target = target
    targetOrigin = origin
    self.settings = settings
  }

  /// Whether the server starts without any of the data.
  var startsEmpty: Bool { starts == true && data == HeldData.none && report == nil }

  /// Takes the answer to one question into account: a certain "bad" outweighs a "could not check".
  mutating func add(_ answer: Verdict) {
    if answer == .bad || verdict == .good { verdict = answer }
  }

  /// Takes a trap into account.
  mutating func add(_ trap: StartTrap) {
    let severity: Severity =
      switch trap.weight {
      case .error: .error
      case .warning: .warning
      case .note: .info
      }
    findings.append(
      Finding(trap.kind.rawValue, severity, at: Location(file: trap.path), trap.message))
    if trap.weight == .error { add(.bad) }
  }

  /// Takes a finding with its consequence into account.
  mutating func add(_ finding: Finding, _ answer: Verdict) {
    findings.append(finding)
    add(answer)
  }

  /// The findings in their order, with all rules.
  var findingReport: FindingReport {
    let traps = StartTrap.Kind.allCases.map {
      RuleDescription(id: $0.rawValue, slug: "", summary: $0.summary, severity: .error)
    }
    return FindingReport(
      findings,
      rules: traps + StartConfiguration.rules + StartRule.all + ExpectationRule.all
        + AOFRule.all + ReplayRule.all,
      files: [folder], isComplete: verdict != .unknown)
  }
}

/// What the verification of a folder finds besides traps and damage.
enum StartRule {
  /// A stop point that was not reached.
  static let stopPoint = "start-stop-point"
  /// Expiries that count from each start anew.
  static let relativeExpiry = "start-relative-expiry"
  /// Data that differ from those that they were compared with.
  static let differs = "start-differs"
  /// Data that could not be compared.
  static let notCompared = "start-not-compared"
  /// Something that the system does not give.
  static let unreadable = "start-unreadable"

  /// All of them.
  static let all: [RuleDescription] = [
    (stopPoint, "The data reach as far as the point that was asked for", Severity.error),
    (relativeExpiry, "Expiries do not begin anew with each start", .warning),
    (differs, "The data are those that they are compared with", .error),
    (notCompared, "The data can be compared", .error),
    (unreadable, "The system gives the folder and its files", .error),
  ].map { RuleDescription(id: $0.0, slug: "", summary: $0.1, severity: $0.2) }
}
