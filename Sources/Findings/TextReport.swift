import ByteKit

/// One line for each finding, the place first, notes below it.
enum TextReport {
  static func write(
    _ report: FindingReport, _ options: ReportOptions, drain: @escaping FindingReport.Drain
  ) {
    var writer = ByteWriter(drain: drain)
    for finding in report.findings {
      writer.write(text: finding.line(isColored: options.isColored))
      writer.write(UInt8(ascii: "\n"))
      for note in finding.notes {
        let place = PrintableText.line((note.location ?? finding.location).description)
        writer.write(text: "\(place): note: \(PrintableText.line(note.message))\n")
      }
    }
    writer.flush()
  }
}

extension Finding {
  /// The finding as a diagnostic: `redis.conf:14:1: error: PER002 aof-off-durable: … [help]`.
  public func line(isColored: Bool = false) -> String {
    let place = PrintableText.line(location.description)
    let head = title.isEmpty ? "" : "\(title): "
    let tail = help.map { " [\(PrintableText.line($0))]" } ?? ""
    guard isColored else { return "\(place): \(severity.name): \(head)\(sentence)\(tail)" }
    return "\u{1B}[1m\(place):\u{1B}[0m \u{1B}[\(severity.colorCode)m\(severity.name):\u{1B}[0m "
      + "\(head)\(sentence)\u{1B}[2m\(tail)\u{1B}[0m"
  }
}

extension Severity {
  /// The parameters of the terminal's colour sequence: bold and red, yellow or cyan.
  fileprivate var colorCode: String {
    switch self {
    case .error: "1;31"
    case .warning: "1;33"
    case .info: "1;36"
    }
  }
}
