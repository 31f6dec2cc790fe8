import AOF
import ByteKit
import RDB
import Rendering

/// The report of `aof stats` for people.
struct AOFStatisticsText {
  /// The bytes of a key that a table shows.
  private static let keyByteCountMax = 200

  let style: TextStyle
  let width: Int?

  /// Writes the report; nothing when no file could be read, which diagnostics have told.
  func write(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics, to output: Output
  ) {
    guard !report.files.isEmpty else { return }
    output.write(files(report))
    output.write(head(report, statistics))
    output.write(commands(statistics))
    output.write(databases(statistics))
    output.write(prefixes(report, statistics))
    output.write(times(report.times(statistics)))
    output.write(hotKeys(report, statistics))
    output.write(largest(report, statistics))
    if let estimate = report.rewrite, estimate.byteCount > 0 {
      output.write(rewrite(estimate))
    }
  }

  private func text(_ table: TextTable) -> String {
    table.isEmpty ? "" : "\n" + table.text(width: width, style: style)
  }

  private func size(_ byteCount: Int) -> String { HumanNumber.size(Int64(byteCount)) }

  private func files(_ report: AOFStatisticsReport) -> String {
    var table = TextTable([
      .flexible("FILE"), .number("COMMANDS"), .number("BYTES"), .number("KEYS OF BASE"),
      .text("STATE"),
    ])
    for file in report.files {
      table.append([
        PrintableText.line(file.path), HumanNumber.count(file.tally.commands),
        size(file.tally.byteCount), file.baseKeys.map { HumanNumber.count($0) } ?? "",
        file.isComplete ? style.green("readable") : style.red("damaged"),
      ])
    }
    return table.isEmpty ? "" : table.text(width: width, style: style)
  }

  private func head(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics
  ) -> String {
    let total = statistics.total
    let transactions = report.files.reduce(0) { $0 + $1.transactions }
    return "\n\(HumanNumber.count(total.commands, "command")) of \(size(total.byteCount)), "
      + "\(HumanNumber.count(transactions, "transaction")), keys named "
      + "\(HumanNumber.count(total.touches, "time"))\n"
  }

  private func commands(_ statistics: borrowing AOFStatistics) -> String {
    var table = TextTable([
      .text("COMMAND"), .number("COMMANDS"), .number("KEYS"), .number("BYTES"), .number("SHARE"),
    ])
    let all = statistics.total.byteCount
    for (name, tally) in statistics.commands {
      table.append([PrintableText.line(name ?? "others")] + cells(tally, of: all))
    }
    return text(table)
  }

  private func cells(_ tally: CommandTally, of total: Int) -> [String] {
    [
      HumanNumber.count(tally.commands), HumanNumber.count(tally.touches), size(tally.byteCount),
      HumanNumber.percentage(Int64(tally.byteCount), of: Int64(total)),
    ]
  }

  private func databases(_ statistics: borrowing AOFStatistics) -> String {
    var table = TextTable([
      .text("DB"), .number("COMMANDS"), .number("KEYS"), .number("BYTES"), .number("SHARE"),
      .number("KEYS OF BASE"),
    ])
    let all = statistics.total.byteCount
    for (database, tally, baseKeys) in statistics.databases {
      table.append(["\(database)"] + cells(tally, of: all) + [HumanNumber.count(baseKeys)])
    }
    let others = statistics.otherDatabases
    if others.commands > 0 { table.append(["others"] + cells(others, of: all)) }
    return text(table)
  }

  private func prefixes(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics
  ) -> String {
    var table = TextTable([
      .flexible("PREFIX"), .number("KEYS"), .number("BYTES"), .number("SHARE"),
      .number("KEYS OF BASE"),
    ])
    let all = statistics.total.byteCount
    func append(_ name: String, _ entry: PrefixTallies.Entry) {
      table.append([
        name, HumanNumber.count(entry.touches), size(entry.byteCount),
        HumanNumber.percentage(Int64(entry.byteCount), of: Int64(all)),
        HumanNumber.count(entry.baseKeyCount),
      ])
    }
    let sorted = statistics.prefixes.sorted
    for prefix in sorted.prefix(report.top) {
      append(
        prefix.prefix.isEmpty
          ? "(none)" : PrintableText.plain(prefix.prefix, limit: Self.keyByteCountMax), prefix)
    }
    var rest = statistics.prefixes.others
    for prefix in sorted.dropFirst(report.top) {
      rest.touches += prefix.touches
      rest.byteCount += prefix.byteCount
      rest.baseKeyCount += prefix.baseKeyCount
    }
    if rest.touches + rest.baseKeyCount > 0 { append("(others)", rest) }
    return text(table)
  }

