import Findings

/// The findings for one target.
public struct TargetFindings: Sendable {
  /// The target as the user spelled it.
  public var target: String
  /// What was found.
  public var findings: [Finding]

  /// Findings for a target.
  public init(target: String, findings: [Finding]) {
    self.target = target
    self.findings = findings
  }
}

/// Makes one list of the findings for several targets.
///
/// A finding that some targets have and others have not names them. When the user named no target,
/// what only some of the usual ones refuse is advice: nobody said that the file is for those.
public struct TargetMerge {
  /// Rules that say that a server refuses the file.
  private let refusals: Set<String>
  /// Whether the user named the targets, so that the file must start on each.
  private let isExplicit: Bool

  /// - Parameters:
  ///   - refusals: ids of the rules that say that a server refuses the file.
  ///   - isExplicit: whether the user named the targets.
  public init(refusals: Set<String>, isExplicit: Bool) {
    self.refusals = refusals
    self.isExplicit = isExplicit
  }

  private struct Key: Hashable {
    var id: String
    var location: Location
    var directive: String?
    /// Its number among those that are equal in the rest, within one target.
    var ordinal: Int
  }

  /// One list, in the order in which findings first appear.
  public func merged(_ results: [TargetFindings]) -> [Finding] {
    var order: [Key] = []
    var findings: [Key: (finding: Finding, targets: [String])] = [:]
    for result in results {
      var counts: [Key: Int] = [:]
      for finding in result.findings {
        var key = Key(
          id: finding.id, location: finding.location, directive: finding.directive, ordinal: 0)
        let ordinal = counts[key, default: 0]
        counts[key] = ordinal + 1
        key.ordinal = ordinal
        if findings[key] == nil {
          order.append(key)
          findings[key] = (finding, [])
        }
        findings[key]?.targets.append(result.target)
        // One edit cannot suit servers that need different ones.
        if findings[key]?.finding.fix != finding.fix { findings[key]?.finding.fix = nil }
        // Of two severities the lower one holds for all, unless the file must start everywhere.
        if let known = findings[key]?.finding.severity, known != finding.severity {
          let wins = isExplicit ? finding.severity > known : finding.severity < known
          if wins { findings[key]?.finding.severity = finding.severity }
        }
      }
    }
    return order.compactMap { key in
      guard let entry = findings[key] else { return nil }
      var finding = entry.finding
      let targets = entry.targets
      if targets.count < results.count {
        finding.message += " (\(Self.list(targets)))"
        if !isExplicit, refusals.contains(finding.id) { finding.severity = .info }
      }
      return finding
    }
  }

  /// `redis:6.2, redis:7.0 and valkey:8.1`.
  private static func list(_ targets: [String]) -> String {
    guard let last = targets.last, targets.count > 1 else { return targets.first ?? "" }
    return targets.dropLast().joined(separator: ", ") + " and " + last
  }
}
