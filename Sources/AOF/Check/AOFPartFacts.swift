import RDB
import RedisModel

/// How to check an append-only file.
public struct AOFCheckOptions: Sendable {
  /// The servers that are to load it, at most `targetsMax`; none: see `AOFCheck`.
  public var targets: [ServerVersion] = []
  /// Those of which the first that fits is taken where neither the user nor a file names one.
  public var assumedTargets = AOFCheck.assumedTargets
  /// Their `databases`.
  public var databases = 16
  /// Their `aof-load-corrupt-tail-max-size` where it is not 0, bytes.
  public var corruptTailMaxSize = 4096
  /// Names of commands that they know besides: of modules, or given by `rename-command`.
  public var allowedCommands: [String] = []
  /// How to verify snapshots; `target` and `databases` are set by the check.
  public var snapshots = VerifyOptions()

  /// More targets than there are lines of servers.
  public static let targetsMax = 60

  /// The usual ones.
  public init() {}
}

/// A place in one file.
public struct AOFRecordPlace: Equatable, Sendable {
  /// Bytes from the front of the (unpacked) file.
  public var offset: Int
  /// The line, from 1, as redis-check-aof counts.
  public var line: Int
  /// The number of the command, from 1, in all files of the set together; `nil` where it is none.
  public var command: Int?
}

/// Why a server stops loading, apart from the end of the file and from damage.
struct AOFRefusal: Equatable, Sendable {
  enum Kind: Equatable, Sendable {
    /// It exits.
    case exits
    /// It crashes, or may.
    case crashes
    /// It takes the bytes for a wrong format.
    case formatError
  }

  var kind: Kind
  var offset: Int
  /// Behind the last whole command before it; `nil` where there is none.
  var commandsEnd: Int?
  /// What it does, behind the server's name.
  var message: String
}

/// What stands behind the place at which a damaged file would be cut.
public struct AOFTail: Equatable, Sendable {
  /// From that place to the end of the file; `nil` where the end was not reached.
  public var byteCount: Int?
  /// Whole commands in it, as far as they can be found.
  public var commandCount = 0
  /// Transactions that begin in it, as far as they can be found.
  public var transactionCount = 0

  /// A tail of so many bytes, with nothing found in it yet.
  public init(byteCount: Int?) { self.byteCount = byteCount }

  /// Both together.
  public static func + (left: AOFTail, right: AOFTail) -> AOFTail {
    var sum = left
    sum.byteCount = left.byteCount.flatMap { count in right.byteCount.map { count + $0 } }
    sum.commandCount += right.commandCount
    sum.transactionCount += right.transactionCount
    return sum
  }
}

/// What a check found in one file of a set.
public struct AOFPartFacts {
  /// The file, as the set has it.
  public let part: AOFSet.Part
  /// The name for messages: a path, or `<stdin>`.
  public internal(set) var file: String
  /// What it begins with; `nil` where it could not be opened.
  public internal(set) var content: AOFFile.Content?
  /// Its size, unpacked; `nil` where its end was not reached.
  public internal(set) var byteCount: Int?
  /// What was found in the snapshot in front.
  public internal(set) var snapshot: VerifyReport?
  /// Where the commands begin.
  public internal(set) var commandsOffset = 0
  /// Whole commands.
  public internal(set) var commandCount = 0
  /// Whether a script stands in it as it was sent.
  public internal(set) var holdsScripts = false
  /// Transactions that begin in it.
  public internal(set) var transactionCount = 0
  /// What stopped the reader; `nil` where it came to the end.
  public internal(set) var error: AOFError?
  /// The record that `error` is in.
  public internal(set) var errorRecord: AOFRecordPlace?
  /// The transaction that is open at the end or at the damage: its MULTI.
  public internal(set) var openTransaction: AOFRecordPlace?
  /// Whether a server that loads the file appends to it.
  public internal(set) var isAppendedTo = false
  /// The annotation that the file ends in.
  public internal(set) var cutAnnotation: AOFRecordPlace?
  /// Where to cut: what stands before is sound and outside any open transaction. The end of the
  /// file where it is sound.
  ///
  /// A record whose lengths cannot be right, before damage that it may have caused, is behind it.
  public internal(set) var soundOffset = 0
  /// Commands and transactions before `soundOffset`.
  public internal(set) var soundCommandCount = 0
  /// What a cut there would lose; `nil` where the file is sound.
  public internal(set) var tail: AOFTail?
  /// What is wrong or odd, in file order.
  public internal(set) var problems: [AOFProblem] = []

  /// Behind the last whole command, also within a transaction: where most servers cut. `nil`: no
  /// command.
  var commandsEnd: Int?
  /// Behind the last command before the last MULTI: where servers cut an open transaction away.
  var endBeforeMulti: Int?
  /// By server: whether the transaction is open at the end.
  var isOpen: [Bool] = []
  /// By server: what ends loading.
  var refusals: [AOFRefusal?] = []
  /// By server: how many commands are answered by an error.
  var errorCounts: [Int] = []
  /// By server: what the snapshot's rules say; `nil` where it is none or was not checked for it.
  var snapshotVerdicts: [AOFSnapshotVerdict] = []

  init(_ part: AOFSet.Part, servers: Int) {
    self.part = part
    file = part.path == "-" ? part.name : part.path
    isOpen = Array(repeating: false, count: servers)
    refusals = Array(repeating: nil, count: servers)
    errorCounts = Array(repeating: 0, count: servers)
    snapshotVerdicts = Array(repeating: .none, count: servers)
  }

  /// Whether the file has an end that has to be cut off, at `soundOffset`.
  public var isDamaged: Bool { tail != nil }

  /// What is wrong with its end; `nil` where nothing is.
  public var damage: AOFProblem.Kind? {
    if let error { return AOFProblem.Kind(rawValue: error.kind.rawValue) }
    if snapshot?.phase != nil { return .snapshot }
    if openTransaction != nil { return .openTransaction }
    return cutAnnotation == nil ? nil : .cutAnnotation
  }
}

/// Whether a server would load a snapshot.
enum AOFSnapshotVerdict: Equatable, Sendable {
  /// There is none.
  case none
  case loads
  case refuses(String)
  /// It is damaged in a way that servers do not look for, or not all.
  case unsure(String)
  /// It could not be checked.
  case unchecked(String)
}
