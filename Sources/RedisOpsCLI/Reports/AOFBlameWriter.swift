import AOF
import ByteKit
import RDB
import Rendering

/// Writes the history of a key as it is found.
///
/// What happened between two `#TS:` is held until the second one comes, beyond some megabytes in a
/// temporary file; behind the last one nothing waits.
struct AOFBlameWriter: ~Copyable {
  /// The bytes of an argument that a line for people shows.
  private static let argumentByteCountMax = 80
  /// The arguments that a line for people shows.
  private static let argumentCountMax = 12
  private static let memoryByteCountMax = 4 << 20

  private let format: AOFBlameFormat
  private let run: CommandRun
  private let trace: KeyTrace
  /// The number of the last command that has a time behind it.
  private let lastTimedIndex: Int
  private var file = ""
  /// Lines without their ends: `timestampAfter` is missing.
  private var pending = SpillArena(memoryMax: Self.memoryByteCountMax)
  private var pendingBefore: Int64?
  private var lastBefore: Int64?
  private var hasHead = false
  private var count = 0

  /// - Parameter lastTimestampIndex: the number of the last command before the last `#TS:`.
  init(
    _ format: AOFBlameFormat, _ name: KeyName, _ trace: KeyTrace, _ lastTimestampIndex: Int?,
    _ run: CommandRun
  ) {
    self.format = format
    self.run = run
    self.trace = trace
    lastTimedIndex = lastTimestampIndex ?? 0
    switch format {
    case .ndjson: break
    case .json: run.output.write(Self.documentHead(name, trace))
    case .text: run.output.write(head(name))
    }
  }

  private static func documentHead(_ name: KeyName, _ trace: KeyTrace) -> String {
    // The document is left open behind its last member.
    JSONDocument.text { document in
      document.beginObject()
      document.schema("aof-blame")
      document.member("db", name.database)
      document.member("key", bytes: name.key)
      document.array("names") {
        for stretch in trace.stretches {
          $0.object {
            if stretch.last < .max { $0.member("toCommand", stretch.last) }
            $0.array("keys") { for name in stretch.names { write(name, to: &$0) } }
          }
        }
      }
      document.member("complete", !trace.isCut)
      document.key("history")
    } + "["
  }

  private static func write(_ name: KeyName, to document: inout JSONDocument) {
    document.object {
      $0.member("db", name.database)
      $0.member("key", bytes: name.key)
    }
  }

  private func head(_ name: KeyName) -> String {
    var text = run.style.bold("\(Self.shown(name))") + "\n"
    for stretch in trace.stretches.dropLast().suffix(20) {
      let names = stretch.names.map(Self.shown).joined(separator: " and ")
      text += "  until command #\(stretch.last): \(names)\n"
    }
    return text
  }

  private static func shown(_ name: KeyName) -> String {
    "\(PrintableText.quoted(name.key)) of db \(name.database)"
  }

  /// What comes now stands in the file `name`.
  mutating func begin(_ name: String) { file = name }

  // MARK: what belongs to the key

  /// Tells what the snapshot in front has of the key.
  mutating func add(_ found: BaseKeyFinder.Found) {
    guard !found.keys.isEmpty else {
      if format == .text { write("  not in the snapshot of \(PrintableText.line(file))\n") }
      return
    }
    for key in found.keys {
      if format == .text {
        let size = HumanNumber.size(Int64(key.valueByteCount))
        write(
          "  \(PrintableText.line(file))@\(hex(key.offset))  in the snapshot: \(key.kind.name), "
            + "\(size) as \(Self.shown(key.name))\n")
        continue
      }
      let line = JSONDocument.text { document in
        document.object {
          $0.member("file", file)
          $0.member("offset", key.offset)
          $0.member("db", key.name.database)
          $0.member("key", bytes: key.name.key)
          $0.object("snapshot") {
            $0.member("type", key.kind.name)
            $0.member("bytes", key.valueByteCount)
            $0.member("expireAtMs", key.expireAtMs)
          }
        }
      }
      write(separator + line + (format == .ndjson ? "\n" : ""))
      count += 1
    }
  }

  /// Takes a command that touched the key.
  mutating func add(_ command: AOFCommand, _ touch: KeyFollower.Touch) {
    pendingBefore = command.timestamp
    let start = pending.count
    pending.append(value: 0)
    withWriter { [format, file] writer in
      if format == .text {
        Self.writeText(command, touch, file, to: &writer)
      } else {
        Self.writeJSON(command, touch, file, to: &writer)
      }
    }
    if let failure = pending.failure {
      run.diagnostics.error(
        "no room in temporary files: \(systemErrorText(failure))", at: .init(file: file),
        status: .unchecked)
      pending.removeAll()
      return
    }
    pending.base.storeBytes(
      of: pending.count - start - MemoryLayout<Int>.size, toByteOffset: start, as: Int.self)
    if command.index > lastTimedIndex { release(after: nil) }
  }

