import ByteKit
import RESP

/// What a file is in a multi-part append-only file.
public enum AOFRole: UInt8, Sendable, CaseIterable {
  /// The data set at the last rewrite.
  case base = 0x62
  /// A file of before the last rewrite that waits for its deletion.
  case history = 0x68
  /// The commands since.
  case incremental = 0x69

  /// The letter in a manifest: `b`, `h` or `i`.
  public var letter: String { String(Unicode.Scalar(rawValue)) }

  /// The word for people.
  public var name: String {
    switch self {
    case .base: "base"
    case .history: "history"
    case .incremental: "incremental"
    }
  }
}

/// The manifest of an append-only directory: one line per file.
///
/// Servers stop at the first problem; here the lines that can be understood are read all the same.
public struct AOFManifest: Equatable, Sendable {
  /// One line.
  public struct Entry: Equatable, Sendable {
    /// The file's name, without a path.
    public var name: String
    /// Its number; base and incremental files count separately, from 1.
    public var sequence: Int64
    /// What it is.
    public var role: AOFRole
    /// The replication offset at its beginning (Redis 8.0 and later).
    public var startOffset: Int64?
    /// The replication offset at its end (Redis 8.0 and later, closed files).
    public var endOffset: Int64?
    /// The line that it stands in, from 1; 0 for an entry that was not read.
    public var line: Int

    /// An entry that stands in no file yet.
    public init(
      name: String, sequence: Int64, role: AOFRole, startOffset: Int64? = nil,
      endOffset: Int64? = nil, line: Int = 0
    ) {
      self.name = name
      self.sequence = sequence
      self.role = role
      self.startOffset = startOffset
      self.endOffset = endOffset
      self.line = line
    }
  }

  /// Something that keeps servers from starting, or from loading what there is.
  public struct Problem: Equatable, Sendable {
    /// The line, from 1.
    public var line: Int
    /// Where the line begins, bytes.
    public var offset: Int
    /// What is wrong.
    public var message: String
    /// Whether servers start all the same: without data.
    public var startsEmpty = false
  }

  /// The longest line that servers take, its line end included.
  public static let lineByteCountMax = 1024

  /// The files, in the order of their lines.
  public var entries: [Entry] = []
  /// What is wrong, in the order of the lines.
  public var problems: [Problem] = []

  /// A manifest of `entries`.
  public init(_ entries: [Entry]) { self.entries = entries }

  /// The base; `nil` where there is none.
  public var base: Entry? { entries.first { $0.role == .base } }

  /// The incremental files, in the order in which they are loaded.
  public var incremental: [Entry] { entries.filter { $0.role == .incremental } }

  /// The files of before.
  public var history: [Entry] { entries.filter { $0.role == .history } }

  /// The bytes that a server writes for these entries: base, history, incremental files.
  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    var writer = ByteWriter { bytes += $0 }
    for entry in [base].compactMap({ $0 }) + history + incremental {
      writer.write("file ")
      Array(entry.name.utf8).withUnsafeBytes { name in
        if QuotedText.isPlain(name) { writer.write(name) } else { writer.writeQuoted(name) }
      }
      writer.write(text: " seq \(entry.sequence) type \(entry.role.letter)")
      if let offset = entry.startOffset { writer.write(text: " startoffset \(offset)") }
      if let offset = entry.endOffset { writer.write(text: " endoffset \(offset)") }
      writer.write("\n")
    }
    writer.flush()
    return bytes
  }
}
