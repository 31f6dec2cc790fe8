import Analysis
import ByteKit
import RDB
import Rendering

/// The report of `rdb info` for people.
struct FactsText {
  let style: TextStyle
  let width: Int?

  /// Writes the reports, a blank line between two.
  func write(_ reports: [FactsReport], to output: Output) {
    for (index, report) in reports.enumerated() {
      if index > 0 { output.write("\n") }
      output.write(text(report))
    }
  }

  private func text(_ report: FactsReport) -> String {
    var text = style.bold(PrintableText.line(report.file)) + "\n"
    for (name, value) in head(report) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 11 - name.utf8.count)))\(value)\n"
    }
    text += databases(report.facts)
    text += aux(report.facts)
    text += list("Functions", functions(report.facts))
    text += list("Modules needed", modules(report.facts))
    text += types(report.facts, report.result.opening?.family ?? .redis)
    return text
  }

  private func head(_ report: FactsReport) -> [(String, String)] {
    let facts = report.facts
    let result = report.result
    var lines: [(String, String)] = []
    if let opening = result.opening {
      let name = opening.family == .redis ? "RDB" : "Valkey RDB"
      lines.append(("format", "\(name) \(opening.version)"))
    }
    if let writer = facts.writer { lines.append(("writer", writer.displayName)) }
    if let time = facts.creationTime.flatMap(Clock.rfc3339) { lines.append(("created", time)) }
    if let size = report.byteCount {
      let rounded = HumanNumber.size(Int64(size))
      lines.append(("size", "\(HumanNumber.count(size, "byte")) (\(rounded))"))
    }
    lines.append(("checksum", checksum(result.checksum)))
    let expires = facts.databases.reduce(0) { $0 + $1.tally.expires }
    lines.append(
      ("keys", "\(HumanNumber.count(result.keyCount)), \(HumanNumber.count(expires)) with expiry"))
    if let trailing = result.trailing, trailing.count > 0 {
      lines.append(("behind end", HumanNumber.count(trailing.count, "byte")))
    }
    if !facts.slotHints.isEmpty {
      lines.append(
        ("slots", "\(HumanNumber.count(facts.slotHints.count)) with keys (cluster mode)"))
    }
    for (job, ranges) in facts.slotImports {
      let slots = ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
      lines.append(("importing", "\(slots) by job \(PrintableText.plain(job))"))
    }
    if facts.omittedRecordCount > 0 {
      lines.append(("not listed", HumanNumber.count(facts.omittedRecordCount, "further record")))
    }
    return lines
  }

  private func checksum(_ checksum: RDBChecksum) -> String {
    switch checksum {
    case .good: style.green("good")
    case .bad: style.red("bad")
    case .absent: "absent (before RDB 5)"
    case .disabled: style.yellow("disabled by the writer")
    case .notReached: style.red("not reached")
    }
  }

  private func databases(_ facts: SnapshotFacts) -> String {
    guard !facts.databases.isEmpty else { return "" }
    var table = TextTable([.number("DB"), .number("KEYS"), .number("EXPIRES")])
    for (database, tally) in facts.databases {
      table.append([
        "\(database)", HumanNumber.count(tally.keys), HumanNumber.count(tally.expires),
      ])
    }
    return "\n" + table.text(width: width, style: style)
  }

  private func aux(_ facts: SnapshotFacts) -> String {
    guard !facts.aux.isEmpty else { return "" }
    var table = TextTable([.text("AUX"), .flexible("VALUE")])
    for (name, value) in facts.aux {
      table.append([PrintableText.plain(name), PrintableText.plain(value, limit: 512)])
    }
    return "\n" + table.text(width: width, style: style)
  }

  private func types(_ facts: SnapshotFacts, _ family: RDBFamily) -> String {
    var table = TextTable([
      .number("TYPE BYTE"), .text("TYPE"), .text("ENCODING"), .number("KEYS"),
    ])
    for (byte, count) in facts.typeCounts.enumerated() where count > 0 {
      guard let type = RDBType(byte: UInt8(byte), family: family) else { continue }
      table.append(["\(byte)", type.kind.name, "\(type.encodingName)", HumanNumber.count(count)])
    }
    return table.isEmpty ? "" : "\n" + table.text(width: width, style: style)
  }

  private func functions(_ facts: SnapshotFacts) -> [String] {
    facts.functions.map { code in
      let name = FunctionLibrary.name(in: code).map { PrintableText.plain($0) } ?? "(no name)"
      return "\(name) (\(HumanNumber.count(code.count, "byte")))"
    }
  }

  private func modules(_ facts: SnapshotFacts) -> [String] {
    facts.modules.map { use in
      "\(use.module) version \(use.module.version): \(HumanNumber.count(use.keys, "key")), "
        + HumanNumber.count(use.auxRecords, "record outside keys", "records outside keys")
    }
      + facts.metadataClasses.map { use in
        "key metadata of class \(PrintableText.line(use.name)) version \(use.version): "
          + "\(HumanNumber.count(use.keys, "key"))\(use.isOptional ? " (may be left out)" : "")"
      }
  }

  private func list(_ title: String, _ lines: [String]) -> String {
    guard !lines.isEmpty else { return "" }
    return "\n" + style.bold(title) + "\n" + lines.map { "  \($0)\n" }.joined()
  }
}