  /// Takes an annotation: what waits for a time has it.
  mutating func add(_ annotation: AOFAnnotation) {
    if let timestamp = annotation.timestamp { release(after: timestamp) }
  }

  /// Ends the report.
  mutating func finish(_ progress: AOFReader.Progress) {
    release(after: nil)
    switch format {
    case .ndjson: break
    case .json: write("],\"commandsRead\":\(progress.commandCount)}\n")
    case .text:
      write(
        "\(HumanNumber.count(count, "command")) of \(HumanNumber.count(progress.commandCount)) "
          + "touched the key\n")
    }
  }

  // MARK: lines

  /// Lets `body` write to `pending`.
  private mutating func withWriter(_ body: (inout ByteWriter) -> Void) {
    withUnsafeMutablePointer(to: &pending) { arena in
      var writer = ByteWriter { arena.pointee.append($0) }
      body(&writer)
      writer.flush()
    }
  }

  private static func writeJSON(
    _ command: AOFCommand, _ touch: KeyFollower.Touch, _ file: String,
    to writer: inout ByteWriter
  ) {
    writer.write("{\"file\":")
    writer.writeJSON(text: file)
    writer.write(text: ",\"offset\":\(command.offset),\"index\":\(command.index)")
    writer.write(text: ",\"db\":\(touch.name.database),\"key\":")
    touch.name.key.withUnsafeBytes { writer.writeJSON(bytes: $0) }
    if let timestamp = command.timestamp { writer.write(text: ",\"timestamp\":\(timestamp)") }
    if let transaction = command.transaction { writer.write(text: ",\"tx\":\(transaction)") }
    if let becomes = touch.becomes {
      let names = JSONDocument.text { document in
        document.array { for name in becomes { write(name, to: &$0) } }
      }
      writer.write(text: ",\"becomes\":" + names)
    }
    writer.write(",\"argv\":[")
    for index in 0..<command.heldCount {
      if index > 0 { writer.write(UInt8(ascii: ",")) }
      writer.writeJSON(bytes: command[index])
    }
    writer.write("]")
  }

  private static func writeText(
    _ command: AOFCommand, _ touch: KeyFollower.Touch, _ file: String,
    to writer: inout ByteWriter
  ) {
    writer.write(text: "  \(PrintableText.line(file))@\(hex(command.offset))  #\(command.index)")
    if let transaction = command.transaction { writer.write(text: "  tx \(transaction)") }
    writer.write(text: "  db \(command.database) ")
    for index in 0..<min(command.heldCount, argumentCountMax) {
      writer.write(UInt8(ascii: " "))
      writer.write(text: PrintableText.quoted(command[index], limit: argumentByteCountMax))
    }
    if command.argumentCount > argumentCountMax {
      let left = HumanNumber.count(command.argumentCount - argumentCountMax)
      writer.write(text: " … and \(left) more")
    }
    if let becomes = touch.becomes {
      let names = becomes.map(shown).joined(separator: " and ")
      writer.write(text: "\n    from here on \(names)")
    }
  }

  private var separator: String { format == .json && count > 0 ? "," : "" }

  /// Writes what waits.
  ///
  /// - Parameter timestamp: the next `#TS:`; `nil` where none comes.
  private mutating func release(after timestamp: Int64?) {
    guard pending.count > 0 else { return }
    if format == .text { writeTimes(after: timestamp) }
    var offset = 0
    while offset < pending.count {
      let size = pending.load(Int.self, at: offset)
      offset += MemoryLayout<Int>.size
      let separator = separator
      if !separator.isEmpty { write(separator) }
      run.output.write(UnsafeRawBufferPointer(rebasing: pending.bytes[offset..<offset + size]))
      offset += size
      count += 1
      switch format {
      case .text: write("\n")
      case .json, .ndjson:
        let after = timestamp.map { ",\"timestampAfter\":\($0)" } ?? ""
        write(after + "}" + (format == .ndjson ? "\n" : ""))
      }
    }
    pending.removeAll()
  }

  /// A line with the times between which the commands below it came.
  private mutating func writeTimes(after: Int64?) {
    guard pendingBefore != nil || after != nil else { return }
    if hasHead, after == nil, lastBefore == pendingBefore { return }
    hasHead = true
    lastBefore = pendingBefore
    func time(_ seconds: Int64) -> String { Clock.rfc3339(seconds) ?? "\(seconds)" }
    let bounds =
      switch (pendingBefore, after) {
      case (let before?, let after?): "from \(time(before)) to \(time(after))"
      case (let before?, nil): "from \(time(before)) on"
      case (nil, let after?): "before \(time(after))"
      case (nil, nil): ""
      }
    write(run.style.bold(bounds) + "\n")
  }

  private func write(_ text: String) { run.output.write(text) }
}
