import Findings
import RedisModel

/// What a file is to the linter.
public enum ConfFileKind: String, Sendable, CaseIterable {
  /// redis.conf or valkey.conf.
  case conf
  /// sentinel.conf.
  case sentinel
  /// users.acl.
  case acl
}

/// A file as rules on text see it.
struct RuleFile {
  /// The path as the user named it.
  let name: String
  /// What the file is.
  let kind: ConfFileKind
  /// All bytes.
  let bytes: [UInt8]
  /// The lines, without their line feeds.
  let lines: [SourceLine]
  /// The lines that define users.
  private(set) var users: [ACLLine] = []
  /// The lines of a Sentinel.
  private(set) var sentinelLines: [SentinelLine] = []
  /// The lines that give commands other names.
  private(set) var renames: [RenameLine] = []

  init(name: String, kind: ConfFileKind, bytes: [UInt8]) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
    lines = bytes.sourceLines
    users = ACLLine.all(in: self)
    sentinelLines = SentinelLine.all(in: self)
    renames = RenameLine.all(in: self)
  }

  /// Whether the line is blank or, outside ACL files, a comment.
  func isComment(_ line: SourceLine) -> Bool {
    guard let first = bytes[line.range].first(where: { !$0.isConfBlank }) else { return true }
    return kind != .acl && first == UInt8(ascii: "#")
  }

  /// The first word of the line in lower case; nil for comments.
  func directive(of line: SourceLine) -> String? {
    guard !isComment(line), let word = WordScan.words(bytes, in: line.range).first else {
      return nil
    }
    return bytes[word].loweredText
  }

  /// Whether the line holds a secret.
  func isSecret(_ line: SourceLine) -> Bool {
    !SecretText.ranges(in: bytes[line.range], of: kind).isEmpty
  }

  /// A place in the file; without columns the line from its first to its last mark.
  func place(line number: Int, columns: Range<Int>? = nil) -> Location {
    if let columns {
      return Location(
        file: name, line: number, column: columns.lowerBound, endColumn: columns.upperBound)
    }
    guard lines.indices.contains(number - 1) else { return Location(file: name, line: number) }
    let range = lines[number - 1].range
    let first = bytes[range].firstIndex { !$0.isConfBlank } ?? range.lowerBound
    let last = bytes[range].lastIndex { !$0.isConfBlank } ?? range.lowerBound
    return Location(
      file: name, line: number, column: first - range.lowerBound + 1,
      endColumn: last - range.lowerBound + 2)
  }

  /// Edits of this file.
  func fix(
    _ summary: String, isSafe: Bool, _ edits: [(range: Range<Int>, text: String)],
    isSecret: Bool = false
  ) -> Fix {
    Fix(
      summary, isSafe: isSafe,
      edits: edits.map {
        Fix.Edit(
          file: name, offset: Int64($0.range.lowerBound), byteCount: Int64($0.range.count),
          replacement: $0.text, isSecret: isSecret)
      })
  }

  /// The bytes of a line and of its line feed, for edits that remove it.
  func wholeLine(_ number: Int) -> Range<Int>? {
    guard lines.indices.contains(number - 1) else { return nil }
    let range = lines[number - 1].range
    return range.lowerBound..<min(range.upperBound + 1, bytes.count)
  }
}

/// A rule about the text of a single file, the same for all servers.
protocol TextRule: Sendable {
  /// The rule's id.
  static var id: String { get }
  /// Looks through `file`.
  static func check(_ file: RuleFile, into hits: inout RuleHits)
}

/// A rule about the text of a single file, as one server takes it.
protocol TargetRule: Sendable {
  /// The rule's id.
  static var id: String { get }
  /// Looks through `file`.
  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits)
}
