import Findings

/// The rules about suppressions themselves.
public enum SuppressionRules {
  /// All of them, in order.
  public static let all = [noReason, expired, unused, unknown]

  /// A comment without a reason.
  public static let noReason = RuleDescription(
    id: "SUP001", slug: "suppression-without-reason",
    summary: "A suppression without a reason",
    help: "Whoever reads the line next year must know why the finding may stay. Write the reason "
      + "behind '--'.", severity: .warning)
  /// A comment whose day is past.
  public static let expired = RuleDescription(
    id: "SUP002", slug: "suppression-expired", summary: "A suppression that has expired",
    help: "The day that somebody set has come, and the findings count again. Settle them, or set a "
      + "new day.", severity: .error)
  /// A comment that suppresses nothing.
  public static let unused = RuleDescription(
    id: "SUP003", slug: "suppression-unused", summary: "A suppression that suppresses nothing",
    help: "It would hide the next finding of the rule. Remove it.", severity: .warning)
  /// A comment that names no rule, or cannot be read.
  public static let unknown = RuleDescription(
    id: "SUP004", slug: "suppression-unknown", summary: "A suppression of a rule that is not there",
    help: "Correct the id, slug or prefix; 'redisops lint rules' lists them.", severity: .error)
}

/// Takes findings out that comments of a file suppress.
public struct Suppressor {
  /// What is left and what is not.
  public struct Outcome: Sendable {
    /// Findings that count, those about suppressions included.
    public var findings: [Finding]
    /// Findings that somebody decided to live with.
    public var suppressed: [SuppressedFinding]
  }

  private let today: String
  private let locked: Set<String>
  private let resolve: (String) -> Set<String>
  private let nearest: (String) -> String?

  /// - Parameters:
  ///   - today: `2026-11-24`.
  ///   - locked: ids of rules that no comment may suppress.
  ///   - resolve: the ids that an id, slug or prefix stands for; empty for none.
  ///   - nearest: the known word next to one that is not known.
  public init(
    today: String, locked: Set<String>, resolve: @escaping (String) -> Set<String>,
    nearest: @escaping (String) -> String?
  ) {
    self.today = today
    self.locked = locked
    self.resolve = resolve
    self.nearest = nearest
  }

  private struct Entry {
    var comment: SuppressionComment
    var ids: Set<String>
    var isUsed = false
    var counts: Bool
  }

  /// Applies the comments of `file` to findings.
  ///
  /// - Parameters:
  ///   - commentFile: the file that holds the comments, if it is another one.
  ///   - runs: whether a rule was applied at all; a comment about another one is no
  ///     unused one.
  public func apply(
    _ comments: LinterComments, of file: String, in commentFile: String? = nil,
    to findings: [Finding], runs: (String) -> Bool = { _ in true }
  ) -> Outcome {
    var outcome = Outcome(findings: [], suppressed: [])
    let place = commentFile ?? file
    var entries: [Entry] = []
    for broken in comments.broken {
      outcome.findings.append(
        Finding(
          SuppressionRules.unknown,
          at: Location(
            file: place, line: broken.line, column: broken.column, endColumn: broken.endColumn),
          broken.message))
    }
    for comment in comments.suppressions {
      var ids: Set<String> = []
      for word in comment.rules {
        let found = resolve(word)
        ids.formUnion(found)
        if found.isEmpty { outcome.findings.append(unknown(word, comment, place)) }
      }
      if comment.reason == nil {
        outcome.findings.append(
          Finding(
            SuppressionRules.noReason, at: self.place(comment, place),
            "no reason is given: write ' -- ' and why \(comment.rules.joined(separator: ", ")) "
              + "may stay"))
      }
      let isExpired = comment.until.map { $0 < today } ?? false
      if isExpired {
        outcome.findings.append(
          Finding(
            SuppressionRules.expired, at: self.place(comment, place),
            "expired on \(comment.until ?? ""): the findings count again"))
      }
      entries.append(Entry(comment: comment, ids: ids, counts: !isExpired))
    }
    for finding in findings {
      guard let index = entries.firstIndex(where: { reaches($0, finding, file) }) else {
        outcome.findings.append(finding)
        continue
      }
      entries[index].isUsed = true
      outcome.suppressed.append(
        SuppressedFinding(finding, reason: entries[index].comment.reason, isInSource: true))
    }
    for entry in entries where entry.counts && !entry.isUsed && entry.ids.contains(where: runs) {
      outcome.findings.append(
        Finding(
          SuppressionRules.unused, at: self.place(entry.comment, place),
          "nothing to suppress: \(entry.comment.rules.joined(separator: ", ")) "
            + "\(entry.comment.rules.count == 1 ? "has" : "have") no finding there"))
    }
    return outcome
  }

  private func reaches(_ entry: Entry, _ finding: Finding, _ file: String) -> Bool {
    guard entry.counts, finding.location.file == file, entry.ids.contains(finding.id),
      !locked.contains(finding.id)
    else { return false }
    switch entry.comment.reach {
    case .file: return true
    case .line(let line): return finding.location.line == line
    }
  }

  private func unknown(_ word: String, _ comment: SuppressionComment, _ file: String) -> Finding {
    let hint = nearest(word).map { "; did you mean \($0)?" } ?? ""
    return Finding(
      SuppressionRules.unknown, at: place(comment, file), "there is no rule '\(word)'\(hint)")
  }

  private func place(_ comment: SuppressionComment, _ file: String) -> Location {
    Location(
      file: file, line: comment.line, column: comment.column, endColumn: comment.endColumn)
  }
}
