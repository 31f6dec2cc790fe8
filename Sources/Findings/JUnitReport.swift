import ByteKit

/// JUnit XML: a suite for each file, a case for each rule.
///
/// A case fails when the rule has a finding at or above the threshold; what lies below it is in the
/// case's output.
enum JUnitReport {
  static func write(
    _ report: FindingReport, _ options: ReportOptions, drain: @escaping FindingReport.Drain
  ) {
    var writer = ByteWriter(drain: drain)
    let findings = Dictionary(grouping: report.findings, by: \.location.file)
    let skipped = Dictionary(grouping: report.skipped, by: \.file)
    let suites = report.files.map { file in
      Suite(
        file: file, report.rules, findings[file] ?? [], skipped[file] ?? [],
        failOn: options.failOn)
    }
    let testCount = suites.reduce(0) { $0 + $1.cases.count }
    let failureCount = suites.reduce(0) { $0 + $1.failureCount }
    let skippedCount = suites.reduce(0) { $0 + $1.skippedCount }
    writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    writer.write(
      text: "<testsuites name=\"redisops\" tests=\"\(testCount)\" failures=\"\(failureCount)\""
        + " skipped=\"\(skippedCount)\">\n")
    for suite in suites { suite.write(to: &writer) }
    writer.write("</testsuites>\n")
    writer.flush()
  }

  /// One rule on one file.
  private struct Case {
    let name: String
    var failures: [Finding] = []
    var others: [Finding] = []
    var missing: [String] = []

    var isSkipped: Bool { !missing.isEmpty && failures.isEmpty && others.isEmpty }
  }

  /// One file.
  private struct Suite {
    let file: String
    let cases: [Case]

    var failureCount: Int { cases.reduce(0) { $0 + ($1.failures.isEmpty ? 0 : 1) } }

    var skippedCount: Int { cases.reduce(0) { $0 + ($1.isSkipped ? 1 : 0) } }

    init(
      file: String, _ rules: [RuleDescription], _ findings: [Finding], _ skipped: [SkippedRule],
      failOn: Severity?
    ) {
      self.file = file
      var cases: [String: Case] = [:]
      for rule in rules { cases[rule.id] = Case(name: "\(rule.id) \(rule.slug)") }
      for finding in findings {
        let isFailure = failOn.map { finding.severity >= $0 } ?? false
        var entry = cases[finding.id] ?? Case(name: finding.title)
        if isFailure { entry.failures.append(finding) } else { entry.others.append(finding) }
        cases[finding.id] = entry
      }
      for rule in skipped {
        cases[rule.id, default: Case(name: rule.id)].missing = rule.missing
      }
      self.cases = cases.sorted { $0.key < $1.key }.map(\.value)
    }

    func write(to writer: inout ByteWriter) {
      let name = XMLText.escaped(file)
      writer.write(
        text: "  <testsuite name=\"\(name)\" tests=\"\(cases.count)\" failures=\"\(failureCount)\""
          + " errors=\"0\" skipped=\"\(skippedCount)\">\n")
      for entry in cases {
        let head = "    <testcase classname=\"\(name)\" name=\"\(XMLText.escaped(entry.name))\""
        if entry.isSkipped {
          let facts = XMLText.escaped(entry.missing.joined(separator: ", "))
          writer.write(text: head + "><skipped message=\"needs \(facts)\"/></testcase>\n")
          continue
        }
        if entry.failures.isEmpty && entry.others.isEmpty {
          writer.write(text: head + "/>\n")
          continue
        }
        writer.write(text: head + ">\n")
        // One failure each: viewers count or show no more than one.
        if let first = entry.failures.first {
          writer.write(
            text: "      <failure type=\"\(first.severity.name)\" message=\""
              + "\(XMLText.escaped(first.sentence))\">\(lines(entry.failures))</failure>\n")
        }
        if !entry.others.isEmpty {
          writer.write(text: "      <system-out>\(lines(entry.others))</system-out>\n")
        }
        writer.write("    </testcase>\n")
      }
      writer.write("  </testsuite>\n")
    }

    private func lines(_ findings: [Finding]) -> String {
      XMLText.escaped(findings.map { $0.line() }.joined(separator: "\n"))
    }
  }
}
