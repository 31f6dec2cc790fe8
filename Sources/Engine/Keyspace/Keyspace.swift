import RedisCodecs
import RedisModel

/// The data of a server: databases, keys, values of all types, and the commands that change
/// them, as one server version has them.
///
/// It is pure: the clock and the random source are given to it, and the same commands give the same
/// data and answers. All data lie off the heap of the language, in blocks of their own: see
/// docs/engine.md for the representation and what it costs.
public struct Keyspace: ~Copyable {
  /// The databases of a server that is not told otherwise.
  public static let databaseCountDefault = 16
  /// The longest string, bytes: the servers' own `proto-max-bulk-len`.
  static let stringByteCountMax = 512 << 20

  /// The server whose commands and answers these are.
  public let target: ServerVersion
  /// The moment of the next command, Unix milliseconds.
  public var nowMs: Int64 = 0
  /// Whether data are being loaded: nothing expires then.
  public var isLoading = false
  /// The answer to the last command.
  public var reply = ReplyBuffer()
  /// The database that commands work on.
  public internal(set) var selected = 0
  /// How many databases there are.
  public let databaseCount: Int
  /// The limits of sorted sets, the defaults unless a configuration says otherwise.
  public var zsetRules = ZsetRules()
  /// Makes and reads DUMP payloads; without one RESTORE and DUMP answer with an error.
  public var payloadCodec: (any PayloadCodec)?

  /// Runs scripts and functions; without one their commands are not supported.
  public var scriptHost: (any ScriptHost)?

  /// The bytes that the data should not exceed; who executes commands asks `isOutOfMemory` between
  /// them. One command can at most double what is there, or add what it brings itself and 512 MiB.
  public var memoryLimit = Int.max
  /// What the last command would have needed that is not known here; `nil` where all was done.
  public internal(set) var unsupportedPart: String?
  /// Scripts of the last command that ended in an error behind writes of their own.
  public internal(set) var stoppedScripts = StoppedScripts()
  /// The memory of all values.
  let heap: Heap
  /// The databases, `databaseCount` of them.
  let databases: UnsafeMutablePointer<Database>
  /// What differs between servers.
  let dialect: Dialect
  /// The commands that the target has.
  let commands: CommandTable
  /// What executes each of them, by its index in `commands`.
  let handlers: [CommandHandler?]
  /// Where chance comes from.
  var random: RandomSource
  /// The commands since MULTI.
  var transaction = Transaction()
  /// Room for the text of a number.
  let scratch: UnsafeMutableRawPointer

  /// An empty keyspace.
  ///
  /// - Parameters:
  ///   - target: the server that it stands for.
  ///   - databaseCount: the setting `databases`, at least 1.
  ///   - seed: of everything random, hash tables included.
  public init(
    target: ServerVersion, databaseCount: Int = Keyspace.databaseCountDefault, seed: UInt64
  ) {
    self.target = target
    self.databaseCount = max(1, databaseCount)
    random = RandomSource(seed: seed)
    heap = Heap(hash: KeyedHash(using: &random))
    databases = .allocate(capacity: self.databaseCount)
    for index in 0..<self.databaseCount {
      (databases + index).initialize(to: Database(heap))
    }
    dialect = Dialect(target)
    zsetRules.keepsNegativeZero = dialect.keepsNegativeZero
    commands = CommandTable(target)
    handlers = CommandRegistry.handlers(for: commands)
    scratch = .allocate(byteCount: 64, alignment: 16)
  }

  deinit {
    databases.deallocate()
    scratch.deallocate()
    heap.destroy()
  }

  /// The bytes that the data take, what the heap rounds up included.
  public var byteCount: Int { heap.byteCount }

  /// Whether no more should be put in: the data take more than `memoryLimit`, or the system has
  /// refused memory. What is held is whole.
  @inline(__always)
  public var isOutOfMemory: Bool { heap.byteCount > memoryLimit || heap.isRefused }

  /// How many keys a database has, those that are due included.
  ///
  /// - Parameter database: 0..<databaseCount.
  public func keyCount(_ database: Int) -> Int { databases[database].keys.count }

  /// How many keys of a database have an expiry.
  ///
  /// - Parameter database: 0..<databaseCount.
  public func expiryCount(_ database: Int) -> Int { databases[database].expiryCount }

  /// Chooses the database of the next commands.
  ///
  /// - Returns: false where there is no such database; the choice then stays.
  @discardableResult
  public mutating func select(_ database: Int) -> Bool {
    guard database >= 0, database < databaseCount else { return false }
    selected = database
    return true
  }

  /// Removes all keys of all databases.
  public mutating func removeAll() {
    for index in 0..<databaseCount { databases[index].removeAll(heap) }
  }

  /// Prepares a database for so many keys.
  ///
  /// - Parameters:
  ///   - count: how many there will be, as a file says; more than `reservedKeysMax` are not
  ///     believed.
  ///   - database: 0..<databaseCount.
  public mutating func reserve(_ count: Int, database: Int) {
    databases[database].keys.reserve(min(count, Self.reservedKeysMax), heap)
  }

  private static let reservedKeysMax = 1 << 24
}

/// A seeded source of random numbers (SplitMix64).
struct RandomSource: RandomNumberGenerator {
  private var state: UInt64

  /// - Parameter seed: the same one gives the same numbers.
  init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}
