import ByteKit
import ConfLint
import Findings

/// What a run of the linter found, and how it is printed.
struct LintReport {
  /// The findings, with what was skipped and suppressed.
  let findings: FindingReport
  /// Every input with what each target does.
  let verdicts: [(input: String, verdict: TargetVerdict)]
  /// The inputs by path, for the lines in text and their columns.
  let sources: [String: LintInput]

  /// Writes the document `redisops/lint/1`.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("lint")
      $0.array("targets") {
        for (input, verdict) in verdicts { $0.target(input, verdict) }
      }
      $0.findings(findings)
      $0.array("skipped") { for (id, missing) in skipped { $0.skipped(id, missing) } }
      if !findings.omitted.isEmpty {
        $0.array("omitted") { for entry in findings.omitted { $0.omitted(entry) } }
      }
      if !findings.suppressed.isEmpty {
        $0.array("suppressed") { for entry in findings.suppressed { $0.suppressed(entry) } }
      }
    }
  }

  /// Skipped rules with all that they lack, each once.
  private var skipped: [(id: String, missing: [String])] {
    var result: [String: Set<String>] = [:]
    for rule in findings.skipped { result[rule.id, default: []].formUnion(rule.missing) }
    return result.map { ($0.key, $0.value.sorted()) }.sorted { $0.0 < $1.0 }
  }

  /// What is counted and not listed, a line each.
  var omissions: [String] {
    findings.omitted.map { more in
      let file = PrintableText.line(more.file)
      return "\(more.count) more findings of \(more.id) in \(file) are not listed"
    }
  }

  /// The last lines for people: counts, and what was skipped.
  var summary: String {
    var text = findings.summary
    if findings.findings.isEmpty, !findings.isComplete { text += " in what could be read" }
    if !findings.suppressed.isEmpty { text += ", \(findings.suppressed.count) suppressed" }
    for line in omissions { text += "\n" + line }
    let skipped = skipped
    if !skipped.isEmpty {
      let facts = Set(skipped.flatMap(\.missing)).sorted()
      let shown = facts.prefix(6).joined(separator: ", ") + (facts.count > 6 ? ", …" : "")
      text +=
        "\n\(skipped.count) rules skipped for want of facts (\(shown)); give them with --facts"
    }
    return text
  }
}

extension JSONDocument {
  fileprivate mutating func target(_ input: String, _ verdict: TargetVerdict) {
    object {
      $0.member("input", input)
      $0.member("target", verdict.target)
      $0.member("accepted", verdict.refusal == nil)
      $0.member("file", verdict.refusal?.file)
      $0.member("line", verdict.refusal?.line)
      $0.member("reason", verdict.refusal?.reason)
    }
  }

  fileprivate mutating func skipped(_ id: String, _ missing: [String]) {
    object {
      $0.member("id", id)
      $0.array("missing") { for name in missing { $0.value(name) } }
    }
  }

  fileprivate mutating func omitted(_ entry: OmittedFindings) {
    object {
      $0.member("id", entry.id)
      $0.member("file", entry.file)
      $0.member("count", entry.count)
    }
  }

  fileprivate mutating func suppressed(_ entry: SuppressedFinding) {
    object {
      $0.member("id", entry.finding.id)
      $0.member("file", entry.finding.location.file)
      $0.member("line", entry.finding.location.line)
      $0.member("reason", entry.reason)
    }
  }
}
