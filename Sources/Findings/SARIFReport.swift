import ByteKit

/// The Static Analysis Results Interchange Format, version 2.1.0 (an OASIS standard).
///
/// All rules are listed, also silent ones: viewers close an alert when its rule is there and its
/// result is not. Paths are relative to `%SRCROOT%`, whose place the reader knows.
enum SARIFReport {
  /// The base of relative paths.
  private static let root = "%SRCROOT%"

  static func write(
    _ report: FindingReport, _ options: ReportOptions, drain: @escaping FindingReport.Drain
  ) {
    let indexes = Dictionary(
      report.rules.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    var document = JSONDocument(drain: drain)
    document.object {
      $0.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
      $0.member("version", "2.1.0")
      $0.array("runs") {
        $0.object {
          $0.object("tool") { $0.object("driver") { driver(report.rules, options, &$0) } }
          $0.array("invocations") {
            $0.object { $0.member("executionSuccessful", report.isComplete) }
          }
          $0.object("originalUriBaseIds") {
            $0.object(root) {
              $0.object("description") { $0.member("text", "The directory that redisops ran in.") }
            }
          }
          $0.member("columnKind", "utf16CodeUnits")
          $0.array("results") {
            for (finding, fingerprint) in zip(report.findings, report.fingerprints) {
              $0.object { result(finding, fingerprint, indexes[finding.id], nil, options, &$0) }
            }
            let suppressed = FindingReport(report.suppressed.map(\.finding))
            for (finding, fingerprint) in zip(suppressed.findings, suppressed.fingerprints) {
              let entry = report.suppressed.first { $0.finding == finding }
              $0.object { result(finding, fingerprint, indexes[finding.id], entry, options, &$0) }
            }
          }
        }
      }
    }
    document.endLine()
    document.flush()
  }

  private static func driver(
    _ rules: [RuleDescription], _ options: ReportOptions, _ document: inout JSONDocument
  ) {
    document.member("name", "redisops")
    document.member("version", options.version)
    document.member("informationUri", options.informationURI)
    document.array("rules") {
      for rule in rules {
        $0.object {
          $0.member("id", rule.id)
          $0.member("name", rule.slug)
          $0.object("shortDescription") { $0.member("text", rule.summary) }
          $0.object("fullDescription") { $0.member("text", rule.summary) }
          if !rule.help.isEmpty {
            $0.object("help") {
              $0.member("text", rule.help)
              $0.member("markdown", rule.help)
            }
          }
          $0.member("helpUri", rule.helpURI)
          $0.object("defaultConfiguration") { $0.member("level", level(rule.severity)) }
        }
      }
    }
  }

  private static func result(
    _ finding: Finding, _ fingerprint: String, _ ruleIndex: Int?,
    _ suppressed: SuppressedFinding?, _ options: ReportOptions, _ document: inout JSONDocument
  ) {
    document.member("ruleId", finding.id)
    document.member("ruleIndex", ruleIndex)
    document.member("level", level(finding.severity))
    document.object("message") {
      $0.member("text", finding.sentence + (finding.help.map { " [\($0)]" } ?? ""))
    }
    document.array("locations") { $0.object { location(finding.location, options, &$0) } }
    if !finding.notes.isEmpty {
      document.array("relatedLocations") {
        for (number, note) in finding.notes.enumerated() {
          $0.object {
            $0.member("id", number)
            location(note.location ?? finding.location, options, &$0)
            $0.object("message") { $0.member("text", note.message) }
          }
        }
      }
    }
    document.object("partialFingerprints") { $0.member("redisops/v1", fingerprint) }
    if let suppressed {
      document.array("suppressions") {
        $0.object {
          $0.member("kind", suppressed.isInSource ? "inSource" : "external")
          $0.member("justification", suppressed.reason)
        }
      }
    }
    if let fix = finding.fix, !fix.edits.isEmpty {
      document.array("fixes") { $0.object { self.fix(fix, &$0) } }
    }
    if finding.key != nil || finding.database != nil || finding.directive != nil {
      document.object("properties") {
        $0.member("db", finding.database)
        $0.member("key", bytes: finding.key)
        $0.member("directive", finding.directive)
      }
    }
  }

  private static func location(
    _ location: Location, _ options: ReportOptions, _ document: inout JSONDocument
  ) {
    func unit(_ column: Int) -> Int? {
      guard let utf16Column = options.utf16Column else { return column }
      return utf16Column(column, location)
    }
    document.object("physicalLocation") {
      $0.object("artifactLocation") { artifact(location.file, &$0) }
      guard location.line != nil || location.offset != nil else { return }
      $0.object("region") {
        $0.member("startLine", location.line)
        if location.line != nil, let column = location.column.flatMap(unit) {
          $0.member("startColumn", column)
          $0.member("endColumn", location.endColumn.flatMap(unit))
        }
        $0.member("byteOffset", location.offset)
      }
    }
  }

  private static func artifact(_ file: String, _ document: inout JSONDocument) {
    document.member("uri", RelativePath.uri(file))
    // The standard forbids `..` below a base.
    document.member("uriBaseId", RelativePath.isBelow(file) ? root : nil)
  }

  /// The edits of each file together, as the standard groups them.
  private static func fix(_ fix: Fix, _ document: inout JSONDocument) {
    document.object("description") { $0.member("text", fix.summary) }
    let files = Dictionary(grouping: fix.edits, by: \.file).sorted { $0.key < $1.key }
    document.array("artifactChanges") {
      for (file, edits) in files {
        $0.object {
          $0.object("artifactLocation") { artifact(file, &$0) }
          $0.array("replacements") {
            for edit in edits.sorted(by: { $0.offset < $1.offset }) {
              $0.object { replacement(edit, &$0) }
            }
          }
        }
      }
    }
  }

  private static func replacement(_ edit: Fix.Edit, _ document: inout JSONDocument) {
    document.object("deletedRegion") {
      $0.member("byteOffset", edit.offset)
      $0.member("byteLength", edit.byteCount)
    }
    if !edit.replacement.isEmpty {
      document.object("insertedContent") { $0.member("text", edit.shownReplacement) }
    }
  }

  private static func level(_ severity: Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .info: "note"
    }
  }
}
