import AOF
import ByteKit
import RESP
import Rendering

/// What `aof fix` has done, or would do.
struct AOFFixReport {
  /// What a report for people shows of what is left out.
  private static let lineCountMax = 20

  /// The set that was read.
  let set: AOFSet
  /// What it is repaired to.
  let plan: AOFRepairPlan
  /// What that costs.
  let losses: AOFLosses
  /// The folder.
  let output: String?
  /// Whether nothing was to be written.
  let isDryRun: Bool
  /// Whether the repaired set was written.
  var isWritten = false
  /// Where the original is, where it was replaced.
  var backup: String?

  // MARK: JSON

  /// Writes the document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("aof-fix")
      $0.member("path", set.name)
      $0.member("layout", set.layout.rawValue)
      $0.member("changed", !plan.isUnchanged)
      $0.member("output", output)
      $0.member("backup", backup)
      $0.member("written", isWritten)
      $0.member("usesHistory", plan.usesHistory)
      $0.member("manifest", plan.assembly.manifestName)
      $0.array("files") {
        for file in plan.assembly.files where !isLost(file) { write(file, to: &$0) }
      }
      $0.array("removed") { for removal in plan.removals { write(removal, to: &$0) } }
      $0.array("inserted") {
        for insertion in plan.insertions {
          $0.object {
            $0.member("file", insertion.part.name)
            $0.member("offset", insertion.offset)
            $0.array("argv") { for word in insertion.words { $0.value(word) } }
          }
        }
      }
      $0.object("lost") {
        $0.member("bytes", plan.lostByteCount)
        $0.member("commands", losses.commandCount)
        $0.member("transactions", losses.transactionCount)
        $0.member("unreadableBytes", losses.unreadableByteCount)
        if !plan.removals.isEmpty { $0.member("list", lostList) }
        $0.array("sample") { for line in losses.sample { write(line, to: &$0) } }
        $0.member("shortened", losses.isShortened)
      }
      write("manifestRepairs", plan.manifestRepairs, to: &$0)
      write("notes", plan.notes, to: &$0)
      write("unrepaired", plan.unrepaired, to: &$0)
    }
  }

  private func isLost(_ file: AOFAssembly.File) -> Bool {
    file.name.hasPrefix(AOFRepairPlan.lostFolder + "/")
  }

  private func write(_ file: AOFAssembly.File, to document: inout JSONDocument) {
    document.object {
      $0.member("name", file.name)
      $0.member("type", file.entry?.role.letter ?? AOFRole.base.letter)
      $0.member("sequence", file.entry?.sequence)
      $0.member("size", file.byteCount)
    }
  }

  private func write(_ removal: AOFRemoval, to document: inout JSONDocument) {
    document.object {
      $0.member("file", removal.part.name)
      $0.member("from", removal.range.lowerBound)
      $0.member("to", removal.range.upperBound)
      $0.member("reason", removal.kind.rawValue)
      $0.member("message", removal.message)
    }
  }

  private func write(_ line: AOFLosses.Line, to document: inout JSONDocument) {
    document.object {
      $0.member("file", line.removal.part.name)
      $0.member("offset", line.range.lowerBound)
      $0.member("bytes", line.range.count)
      $0.member("reason", line.removal.kind.rawValue)
      $0.member("message", line.message)
      guard let command = line.command else { return }
      $0.member("db", command.database)
      $0.member("timestamp", command.timestamp)
      $0.array("argv") { for argument in command.arguments { $0.value(bytes: argument) } }
      if command.isShortened { $0.member("shortened", true) }
    }
  }

  private func write(
    _ name: String, _ notes: [AOFPlanNote], to document: inout JSONDocument
  ) {
    document.array(name) {
      for note in notes {
        $0.object {
          $0.member("path", note.path)
          $0.member("offset", note.offset)
          $0.member("message", note.message)
        }
      }
    }
  }

  // MARK: text

  /// Writes the report for people.
  func writeText(to output: Output, style: TextStyle, width: Int?) {
    var text = style.bold(PrintableText.line(set.name)) + "\n"
    func line(_ name: String, _ value: String) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 10 - name.utf8.count)))"
      text += PrintableText.line(value) + "\n"
    }
    if plan.isUnchanged { line("state", "nothing to repair") }
    if plan.usesHistory {
      line("base", "damaged or missing: files of before the last rewrite stand in for it")
    }
    for note in plan.manifestRepairs { line("manifest", "\(note.path): \(note.message)") }
    for removal in plan.removals { line("left out", self.text(removal)) }
    for insertion in plan.insertions {
      let place = "\(insertion.part.name)@\(hex(insertion.offset)) (\(insertion.offset))"
      line("put in", "\(place): \(insertion.words.joined(separator: " "))")
    }
    if !plan.removals.isEmpty { line("lost", lost) }
    if let output = self.output { line(isDryRun ? "would be" : "written", output) }
    if let backup { line("backup", backup) }
    text += "\n" + table(style: style, width: width)
    if !losses.sample.isEmpty { text += sample(style) }
    output.write(text)
  }

  private func text(_ removal: AOFRemoval) -> String {
    let start = removal.range.lowerBound
    return "\(removal.part.name)@\(hex(start)) (\(start)), "
      + HumanNumber.count(removal.range.count, "byte") + ": \(removal.message)"
  }

  private var lost: String {
    HumanNumber.count(losses.commandCount, "whole command") + ", "
      + HumanNumber.count(losses.transactionCount, "transaction") + " begun, "
      + HumanNumber.count(losses.unreadableByteCount, "byte") + " of no whole command; see "
      + lostList
  }

  /// Where the list of what is left out is: in the new folder, or beside the backup of a file.
  private var lostList: String {
    guard let backup, set.folder == nil else { return AOFRepairPlan.lostList }
    return backup + "." + AOFRepairPlan.lostList
  }

  private func table(style: TextStyle, width: Int?) -> String {
    var table = TextTable([
      .flexible("FILE"), .text("ROLE"), .number("SEQ"), .number("BYTES"), .number("BEFORE"),
    ])
    for file in plan.assembly.files where !isLost(file) {
      table.append([
        PrintableText.line(file.name), (file.entry?.role ?? .base).name,
        file.entry.map { "\($0.sequence)" } ?? "", HumanNumber.count(file.byteCount),
        file.source?.byteCount.map { HumanNumber.count($0) } ?? "",
      ])
    }
    return table.text(width: width, style: style)
  }

  private func sample(_ style: TextStyle) -> String {
    var text = "\n" + style.bold("Lost") + "\n"
    for line in losses.sample.prefix(Self.lineCountMax) {
      let place = "\(line.removal.part.name)@\(hex(line.range.lowerBound))"
      text += "  " + PrintableText.line(place) + "  "
      text += (line.command?.text ?? PrintableText.line(line.message ?? "")) + "\n"
    }
    if losses.sample.count > Self.lineCountMax {
      text += "  … see \(lostList)\n"
    }
    return text
  }
}
