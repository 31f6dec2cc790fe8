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
    let suites = report.files.map { Suite(file: $0, report, failOn: options.failOn) }
    let testCount = suites.reduce(0) { $0 + $1.cases.count }
    let failureCount = suites.reduce(0) { $0 + $1.failureCount }
    writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    writer.write(
      text: "<testsuites name=\"redisops\" tests=\"\(testCount)\" failures=\"\(failureCount)\">\n")
    for suite in suites { suite.write(to: &writer) }
    writer.write("</testsuites>\n")
    writer.flush()
  }

  /// One rule on one file.
  private struct Case {
    let name: String
    var failures: [Finding] = []
    var others: [Finding] = []
  }

  /// One file.
  private struct Suite {
    let file: String
    let cases: [Case]

    var failureCount: Int { cases.reduce(0) { $0 + ($1.failures.isEmpty ? 0 : 1) } }

    init(file: String, _ report: FindingReport, failOn: Severity?) {
      self.file = file
      var cases: [String: Case] = [:]
      for rule in report.rules { cases[rule.id] = Case(name: "\(rule.id) \(rule.slug)") }
      for finding in report.findings where finding.location.file == file {
        let isFailure = failOn.map { finding.severity >= $0 } ?? false
        var entry = cases[finding.id] ?? Case(name: finding.title)
        if isFailure { entry.failures.append(finding) } else { entry.others.append(finding) }
        cases[finding.id] = entry
      }
      self.cases = cases.sorted { $0.key < $1.key }.map(\.value)
    }

    func write(to writer: inout ByteWriter) {
      let name = escaped(file)
      writer.write(
        text: "  <testsuite name=\"\(name)\" tests=\"\(cases.count)\" failures=\"\(failureCount)\""
          + " errors=\"0\" skipped=\"0\">\n")
      for entry in cases {
        let head = "    <testcase classname=\"\(name)\" name=\"\(escaped(entry.name))\""
        if entry.failures.isEmpty && entry.others.isEmpty {
          writer.write(text: head + "/>\n")
          continue
        }
        writer.write(text: head + ">\n")
        // One failure each: viewers count or show no more than one.
        if let first = entry.failures.first {
          writer.write(
            text: "      <failure type=\"\(first.severity.name)\" message=\""
              + "\(escaped(first.sentence))\">\(lines(entry.failures))</failure>\n")
        }
        if !entry.others.isEmpty {
          writer.write(text: "      <system-out>\(lines(entry.others))</system-out>\n")
        }
        writer.write("    </testcase>\n")
      }
      writer.write("  </testsuite>\n")
    }

    private func lines(_ findings: [Finding]) -> String {
      escaped(findings.map { $0.line() }.joined(separator: "\n"))
    }
  }

  /// `text` as character data or within an attribute. Control characters, which XML 1.0 cannot hold
  /// in any form, are shown as in messages.
  private static func escaped(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var result = ""
    for scalar in lines.map({ PrintableText.line(String($0)) }).joined(separator: "\n")
      .unicodeScalars
    {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
