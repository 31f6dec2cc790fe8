import AOF
import Engine
import RDB
import RedisModel
import Scripting

/// How to load.
public struct LoadOptions: Sendable {
  /// The server that is stood for.
  public var target: ServerVersion
  /// The moment of loading, Unix milliseconds: what is due by then is dropped from snapshots, and
  /// expiries that a file states relative to loading count from it.
  public var nowMs: Int64
  /// The setting `databases`.
  public var databaseCount = 16
  /// How many threads read a snapshot that lies in a file.
  public var threads = 1
  /// The stretch of a file that a thread takes, bytes; `nil` for what suits the threads.
  var chunkByteCount: Int?
  /// What a script may use.
  public var scriptLimits = ScriptLimits()
  /// The bytes that the data may take in memory; loading ends where they take more.
  public var memoryByteCountMax = SystemMemory.byteCount
  /// The limits of sorted sets.
  public var zsetRules = ZsetRules()
  /// Commands that the server knows besides, of modules or renamed: they are not replayed, and end
  /// nothing.
  public var allowedCommands: [CommandName] = []
  /// Whether a command with a dot in its name, as modules have them, is taken for one that the
  /// server knows.
  public var allowsModuleCommands = false
  /// Where to end, before the end of the data; `nil` for the end.
  public var stopPoint: StopPoint?
  /// Whether to count the expiries that files state relative to loading.
  public var countsRelativeExpiries = false
  /// Whether loading ends at the first script that was written as it stands: another server is
  /// then taken.
  public var endsAtScript = false
  /// Called with numbers of bytes that were read, from any thread.
  public var onBytes: (@Sendable (Int) -> Void)?
  /// Of everything random.
  public var seed: UInt64

  /// Loading by `target` at `nowMs`.
  public init(target: ServerVersion, nowMs: Int64, seed: UInt64) {
    self.target = target
    self.nowMs = nowMs
    self.seed = seed
  }
}

/// A point within the commands at which loading ends, as if the file ended there.
public enum StopPoint: Sendable, Equatable {
  /// In front of the first `#TS:` that is later, Unix milliseconds.
  case time(Int64)
  /// In front of the first command that begins at this offset or behind it, in the file of this
  /// name; without a name in the last file.
  case offset(Int, file: String?)
}

/// What came up while loading.
public struct LoadReport: Sendable {
  /// A command that the server would have answered with an error; servers only log these.
  public struct RefusedCommand: Sendable, Equatable {
    /// The file.
    public var file: String
    /// Where the command begins in it.
    public var offset: Int
    /// The line of its `*`, from 1.
    public var line: Int
    /// Its number among the commands of all files, from 1.
    public var index: Int
    /// Its name, as it is written.
    public var name: String
    /// The error.
    public var error: String
    /// Whether the server answers so for certain: nothing before it was left out that could be the
    /// reason.
    public var isCertain = true
  }

  /// A place in a file.
  public struct Place: Sendable, Equatable {
    /// The file.
    public var file: String
    /// The offset in it.
    public var offset: Int
  }

  /// Why loading ended before the end of the data.
  public enum Stop: Sendable, Equatable {
    /// A file cannot be read.
    case input(file: String, message: String)
    /// A snapshot is damaged.
    case snapshot(file: String, RDBFailure)
    /// A snapshot has keys twice, at the first of which a server stops.
    case doubledKeys(file: String, count: Int)
    /// An append-only file is damaged, or the checksum of a snapshot is wrong.
    case commands(file: String, AOFError)
    /// The data take more memory than they may, or than the system gives: this many bytes. What
    /// the rest of the files holds was not looked at.
    case memory(file: String, byteCount: Int)
    /// A command that the server does not know, at which servers exit.
    case unknownCommand(RefusedCommand)
  }

  /// How many refused commands are kept one by one.
  static let refusedKeptMax = 1000

  /// Commands executed, those that were refused included.
  public internal(set) var commandCount = 0
  /// Keys that snapshots held and that were loaded.
  public internal(set) var snapshotKeyCount = 0
  /// Keys, and fields of hashes, that were left out because they were due.
  public internal(set) var expiredCount = 0
  /// Libraries of functions that are held in the end.
  public internal(set) var functionCount = 0
  /// The first commands that were refused.
  public internal(set) var refused: [RefusedCommand] = []
  /// How many were refused altogether.
  public internal(set) var refusedCount = 0
  /// The first commands with an error that its server had as well; none of them is in `refused`.
  public internal(set) var explained: [ExplainedError] = []
  /// How many of them there were altogether.
  public internal(set) var explainedCount = 0
  /// Whether loading ended at a script, as it was asked to.
  public internal(set) var hasMetScript = false
  /// What was not replayed, commands and types of values, and how often it came. With anything in
  /// it the data are not what the server has.
  public internal(set) var notReplayed: [String: Int] = [:]
  /// Of these, values that are held all the same: what they mean is not known, but they can be
  /// written out as they were.
  public internal(set) var kept: [String: Int] = [:]
  /// What snapshots hold beside keys and values and the loader does not keep, and how often.
  public internal(set) var dropped: [String: Int] = [:]
  /// Transactions that a file ended within, each dropped.
  public internal(set) var openTransactionCount = 0
  /// Where the first of them begins.
  public internal(set) var openTransaction: Place?
  /// Commands that state an expiry relative to loading; 0 where they were not counted.
  public internal(set) var relativeExpiryCount = 0
  /// The last `#TS:` that was read, Unix seconds.
  public internal(set) var timestamp: Int64?
  /// Whether loading ended at the stop point.
  public internal(set) var hasReachedStopPoint = false
  /// What ended loading; `nil` where everything was read.
  public internal(set) var stop: Stop?

  /// Nothing yet.
  init() {}

  /// Whether all was read and all of it replayed: the data are the server's.
  public var isComplete: Bool { stop == nil && notReplayed.isEmpty && !hasMetScript }

  /// Ends loading for lack of memory.
  mutating func stopForMemory(_ file: String, byteCount: Int) {
    stop = .memory(file: file, byteCount: byteCount)
    skip("the rest of \(file), for lack of memory beyond \(byteCount) bytes,")
  }

  /// Notes something that was not replayed.
  mutating func skip(_ what: String) { notReplayed[what, default: 0] += 1 }

  /// Notes a command that was refused.
  mutating func refuse(_ command: RefusedCommand) {
    refusedCount += 1
    guard refused.count < Self.refusedKeptMax else { return }
    refused.append(command)
    refused[refused.count - 1].isCertain = losses.isEmpty
  }

  /// Notes a command with an error that its server had as well.
  mutating func explain(_ command: RefusedCommand, _ reason: ExplainedError.Reason) {
    explainedCount += 1
    guard explained.count < Self.refusedKeptMax else { return }
    explained.append(ExplainedError(command: command, reason: reason))
  }
}
