/// Something that is wrong with an append-only file, or odd.
public struct AOFProblem: Equatable, Sendable {
  /// What it is; the raw value is the finding's id. Those that stop a reader have the id that its
  /// error has.
  public enum Kind: String, Sendable, CaseIterable {
    // What stops a reader.
    case unreadable = "aof-unreadable"
    case damagedGzip = "aof-gzip"
    case truncated = "aof-truncated"
    case openTransaction = "aof-open-multi"
    case zeroTail = "aof-zero-tail"
    case zeros = "aof-zeros"
    case garbage = "aof-garbage"
    case count = "aof-count"
    case argument = "aof-argument"
    case length = "aof-length"
    case annotation = "aof-annotation"
    case snapshot = "aof-snapshot"
    case manifest = "aof-manifest"
    case missingFile = "aof-missing-file"

    /// The file ends within an annotation.
    case cutAnnotation = "aof-cut-annotation"
    /// A name that the server does not know.
    case unknownCommand = "aof-unknown-command"
    /// A number of arguments that the command does not take.
    case arity = "aof-arity"
    /// A SELECT that chooses nothing.
    case select = "aof-select"
    /// MULTI within a transaction.
    case nestedMulti = "aof-nested-multi"
    /// EXEC, or DISCARD, outside a transaction.
    case withoutMulti = "aof-without-multi"
    /// DISCARD within a transaction.
    case discard = "aof-discard"
    /// WATCH within a transaction.
    case watch = "aof-watch"
    /// SUBSCRIBE and its like.
    case subscribe = "aof-subscribe"
    /// A command that changes nothing.
    case notAWrite = "aof-not-a-write"
    /// Bytes that loaders take and servers do not write.
    case form = "aof-form"
    /// Other bytes than CR LF behind an argument.
    case lineEnd = "aof-line-end"
    /// A folder without a manifest.
    case noManifest = "aof-no-manifest"
    /// A file in the folder that the manifest does not name.
    case unnamedFile = "aof-unnamed-file"
    /// A file of before Redis 7.0 beside the folder.
    case oldFile = "aof-old-file"
    /// A history file that is not there.
    case missingHistory = "aof-missing-history"
    /// A file that the manifest names twice.
    case sameFile = "aof-same-file"
    /// A snapshot where commands should stand.
    case snapshotAsIncrement = "aof-snapshot-as-increment"
    /// Something that the target server does not know.
    case target = "aof-target"
    /// Problems beyond those that are listed.
    case further = "aof-further"
  }

  /// What it is.
  public var kind: Kind
  /// Whether the data are loaded without loss all the same.
  public var isWarning: Bool
  /// The file that it is in: a path; `nil` for the whole set.
  public var file: String?
  /// Where in the file: bytes, and the line as redis-check-aof counts, from 1.
  public var offset: Int?
  /// The line, where one is known; of a manifest its own lines.
  public var line: Int?
  /// The number of the command in all files together, from 1.
  public var command: Int?
  /// What was found, what was expected, what comes of it.
  public var message: String
  /// The servers that it concerns: a bit for each target of the check; all by default.
  public var servers = Self.allServers
  /// What is wrong with a snapshot has an id of its own.
  public var snapshotID: String?
  /// The key of a snapshot that it concerns, and its database.
  public var key: [UInt8]?
  /// The database of `key`.
  public var database: Int?

  /// The servers of a problem that concerns all.
  public static let allServers = -1

  /// The id for reports.
  public var id: String { snapshotID ?? kind.rawValue }

  init(
    _ kind: Kind, isWarning: Bool = false, in file: String? = nil, at offset: Int? = nil,
    line: Int? = nil, command: Int? = nil, _ message: String, servers: Int = allServers
  ) {
    self.kind = kind
    self.isWarning = isWarning
    self.file = file
    self.offset = offset
    self.line = line
    self.command = command
    self.message = message
    self.servers = servers
  }
}

/// Counts the problems of one file: of each kind only so many are listed.
struct AOFProblemCounts {
  /// So many of each kind are listed.
  static let listedMax = 20

  private var counts: [AOFProblem.Kind: Int] = [:]

  /// Counts a problem of `kind`, and says whether it is one of those to list.
  mutating func takes(_ kind: AOFProblem.Kind) -> Bool {
    let count = counts[kind, default: 0] + 1
    counts[kind] = count
    return count <= Self.listedMax
  }

  /// How many of each kind are not listed.
  func further(in file: String) -> [AOFProblem] {
    counts.filter { $0.value > Self.listedMax }
      .sorted { $0.key.rawValue < $1.key.rawValue }
      .map { kind, count in
        AOFProblem(
          .further, isWarning: true, in: file,
          "\(count - Self.listedMax) more of \(kind.rawValue) are not listed")
      }
  }
}

extension AOFProblem.Kind {
  /// What is looked for, one sentence.
  public var summary: String {
    switch self {
    case .unreadable: "The system gives the bytes"
    case .damagedGzip: "The gzip layer is sound"
    case .truncated: "The file goes on as far as its counts and lengths say"
    case .openTransaction: "Every MULTI has its EXEC in the same file"
    case .zeroTail: "The file does not end in zero bytes, as a power failure leaves them"
    case .zeros: "No zero bytes stand between commands"
    case .garbage: "A record begins with '*' or '#'"
    case .count: "A command has one argument at least, and no more than can be"
    case .argument: "An argument begins with '$' where the one before it ends"
    case .length: "The length of an argument is a length"
    case .annotation: "An annotation is one that the server takes"
    case .snapshot: "The snapshot in front is sound"
    case .manifest: "The manifest is one that servers take"
    case .missingFile: "The files that the manifest names are there"
    case .cutAnnotation: "The file does not end within an annotation"
    case .unknownCommand: "The server knows the command"
    case .arity: "A command has a number of arguments that it takes"
    case .select: "SELECT chooses a database that the server has"
    case .nestedMulti: "No MULTI stands within a transaction"
    case .withoutMulti: "EXEC and DISCARD follow a MULTI"
    case .discard: "No DISCARD stands within a transaction"
    case .watch: "No WATCH stands within a transaction"
    case .subscribe: "No command asks for messages"
    case .notAWrite: "A command changes data"
    case .form: "Counts and lengths are written as servers write them"
    case .lineEnd: "CR LF ends each argument"
    case .noManifest: "The folder has a manifest"
    case .unnamedFile: "The manifest names the files beside it"
    case .oldFile: "No file of before Redis 7.0 lies beside the folder"
    case .missingHistory: "History files that the manifest names are there"
    case .sameFile: "The manifest names each file once"
    case .snapshotAsIncrement: "Incremental files hold commands"
    case .target: "The server that is to load the file loads its data"
    case .further: "All findings are listed"
    }
  }
}
