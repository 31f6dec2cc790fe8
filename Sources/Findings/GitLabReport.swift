import ByteKit

/// The code quality report of GitLab: an array of issues, each with a fingerprint of its own.
enum GitLabReport {
  static func write(_ report: FindingReport, drain: @escaping FindingReport.Drain) {
    var document = JSONDocument(drain: drain)
    document.array {
      for (finding, fingerprint) in zip(report.findings, report.fingerprints) {
        $0.issue(finding, fingerprint)
      }
    }
    document.endLine()
    document.flush()
  }
}

extension JSONDocument {
  fileprivate mutating func issue(_ finding: Finding, _ fingerprint: String) {
    var text = finding.sentence
    if let offset = finding.location.offset {
      text += " (byte offset 0x\(String(offset, radix: 16)))"
    }
    object {
      $0.member("description", finding.title.isEmpty ? text : "\(finding.title): \(text)")
      $0.member("check_name", finding.id)
      $0.member("fingerprint", fingerprint)
      $0.member("severity", finding.severity.gitLabName)
      $0.object("location") {
        $0.member("path", RelativePath.normalized(finding.location.file))
        // A line is required; a binary file is shown at its start.
        $0.object("lines") { $0.member("begin", finding.location.line ?? 1) }
      }
    }
  }
}

extension Severity {
  /// One of GitLab's five words.
  fileprivate var gitLabName: String {
    switch self {
    case .error: "major"
    case .warning: "minor"
    case .info: "info"
    }
  }
}
