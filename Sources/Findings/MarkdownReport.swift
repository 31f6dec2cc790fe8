import ByteKit

/// A count and a table, for a comment on a change or a summary page.
enum MarkdownReport {
  static func write(_ report: FindingReport, drain: @escaping FindingReport.Drain) {
    var writer = ByteWriter(drain: drain)
    let summary = report.summary
    writer.write(text: "**\(summary.prefix(1).uppercased() + summary.dropFirst())**\n")
    if !report.findings.isEmpty {
      writer.write("\n| Severity | Place | Rule | Message |\n| --- | --- | --- | --- |\n")
    }
    for finding in report.findings {
      let message = escaped(finding.sentence + (finding.help.map { " [\($0)]" } ?? ""))
      let place = escaped(finding.location.description)
      writer.write(
        text: "| \(finding.severity.name) | \(place) | \(escaped(finding.title)) | \(message) |\n")
    }
    writer.flush()
  }

  /// `text` as it reads, in a cell of a table: marks lose their meaning, lines become one.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in PrintableText.line(text).unicodeScalars {
      switch scalar {
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      // So that a name in a message calls nobody.
      case "@": result += "&#64;"
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~":
        result += "\\"
        result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
