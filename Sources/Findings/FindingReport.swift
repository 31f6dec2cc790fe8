/// The findings of one run, in their final order, with the rules and the files they come from.
public struct FindingReport: Sendable {
  /// Sorted by place, then id, key and message.
  public let findings: [Finding]
  /// All rules that were applied, also the silent ones, sorted by id.
  public let rules: [RuleDescription]
  /// All files that were checked, also the clean ones, sorted.
  public let files: [String]
  /// Whether everything could be checked that was asked for.
  public let isComplete: Bool
  /// Rules that could not be decided, with what they lack.
  public var skipped: [SkippedRule] = []
  /// Findings that are only counted: no rule lists more than a thousand in one file.
  public var omitted: [OmittedFindings] = []
  /// Findings that a comment, an exception or a baseline takes out of the count.
  public var suppressed: [SuppressedFinding] = []
  /// A stable name for each finding, in the same order; see `Fingerprint`.
  var fingerprints: [String] { Fingerprint.all(of: findings) }

  /// A report of findings in any order; equal ones are kept once.
  public init(
    _ findings: [Finding], rules: [RuleDescription] = [], files: [String] = [],
    isComplete: Bool = true
  ) {
    let sorted = FindingReport.sorted(findings)
    self.findings = sorted
    self.rules = rules.sorted { $0.id < $1.id }
    self.files = Set(files + sorted.map(\.location.file)).sorted()
    self.isComplete = isComplete
  }

  private static func sorted(_ findings: [Finding]) -> [Finding] {
    let sorted = findings.sorted { left, right in
      if left.location != right.location { return left.location < right.location }
      if left.id != right.id { return left.id < right.id }
      if left.database != right.database { return left.database ?? -1 < right.database ?? -1 }
      let (key, otherKey) = (left.key ?? [], right.key ?? [])
      if key != otherKey { return key.lexicographicallyPrecedes(otherKey) }
      return left.message < right.message
    }
    // Equal ones are neighbours, but for others of the same message.
    var result: [Finding] = []
    result.reserveCapacity(sorted.count)
    var start = 0
    for finding in sorted {
      if let last = result.last,
        last.message != finding.message || last.id != finding.id
          || last.location != finding.location
      {
        start = result.count
      }
      if !result[start...].contains(finding) { result.append(finding) }
    }
    return result
  }

  /// The number of findings of one severity.
  public func count(of severity: Severity) -> Int {
    findings.reduce(0) { $0 + ($1.severity == severity ? 1 : 0) }
  }

  /// Whether a finding is at or above `threshold`; with nil nothing fails.
  public func fails(at threshold: Severity?) -> Bool {
    guard let threshold else { return false }
    return findings.contains { $0.severity >= threshold }
  }

  /// What was found, counted: `3 findings: 1 error, 2 warnings`, or `no findings`.
  public var summary: String {
    if findings.isEmpty { return "no findings" }
    let parts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = count(of: severity)
      if count == 0 { return nil }
      return severity == .info ? "\(count) info" : plural(count, severity.name)
    }
    return plural(findings.count, "finding") + ": " + parts.joined(separator: ", ")
  }

  private func plural(_ count: Int, _ word: String) -> String {
    count == 1 ? "1 \(word)" : "\(count) \(word)s"
  }
}

/// A rule that could not be decided for a file.
public struct SkippedRule: Hashable, Sendable {
  /// The rule's id.
  public var id: String
  /// The file that it was to be applied to.
  public var file: String
  /// The names of the facts that it lacks, sorted.
  public var missing: [String]

  /// A skipped rule.
  public init(id: String, file: String, missing: [String]) {
    self.id = id
    self.file = file
    self.missing = missing
  }
}

/// Findings that are counted and not listed.
public struct OmittedFindings: Hashable, Sendable {
  /// The rule's id.
  public var id: String
  /// The file that they are in.
  public var file: String
  /// How many there are beside those that are listed.
  public var count: Int

  /// So many findings of a rule in a file.
  public init(id: String, file: String, count: Int) {
    self.id = id
    self.file = file
    self.count = count
  }
}

/// A finding that somebody decided to live with.
public struct SuppressedFinding: Hashable, Sendable {
  /// What was found.
  public var finding: Finding
  /// Why it may stay; nil when nobody said.
  public var reason: String?
  /// Whether the decision stands beside the finding, and not in a file of its own.
  public var isInSource: Bool

  /// A finding and the decision about it.
  public init(_ finding: Finding, reason: String?, isInSource: Bool) {
    self.finding = finding
    self.reason = reason
    self.isInSource = isInSource
  }
}
