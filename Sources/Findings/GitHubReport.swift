import ByteKit

/// Workflow commands that GitHub Actions turns into annotations:
/// `::error file=redis.conf,line=14,col=1,title=PER002 aof-off-durable::message`.
enum GitHubReport {
  static func write(_ report: FindingReport, drain: @escaping FindingReport.Drain) {
    var writer = ByteWriter(drain: drain)
    for finding in report.findings { writer.write(text: command(finding)) }
    writer.flush()
  }

  private static func command(_ finding: Finding) -> String {
    let location = finding.location
    var properties = ["file=\(escaped(RelativePath.normalized(location.file), isProperty: true))"]
    if let line = location.line { properties.append("line=\(line)") }
    if let column = location.column { properties.append("col=\(column)") }
    // The last column belongs to the annotation there, and lies behind it here.
    if let end = location.endColumn, end > 1 { properties.append("endColumn=\(end - 1)") }
    if !finding.title.isEmpty {
      properties.append("title=\(escaped(finding.title, isProperty: true))")
    }
    var message = finding.sentence
    if let offset = location.offset { message += " (byte offset 0x\(String(offset, radix: 16)))" }
    if let help = finding.help { message += "\n\(help)" }
    return "::\(level(finding.severity)) \(properties.joined(separator: ","))"
      + "::\(escaped(message, isProperty: false))\n"
  }

  private static func level(_ severity: Severity) -> String {
    switch severity {
    case .error: "error"
    case .warning: "warning"
    case .info: "notice"
    }
  }

  /// The escapes of the runner: percent sign and line ends, in properties also `:` and `,`.
  private static func escaped(_ text: String, isProperty: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where isProperty: result += "%3A"
      case "," where isProperty: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
