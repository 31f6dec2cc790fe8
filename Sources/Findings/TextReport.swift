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
      if let excerpt = excerpt(of: finding, options) { writer.write(text: excerpt) }
      for note in finding.notes {
        let place = PrintableText.line((note.location ?? finding.location).description)
        writer.write(text: "\(place): note: \(PrintableText.line(note.message))\n")
      }
    }
    writer.flush()
  }

  /// The widest line that is shown whole, columns.
  private static let excerptWidthMax = 160

  /// The line that the finding is about, with its number, and carets below the place.
  private static func excerpt(of finding: Finding, _ options: ReportOptions) -> String? {
    guard let line = finding.location.line, let column = finding.location.column,
      let source = options.sourceLine?(finding.location)
    else { return nil }
    // A tab would make the carets miss.
    let bytes = source.utf8.prefix(excerptWidthMax).map { $0 == 0x09 ? 0x20 : $0 }
    let start = min(max(column - 1, 0), bytes.count)
    let end = min(max((finding.location.endColumn ?? column + 1) - 1, start + 1), bytes.count + 1)
    let margin = "\(line)"
    let blank = String(repeating: " ", count: margin.utf8.count)
    let shown = PrintableText.line(String(decoding: bytes, as: UTF8.self))
    let indent = PrintableText.line(String(decoding: bytes[..<start], as: UTF8.self)).count
    let marked = bytes[start..<min(end, bytes.count)]
    let width = max(1, PrintableText.line(String(decoding: marked, as: UTF8.self)).count)
    var carets = String(repeating: "^", count: width)
    if options.isColored { carets = "\u{1B}[\(finding.severity.colorCode)m\(carets)\u{1B}[0m" }
    return
      "  \(margin) | \(shown)\n  \(blank) | \(String(repeating: " ", count: indent))\(carets)\n"
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
