import ByteKit

/// One document with the counts and all findings.
enum JSONReport {
  static func write(_ report: FindingReport, drain: @escaping FindingReport.Drain) {
    var document = JSONDocument(drain: drain)
    document.object {
      $0.schema("findings")
      $0.member("complete", report.isComplete)
      $0.array("files") { for file in report.files { $0.value(file) } }
      $0.findings(report)
    }
    document.endLine()
    document.flush()
  }
}

extension JSONDocument {
  /// Writes the member `findings`, the same in every document that has one: verdicts, lint, audit.
  public mutating func findings(_ report: FindingReport) {
    array("findings") {
      for (finding, fingerprint) in zip(report.findings, report.fingerprints) {
        $0.finding(finding, fingerprint)
      }
    }
  }

  private mutating func finding(_ finding: Finding, _ fingerprint: String) {
    object {
      $0.member("id", finding.id)
      $0.member("slug", finding.slug.isEmpty ? nil : finding.slug)
      $0.member("severity", finding.severity.name)
      $0.location(finding.location)
      $0.member("message", finding.message)
      $0.member("help", finding.help)
      $0.member("db", finding.database)
      $0.member("key", bytes: finding.key)
      $0.member("directive", finding.directive)
      if !finding.notes.isEmpty { $0.notes(finding.notes) }
      if let fix = finding.fix { $0.fix(fix) }
      $0.member("fingerprint", fingerprint)
    }
  }

  private mutating func location(_ location: Location) {
    member("file", location.file)
    member("line", location.line)
    member("column", location.column)
    member("endColumn", location.endColumn)
    member("offset", location.offset)
  }

  private mutating func notes(_ notes: [Finding.Note]) {
    array("notes") {
      for note in notes {
        $0.object {
          if let location = note.location { $0.location(location) }
          $0.member("message", note.message)
        }
      }
    }
  }

  private mutating func fix(_ fix: Fix) {
    object("fix") {
      $0.member("summary", fix.summary)
      $0.member("safe", fix.isSafe)
      $0.array("edits") {
        for edit in fix.edits {
          $0.object {
            $0.member("file", edit.file)
            $0.member("offset", edit.offset)
            $0.member("byteCount", edit.byteCount)
            $0.member("replacement", edit.shownReplacement)
          }
        }
      }
    }
  }
}
