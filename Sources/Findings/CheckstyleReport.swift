import ByteKit

/// Checkstyle XML: the findings of each file.
enum CheckstyleReport {
  static func write(
    _ report: FindingReport, _ options: ReportOptions, drain: @escaping FindingReport.Drain
  ) {
    var writer = ByteWriter(drain: drain)
    writer.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
    writer.write(text: "<checkstyle version=\"4.3\">\n")
    for file in report.files {
      writer.write(text: "  <file name=\"\(XMLText.escaped(file))\">\n")
      for finding in report.findings where finding.location.file == file {
        writer.write(text: "    \(element(finding))\n")
      }
      writer.write("  </file>\n")
    }
    writer.write("</checkstyle>\n")
    writer.flush()
  }

  private static func element(_ finding: Finding) -> String {
    var text = "<error line=\"\(finding.location.line ?? 0)\""
    if let column = finding.location.column { text += " column=\"\(column)\"" }
    text += " severity=\"\(finding.severity.name)\""
    text += " message=\"\(XMLText.escaped(finding.sentence))\""
    return text + " source=\"redisops.\(XMLText.escaped(finding.id))\"/>"
  }
}
