import Analysis
import ByteKit
import RDB
import Rendering

/// What `rdb stats` knows of its files.
struct StatisticsReport {
  /// One file.
  struct File {
    var name: String
    var statistics: SnapshotStatistics
    /// The size of a regular file.
    var size: Int?
    /// Whether its end was reached.
    var isComplete: Bool
  }

  /// The files that could be opened.
  let files: [File]
  /// All files together.
  let total: SnapshotStatistics

  /// A report over `files`.
  ///
  /// - Parameter empty: statistics without keys.
  init(_ files: [File], empty: SnapshotStatistics) {
    self.files = files
    total = files.enumerated().reduce(into: empty) {
      $0.merge($1.element.statistics, fileIndex: $1.offset)
    }
  }
}

/// The report as a JSON document.
enum StatisticsJSON {
  static func write(_ report: StatisticsReport, to document: inout JSONDocument) {
    document.object {
      $0.schema("rdb-stats")
      $0.array("files") {
        for file in report.files {
          $0.object {
            $0.member("file", file.name)
            $0.member("size", file.size)
            $0.member("complete", file.isComplete)
            write(file.statistics, files: nil, to: &$0)
          }
        }
      }
      $0.object("total") { write(report.total, files: report.files, to: &$0) }
    }
  }

  private static func write(
    _ statistics: SnapshotStatistics, files: [StatisticsReport.File]?,
    to document: inout JSONDocument
  ) {
    write(statistics.total, to: &document)
    document.array("databases") {
      for (database, tally) in statistics.databases {
        $0.object {
          $0.member("db", database)
          write(tally, to: &$0)
        }
      }
    }
    if statistics.furtherDatabases.keys > 0 {
      document.object("furtherDatabases") { write(statistics.furtherDatabases, to: &$0) }
    }
    document.array("types") {
      for share in statistics.byKind {
        $0.object {
          $0.member("type", share.kind.name)
          write(share.tally, to: &$0)
        }
      }
    }
    document.array("encodings") {
      for share in statistics.byEncoding {
        $0.object {
          $0.member("type", share.kind.name)
          $0.member("encoding", share.encoding)
          write(share.tally, to: &$0)
        }
      }
    }
    document.array("ttl") {
      for (expiry, tally) in statistics.byExpiry {
        $0.object {
          $0.member("class", expiry.name)
          write(tally, to: &$0)
        }
      }
    }
    document.array("largestByBytes") { write(statistics.largestByBytes, files, to: &$0) }
    document.array("largestByElements") { write(statistics.largestByElements, files, to: &$0) }
  }

  private static func write(_ tally: KeyTally, to document: inout JSONDocument) {
    document.member("keys", tally.keys)
    document.member("expires", tally.expires)
    document.member("elements", tally.elements)
    document.member("bytes", tally.valueByteCount)
    document.member("recordBytes", tally.recordByteCount)
  }

  private static func write(
    _ keys: LargestKeys, _ files: [StatisticsReport.File]?, to document: inout JSONDocument
  ) {
    for entry in keys.entries {
      document.object {
        if let files { $0.member("file", files[entry.fileIndex].name) }
        $0.member("db", entry.database)
        $0.member("key", bytes: entry.key)
        $0.member("type", entry.kind.name)
        $0.member("elements", entry.elements)
        $0.member("bytes", entry.byteCount)
        $0.member("offset", entry.offset)
      }
    }
  }
}

/// The report for people.
struct StatisticsText {
  /// The bytes of a key that a table shows.
  private static let keyByteCountMax = 200

  let style: TextStyle
  let width: Int?

  /// Writes each file's tables, and the total where there are several.
  func write(_ report: StatisticsReport, to output: Output) {
    for file in report.files {
      output.write(style.bold(PrintableText.line(file.name)) + "\n")
      output.write(text(file.statistics, files: nil) + "\n")
    }
    guard report.files.count != 1 else { return }
    output.write(style.bold("total of \(HumanNumber.count(report.files.count, "file"))") + "\n")
    output.write(text(report.total, files: report.files) + "\n")
  }

  private func text(_ statistics: SnapshotStatistics, files: [StatisticsReport.File]?) -> String {
    var databases = statistics.databases.map { ("\($0.database)", $0.tally) }
    if statistics.furtherDatabases.keys > 0 {
      databases.append(("others", statistics.furtherDatabases))
    }
    databases.append(("all", statistics.total))
    var text = table("DB", databases, statistics.total)
    if statistics.total.keys > 0 {
      text += table("TYPE", statistics.byKind.map { ($0.kind.name, $0.tally) }, statistics.total)
      text += table(
        "ENCODING", statistics.byEncoding.map { ("\($0.kind.name) \($0.encoding)", $0.tally) },
        statistics.total)
      text += table(
        "TTL", statistics.byExpiry.map { ($0.expiry.name, $0.tally) }, statistics.total)
    }
    text += largest("LARGEST BY BYTES", statistics.largestByBytes, files)
    text += largest("LARGEST BY ELEMENTS", statistics.largestByElements, files)
    return text
  }

  private func table(
    _ title: String, _ rows: [(name: String, tally: KeyTally)], _ total: KeyTally
  ) -> String {
    var table = TextTable([
      .text(title), .number("KEYS"), .number("EXPIRES"), .number("ELEMENTS"), .number("BYTES"),
      .number("SHARE"),
    ])
    for (name, tally) in rows {
      table.append([
        name, HumanNumber.count(tally.keys), HumanNumber.count(tally.expires),
        HumanNumber.count(tally.elements), HumanNumber.size(Int64(tally.valueByteCount)),
        HumanNumber.percentage(Int64(tally.valueByteCount), of: Int64(total.valueByteCount)),
      ])
    }
    return "\n" + table.text(width: width, style: style)
  }

  private func largest(
    _ title: String, _ keys: LargestKeys, _ files: [StatisticsReport.File]?
  ) -> String {
    guard !keys.entries.isEmpty else { return "" }
    var columns: [TextTable.Column] = [
      .flexible(title), .number("DB"), .text("TYPE"), .number("ELEMENTS"), .number("BYTES"),
    ]
    if files != nil { columns.append(.flexible("FILE")) }
    var table = TextTable(columns)
    for entry in keys.entries {
      table.append([
        PrintableText.plain(entry.key, limit: Self.keyByteCountMax), "\(entry.database)",
        entry.kind.name, HumanNumber.count(entry.elements),
        HumanNumber.size(Int64(entry.byteCount)), files.map { $0[entry.fileIndex].name } ?? "",
      ])
    }
    return "\n" + table.text(width: width, style: style)
  }
}
