import AOF
import ByteKit
import RDB
import RedisModel
import Rendering

/// The report of `aof info` as a JSON document.
enum AOFFactsJSON {
  static func write(_ facts: AOFFacts, to document: inout JSONDocument) {
    document.object {
      $0.schema("aof-info")
      $0.member("layout", facts.set.layout.rawValue)
      $0.member("path", facts.set.name)
      $0.member("folder", facts.set.folder)
      $0.array("files") { for file in facts.files { write(file, to: &$0) } }
      $0.member("commands", facts.counts.reduce(0) { $0 + $1.commands })
      $0.member("transactions", facts.counts.reduce(0) { $0 + $1.transactions })
      $0.array("databases") {
        for (database, keys, commands) in facts.databases {
          $0.object {
            $0.member("db", database)
            $0.member("snapshotKeys", keys)
            $0.member("commands", commands)
          }
        }
      }
      $0.member("firstTimestamp", facts.counts.lazy.compactMap(\.firstTimestamp).first)
      $0.member("lastTimestamp", facts.counts.reversed().lazy.compactMap(\.lastTimestamp).first)
      $0.array("unnamedFiles") { for name in facts.set.unnamedFiles { $0.value(name) } }
      $0.array("manifestProblems") {
        for problem in facts.set.manifest?.problems ?? [] {
          $0.object {
            $0.member("line", problem.line)
            $0.member("message", problem.message)
          }
        }
      }
    }
  }

  private static func write(_ file: AOFFacts.File, to document: inout JSONDocument) {
    let part = file.part
    document.object {
      $0.member("name", part.name)
      $0.member("type", part.role.letter)
      $0.member("sequence", part.entry?.sequence)
      $0.member("size", part.byteCount)
      $0.member("exists", part.exists)
      $0.member("startOffset", part.entry?.startOffset)
      $0.member("endOffset", part.entry?.endOffset)
      guard let counts = file.counts else { return }
      $0.member("commands", counts.commands)
      $0.member("transactions", counts.transactions)
      $0.member("annotations", counts.annotations)
      $0.member("firstTimestamp", counts.firstTimestamp)
      $0.member("lastTimestamp", counts.lastTimestamp)
      $0.member("soundBytes", counts.result.soundOffset)
      if let snapshot = counts.result.snapshot {
        $0.object("snapshot") {
          $0.member("magic", snapshot.opening?.family.rawValue)
          $0.member("version", snapshot.opening?.version)
          $0.member("writer", counts.snapshot?.writer?.description)
          $0.member("keys", snapshot.keyCount)
          $0.member("size", snapshot.endOffset)
          $0.member("checksum", snapshot.checksum.name)
        }
      }
      if let failure = failure(counts) {
        $0.object("failure") {
          $0.member("id", failure.id)
          $0.member("offset", failure.offset)
          $0.member("message", failure.message)
        }
      }
    }
  }

  private static func failure(
    _ counts: AOFFacts.Counts
  ) -> (id: String, offset: Int, message: String)? {
    if let error = counts.result.snapshot?.failure?.error {
      return (error.kind.rawValue, error.offset, error.message)
    }
    return counts.result.error.map { ($0.kind.rawValue, $0.offset, $0.message) }
  }
}

/// The report of `aof info` for people.
struct AOFFactsText {
  let style: TextStyle
  let width: Int?

  /// Writes the report.
  func write(_ facts: AOFFacts, to output: Output) {
    var text = style.bold(PrintableText.line(facts.set.name)) + "\n"
    for (name, value) in head(facts) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 14 - name.utf8.count)))\(value)\n"
    }
    text += files(facts)
    text += databases(facts)
    if !facts.set.unnamedFiles.isEmpty {
      text += "\n" + style.bold("Files that no manifest names") + "\n"
      text += facts.set.unnamedFiles.map { "  \(PrintableText.line($0))\n" }.joined()
    }
    output.write(text)
  }

  private func head(_ facts: AOFFacts) -> [(String, String)] {
    let counts = facts.counts
    var lines = [("layout", layout(facts.set.layout))]
    if let writer = counts.lazy.compactMap({ $0.snapshot?.writer }).first {
      lines.append(("base writer", writer.displayName))
    }
    lines.append(("commands", HumanNumber.count(counts.reduce(0) { $0 + $1.commands })))
    lines.append(("transactions", HumanNumber.count(counts.reduce(0) { $0 + $1.transactions })))
    if let first = counts.lazy.compactMap(\.firstTimestamp).first,
      let last = counts.reversed().lazy.compactMap(\.lastTimestamp).first
    {
      lines.append(("timestamps", "\(time(first)) to \(time(last))"))
    }
    return lines
  }

  private func layout(_ layout: AOFSet.Layout) -> String {
    switch layout {
    case .single: "one file of commands"
    case .preamble: "one file, a snapshot in front"
    case .multipart: "several files and their manifest"
    }
  }

  private func time(_ seconds: Int64) -> String { Clock.rfc3339(seconds) ?? "\(seconds)" }

  private func files(_ facts: AOFFacts) -> String {
    var table = TextTable([
      .flexible("FILE"), .text("ROLE"), .number("SEQ"), .number("BYTES"), .number("KEYS"),
      .number("COMMANDS"), .text("STATE"),
    ])
    for file in facts.files {
      table.append([
        PrintableText.line(file.part.name), file.part.role.name,
        file.part.entry.map { "\($0.sequence)" } ?? "",
        file.part.byteCount.map { HumanNumber.count($0) } ?? "",
        file.counts?.result.snapshot.map { HumanNumber.count($0.keyCount) } ?? "",
        file.counts.map { HumanNumber.count($0.commands) } ?? "", state(file),
      ])
    }
    return table.isEmpty ? "" : "\n" + table.text(width: width, style: style)
  }

  private func state(_ file: AOFFacts.File) -> String {
    guard file.part.exists else { return style.red("missing") }
    guard let counts = file.counts else { return "not loaded" }
    let snapshot = counts.result.snapshot
    var isBad = counts.result.error != nil || snapshot?.failure != nil
    if case .bad = snapshot?.checksum { isBad = true }
    return isBad ? style.red("damaged") : style.green("readable")
  }

  private func databases(_ facts: AOFFacts) -> String {
    var table = TextTable([.number("DB"), .number("KEYS OF BASE"), .number("COMMANDS")])
    for (database, keys, commands) in facts.databases {
      table.append(["\(database)", HumanNumber.count(keys), HumanNumber.count(commands)])
    }
    return table.isEmpty ? "" : "\n" + table.text(width: width, style: style)
  }
}
