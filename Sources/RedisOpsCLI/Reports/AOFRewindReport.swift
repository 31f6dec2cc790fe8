import AOF
import ByteKit
import RESP
import Rendering

/// What `aof rewind` has done, or would do.
struct AOFRewindReport {
  /// The set that was read.
  let set: AOFSet
  /// What is kept of it.
  let plan: AOFRewindPlan
  /// The folder.
  let output: String?
  /// Whether nothing was written.
  let isDryRun: Bool

  // MARK: JSON

  /// Writes the document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("aof-rewind")
      $0.member("path", set.name)
      $0.member("layout", set.layout.rawValue)
      $0.member("output", output)
      $0.member("written", !isDryRun)
      $0.member("kept", plan.extent.rawValue)
      $0.member("usesHistory", plan.usesHistory)
      $0.object("point") {
        $0.member("file", plan.file.name)
        $0.member("offset", plan.offset)
        $0.member("commands", plan.commandCount)
        $0.member("laterTimestamp", plan.laterTimestamp)
        if let command = plan.command { write(command, to: &$0) }
      }
      $0.member("manifest", plan.assembly.manifestName)
      $0.array("files") { for file in plan.assembly.files { write(file, to: &$0) } }
      $0.array("left") { for left in plan.left { write(left, to: &$0) } }
      $0.array("notes") {
        for note in plan.notes {
          $0.object {
            $0.member("severity", note.isWarning ? "warning" : "note")
            $0.member("path", note.path)
            $0.member("offset", note.offset)
            $0.member("message", note.message)
          }
        }
      }
    }
  }

  private func write(_ command: AOFCommandExcerpt, to document: inout JSONDocument) {
    document.object("before") {
      $0.member("offset", command.offset)
      $0.member("db", command.database)
      $0.member("timestamp", command.timestamp)
      $0.member("tx", command.transaction)
      $0.array("argv") { for argument in command.arguments { $0.value(bytes: argument) } }
      $0.member("shortened", command.isShortened)
    }
  }

  private func write(_ file: AOFAssembly.File, to document: inout JSONDocument) {
    document.object {
      $0.member("name", file.name)
      $0.member("type", file.entry?.role.letter ?? AOFRole.base.letter)
      $0.member("sequence", file.entry?.sequence)
      $0.member("size", file.byteCount)
      $0.member("startOffset", file.entry?.startOffset)
      $0.member("endOffset", file.entry?.endOffset)
    }
  }

  private func write(_ left: AOFRewindPlan.Left, to document: inout JSONDocument) {
    document.object {
      $0.member("file", left.part.name)
      $0.member("from", left.range?.lowerBound)
      $0.member("to", left.range?.upperBound)
    }
  }

  // MARK: text

  /// Writes the report for people.
  func writeText(to output: Output, style: TextStyle, width: Int?) {
    let place = "\(plan.file.name)@\(hex(plan.offset)) (\(plan.offset))"
    var text = style.bold(PrintableText.line(set.name)) + "\n"
    func line(_ name: String, _ value: String) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 10 - name.utf8.count)))\(value)\n"
    }
    line("point", PrintableText.line(place))
    if let command = plan.command { line("before", self.text(command)) }
    if let later = plan.laterTimestamp { line("before", "#TS:\(later)\(time(later))") }
    line("kept", kept)
    line("left out", leftOut)
    if let output = self.output {
      line(isDryRun ? "would be" : "written", PrintableText.line(output))
    }
    text += "\n" + table(style: style, width: width)
    output.write(text)
  }

  private func text(_ command: AOFCommandExcerpt) -> String {
    "\(command.text) at \(hex(command.offset)) (\(command.offset))"
      + (command.timestamp.map(time) ?? "")
  }

  private func time(_ seconds: Int64) -> String { Clock.rfc3339(seconds).map { " (\($0))" } ?? "" }

  private var kept: String {
    switch plan.extent {
    case .whole: "everything"
    case .base: "the base alone, nothing that was appended"
    case .part: HumanNumber.count(plan.commandCount, "command") + " behind the base"
    }
  }

  private var leftOut: String {
    let byteCount = plan.left.reduce(0) { $0 + ($1.range?.count ?? 0) }
    return byteCount == 0 ? "nothing" : HumanNumber.count(byteCount, "byte")
  }

  private func table(style: TextStyle, width: Int?) -> String {
    var table = TextTable([
      .flexible("FILE"), .text("ROLE"), .number("SEQ"), .number("BYTES"),
    ])
    for file in plan.assembly.files {
      table.append([
        PrintableText.line(file.name), (file.entry?.role ?? .base).name,
        file.entry.map { "\($0.sequence)" } ?? "", HumanNumber.count(file.byteCount),
      ])
    }
    return table.text(width: width, style: style)
  }
}

extension AOFCommandExcerpt {
  /// The arguments as redis-cli prints strings.
  var text: String {
    var bytes: [UInt8] = []
    var writer = ByteWriter { bytes += $0 }
    for (index, argument) in arguments.enumerated() {
      if index > 0 { writer.write(UInt8(ascii: " ")) }
      argument.withUnsafeBytes { writer.writeQuoted($0) }
    }
    writer.flush()
    return String(decoding: bytes, as: UTF8.self) + (isShortened ? " …" : "")
  }
}