  private func times(_ times: TimeBuckets) -> String {
    var table = TextTable([
      .text("FROM"), .number("COMMANDS"), .number("BYTES"), .number("BYTES/S"),
    ])
    let buckets = times.sorted
    if times.untimed.commands > 0, !buckets.isEmpty {
      table.append([
        "before any time", HumanNumber.count(times.untimed.commands), size(times.untimed.byteCount),
      ])
    }
    for bucket in buckets {
      table.append([
        Clock.rfc3339(bucket.start) ?? "\(bucket.start)", HumanNumber.count(bucket.commands),
        size(bucket.byteCount), size(bucket.byteCount / Int(clamping: times.seconds)),
      ])
    }
    return text(table)
  }

  private func hotKeys(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics
  ) -> String {
    var table = TextTable([
      .flexible("HOT KEYS"), .number("DB"), .number("TIMES"), .number("BYTES"),
    ])
    for key in statistics.hotKeys.top(report.top) {
      table.append([
        PrintableText.plain(key.key, limit: Self.keyByteCountMax), "\(key.database)",
        HumanNumber.count(key.touches), size(key.byteCount),
      ])
    }
    let error = statistics.hotKeys.error
    guard !table.isEmpty, error > 0 else { return text(table) }
    return text(table) + "At least so many times, and at most \(HumanNumber.count(error)) more.\n"
  }

  private func largest(
    _ report: AOFStatisticsReport, _ statistics: borrowing AOFStatistics
  ) -> String {
    var table = TextTable([
      .text("LARGEST"), .flexible("KEY"), .number("DB"), .number("BYTES"), .number("ARGUMENTS"),
      .flexible("AT"),
    ])
    for entry in statistics.largest.entries {
      table.append([
        PrintableText.plain(entry.name).uppercased(),
        entry.key.map { PrintableText.plain($0, limit: Self.keyByteCountMax) } ?? "",
        "\(entry.database)", size(entry.byteCount), HumanNumber.count(entry.argumentCount),
        PrintableText.line(report.files[entry.fileIndex].path) + "@" + hex(entry.offset),
      ])
    }
    return text(table)
  }

  private func rewrite(_ rewrite: RewriteEstimate) -> String {
    func line(_ byteCount: Int, _ what: String) -> String {
      let size = size(byteCount)
      return "  \(String(repeating: " ", count: max(0, 11 - size.utf8.count)))\(size)  \(what)\n"
    }
    let share = HumanNumber.percentage(
      Int64(rewrite.savedByteCount), of: Int64(rewrite.byteCount))
    var text = "\n" + style.bold("A rewrite would save about \(share)") + "\n"
    text += line(rewrite.byteCount, "written, the keys of the base included")
    text += line(rewrite.overwrittenByteCount, "overwritten later")
    text += line(rewrite.deletedByteCount, "deleted later")
    if rewrite.flushedByteCount > 0 { text += line(rewrite.flushedByteCount, "flushed later") }
    text += line(
      rewrite.tracelessByteCount, "in commands that leave nothing: SELECT, expiries, pops, DEL")
    text += line(rewrite.liveByteCount, "make up what the keys are" + factor(rewrite))
    text += """
      Told from the form of the commands. Which fields and elements replaced each other, and what
      pops took, is not seen and would be saved too; the new base may hold the rest in more or
      fewer bytes.

      """
    if rewrite.isExact {
      return text + "Distinct keys: \(HumanNumber.count(rewrite.keyCount)).\n"
    }
    let error = Double(Int(rewrite.keyCountError * 10_000)) / 100
    return text + "Estimated from \(HumanNumber.count(rewrite.sampledKeyCount)) keys, one in "
      + "\(rewrite.scale). Distinct keys: about \(HumanNumber.count(rewrite.keyCount)), "
      + "± \(error)%.\n"
  }

  private func factor(_ rewrite: RewriteEstimate) -> String {
    guard let factor = rewrite.amplification, factor < 1_000_000 else { return "" }
    let tenths = Int((factor * 10).rounded())
    return "; \(tenths / 10).\(tenths % 10) bytes were written for each"
  }
}
