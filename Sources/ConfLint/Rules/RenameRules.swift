import Findings
import RedisModel

/// A line that gives a command another name.
struct RenameLine {
  var line: SourceLine
  var words: [Range<Int>]
  /// The command, in upper case.
  var command: String
  /// The new name; empty when the command is switched off.
  var newName: String

  /// All of them in a file.
  static func all(in file: RuleFile) -> [RenameLine] {
    guard file.kind != .acl else { return [] }
    return file.lines.compactMap { line in
      if file.isComment(line) { return nil }
      let words = WordScan.words(file.bytes, in: line.range)
      guard words.count == 3, file.bytes[words[0]].loweredText == "rename-command" else {
        return nil
      }
      return RenameLine(
        line: line, words: words, command: plain(file.bytes[words[1]].text).uppercased(),
        newName: plain(file.bytes[words[2]].text))
    }
  }

  private static func plain(_ word: String) -> String { word.filter { $0 != "\"" && $0 != "'" } }

  func place(in file: RuleFile) -> Location {
    let start = line.range.lowerBound
    return file.place(
      line: line.number,
      columns: words[1].lowerBound - start + 1..<words[1].upperBound - start + 1)
  }
}

/// SEC018: a write or replication command under another name.
enum RenamedWrite: TargetRule {
  static let id = "SEC018"
  private static let replication: Set<String> = [
    "PSYNC", "SYNC", "REPLCONF", "PING", "SELECT", "MULTI", "EXEC", "AUTH",
  ]

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    let renames = file.renames.filter { !$0.newName.isEmpty }
    guard !renames.isEmpty, let reason = reason(file) else { return }
    for rename in renames where matters(rename.command, target) {
      hits.add(
        rename.place(in: file),
        "\(rename.command) is called \(rename.newName) here, and \(reason): nodes and files that "
          + "know the old name only cannot follow", directive: "rename-command",
        identity: "\(rename.command) \(rename.newName)", severity: .warning)
    }
  }

  /// Whether replicas or a log see the command.
  static func matters(_ command: String, _ target: ServerVersion) -> Bool {
    if replication.contains(command) { return true }
    let table = CommandTable.shared(target)
    guard let name = CommandName(command), let index = table.index(of: name) else { return false }
    return table[index].flags.contains(.write)
  }

  private static func reason(_ file: RuleFile) -> String? {
    for line in file.lines where !file.isComment(line) {
      let words = WordScan.words(file.bytes, in: line.range)
      guard words.count >= 2 else { continue }
      let name = file.bytes[words[0]].loweredText
      if name == "replicaof" || name == "slaveof" { return "this server is a replica" }
      if name == "appendonly", file.bytes[words[1]].loweredText == "yes" {
        return "the append-only log holds it under this name"
      }
    }
    return nil
  }
}

/// SEC019: a command that the server does not have.
enum RenamedUnknown: TargetRule {
  static let id = "SEC019"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    let renames = file.renames
    guard !renames.isEmpty else { return }
    let table = CommandTable.shared(target)
    for rename in renames {
      if let name = CommandName(rename.command), table.index(of: name) != nil { continue }
      if table.isOpenEnded { continue }
      hits.add(
        rename.place(in: file),
        "there is no command \(rename.command) to rename: the server refuses to start",
        directive: "rename-command", identity: rename.command)
    }
  }
}
