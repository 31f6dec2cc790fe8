import RedisCodecs
import RedisModel

/// Commands of some sort, and their bytes.
public struct CommandTally: Equatable, Sendable {
  /// Commands.
  public var commands = 0
  /// The keys that they name, each time.
  public var touches = 0
  /// Their bytes in the files.
  public var byteCount = 0

  /// Nothing.
  public init() {}

  @inline(__always)
  mutating func add(_ keys: Int, _ byteCount: Int) {
    commands &+= 1
    touches &+= keys
    self.byteCount &+= byteCount
  }
}

/// What was written to append-only files, counted in one pass and bounded memory.
///
/// Counts by command, database, time and prefix are exact (beyond their bounds a remainder is); hot
/// keys and what a rewrite would save are exact for small files and estimates for others.
public struct AOFStatistics: ~Copyable {
  /// What is wanted.
  public struct Options: Sendable {
    /// Bytes that end a part of a key.
    public var delimiters: [UInt8] = [UInt8(ascii: ":")]
    /// How many parts make a prefix.
    public var depth = 1
    /// How many of the largest commands are kept.
    public var top = 10
    /// The shortest stretch of time, seconds.
    public var bucketSeconds: Int64 = 1
    /// The places for keys of which what was written is followed: a power of two.
    public var ledgerSlotCountMax = 1 << 20

    /// The usual.
    public init() {}
  }

  /// Stretches of time that are kept apart.
  private static let bucketCountMax = 4096
  /// Databases and unknown names that have a tally of their own.
  private static let tallyCountMax = 1024

  /// All commands.
  public private(set) var total = CommandTally()
  /// Commands that name no key.
  public private(set) var keyless = CommandTally()
  /// Commands whose keys were not all at hand, because they are larger than the reader's window.
  public private(set) var unseenKeyCommands = 0
  /// Stretches of time.
  public private(set) var times: TimeBuckets
  /// Key prefixes.
  public private(set) var prefixes: PrefixTallies
  /// Hot keys.
  public private(set) var hotKeys = HotKeys()
  /// The largest commands.
  public private(set) var largest: LargestCommands
  /// Keys in the snapshots in front.
  public private(set) var baseKeyCount = 0
  /// Bytes of their records.
  public private(set) var baseByteCount = 0
  /// Keys in the snapshots in front, by database.
  private var baseKeysByDatabase: [Int: Int] = [:]
  /// The file that is being read, from 0.
  public var fileIndex = 0

  private let table = CommandTable.all
  private let effects = WriteEffect.all
  private let memo = NameMemo()
  private let hasOneKey: [Bool]
  private let hasNoKey: [Bool]
  private var byCommand: [CommandTally]
  private var names: [CommandName?]
  private var unknown: [CommandName: CommandTally] = [:]
  private var furtherUnknown = CommandTally()
  private var byDatabase: [Int: CommandTally] = [:]
  private var furtherDatabases = CommandTally()
  private var currentDatabase = 0
  private var current = CommandTally()
  private var ledger: KeyLedger
  private var traceless = 0
  private let hash: KeyedHash

  /// Nothing counted yet.
  public init(_ options: Options = .init()) {
    times = TimeBuckets(seconds: options.bucketSeconds, countMax: Self.bucketCountMax)
    prefixes = PrefixTallies(delimiters: options.delimiters, depth: options.depth)
    largest = LargestCommands(capacity: options.top)
    ledger = KeyLedger(slotCountMax: options.ledgerSlotCountMax)
    byCommand = Array(repeating: CommandTally(), count: table.count)
    names = Array(repeating: nil, count: table.count)
    hasOneKey = zip(CommandKeys.hasFirstArgumentOnly, effects).map { $0 && $1 != .moves }
    hasNoKey = zip(CommandKeys.hasNone, effects).map { $0 && $1 == .leavesNothing }
    // The same file gives the same estimates.
    var generator = FixedGenerator()
    hash = KeyedHash(using: &generator)
  }

  /// Each data set stands for itself: the keys of the next one are others.
  public mutating func beginDataSet() {
    ledger.beginDataSet()
  }

  /// Counts a command.
  public mutating func add(_ command: AOFCommand) {
    let byteCount = command.byteCount
    let found = memo.index(of: command.name)
    var keyCount = 0
    if let found, hasOneKey[found] {
      if command.heldCount > 1 {
        keyCount = 1
        touch(command[1], command.database, byteCount, 0, effects[found])
      }
    } else if let found, hasNoKey[found] {
      traceless &+= byteCount
    } else {
      keyCount = touchKeys(of: command, found)
    }
    if !command.isWhole { unseenKeyCommands &+= 1 }
    total.add(keyCount, byteCount)
    if keyCount == 0 { keyless.add(0, byteCount) }
    if let found {
      if byCommand[found].commands == 0 { names[found] = CommandName(command.name) }
      byCommand[found].add(keyCount, byteCount)
    } else {
      addUnknown(command.name, keyCount, byteCount)
    }
    if command.database != currentDatabase { turn(to: command.database) }
    current.add(keyCount, byteCount)
    times.add(command.timestamp, byteCount: byteCount)
    if largest.wants(byteCount) { keep(command) }
  }

  /// Counts a key of a snapshot in front.
  ///
  /// - Parameter byteCount: those of its record.
  public mutating func addBaseKey(
    _ key: UnsafeRawBufferPointer, database: Int, byteCount: Int
  ) {
    baseKeyCount += 1
    baseByteCount += byteCount
    if baseKeysByDatabase.count < Self.tallyCountMax || baseKeysByDatabase[database] != nil {
      baseKeysByDatabase[database, default: 0] += 1
    }
    let prefix = prefixes.prefix(of: key)
    prefixes.addBaseKey(hash.hash(prefix).high | 1, prefix)
    let home = ledger.home(of: database)
    ledger.change(Self.place(hash.hash(key), home), home, .add, byteCount)
  }
}

// MARK: keys
extension AOFStatistics {
  /// Takes the keys of a command that has not just one behind its name; how many there are.
  @inline(never)
  private mutating func touchKeys(of command: AOFCommand, _ found: Int?) -> Int {
    let effect = found.map { effects[$0] } ?? .adds
    switch effect {
    case .flushesDatabase: ledger.flush(command.database)
    case .flushesAll: ledger.flush(nil)
    case .swapsDatabases:
      if command.heldCount == 3, let first = Int(bytes: command[1]),
        let second = Int(bytes: command[2])
      {
        ledger.swap(first, second)
      }
    default: break
    }
    var count = 0
    _ = CommandKeys.contains(in: command, found) { _ in
      count += 1
      return false
    }
    guard count > 0 else {
      traceless &+= command.byteCount
      return 0
    }
    let (share, rest) = command.byteCount.quotientAndRemainder(dividingBy: count)
    var number = 0
    var first: UInt64 = 0
    _ = CommandKeys.contains(in: command, found) { index in
      let place = touch(
        command[index], command.database, number == 0 ? share + rest : share, number, effect,
        first: first)
      if number == 0 { first = place }
      number += 1
      return false
    }
    if effect == .moves, command.heldCount > 2, let target = Int(bytes: command[2]) {
      move(command[1], command.database, target)
    }
    return count
  }

  /// Counts one key of a command.
  ///
  /// - Parameters:
  ///   - share: the part of the command's bytes that falls to it.
  ///   - number: which of the command's keys it is, from 0.
  ///   - first: the place of the first one.
  /// - Returns: what the ledger knows it by.
  @inline(__always) @discardableResult
  private mutating func touch(
    _ key: UnsafeRawBufferPointer, _ database: Int, _ share: Int, _ number: Int,
    _ effect: WriteEffect, first: UInt64 = 0
  ) -> UInt64 {
    let home = ledger.home(of: database)
    let value = hash.hash(key)
    let place = Self.place(value, home)
    let named = (value.low ^ UInt64(truncatingIfNeeded: database) &* Self.spread) | 1
    hotKeys.prefetch(named)
    account(place, home, share, number, effect, first)
    let prefix = prefixes.prefix(of: key)
    prefixes.add(hash.hash(prefix).high | 1, prefix, byteCount: share)
    hotKeys.add(named, key, database: database, byteCount: share)
    return place
  }

  /// Makes different numbers of each key's hash for different databases.
  private static let spread: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// What the ledger knows a key by. Its lowest bits choose a sample, so they must depend on all of
  /// the hash: of keys that differ by a few digits the hash's own do not come out evenly.
  @inline(__always)
  private static func place(_ hash: KeyedHash.Value, _ home: Int) -> UInt64 {
    var word = hash.high ^ UInt64(truncatingIfNeeded: home) &* spread
    word = (word ^ word &>> 32) &* 0xD6E8_FEB8_6659_FD93
    return word ^ word &>> 32
  }

  /// Follows what a command does to the bytes of one of its keys.
  @inline(__always)
  private mutating func account(
    _ place: UInt64, _ home: Int, _ share: Int, _ number: Int, _ effect: WriteEffect,
    _ first: UInt64
  ) {
    switch effect {
    case .adds: ledger.change(place, home, .add, share)
    case .replaces: ledger.change(place, home, .replace, share)
    case .stores where number == 0: ledger.change(place, home, .replace, share)
    case .passesOn where number == 1: ledger.change(place, home, .add, share)
    case .deletes:
      ledger.change(place, home, .remove, .max)
      traceless &+= share
    case .takesAway:
      ledger.change(place, home, .remove, share)
      traceless &+= share
    case .renames where number == 1:
      ledger.rename(first, home, place, home)
      traceless &+= share
    case .copies where number == 1: ledger.change(place, home, .replace, share)
    default: traceless &+= share
    }
  }

  private mutating func move(_ key: UnsafeRawBufferPointer, _ source: Int, _ target: Int) {
    let (from, to) = (ledger.home(of: source), ledger.home(of: target))
    let value = hash.hash(key)
    ledger.rename(Self.place(value, from), from, Self.place(value, to), to)
  }
}

// MARK: tallies
extension AOFStatistics {
  @inline(never)
  private mutating func addUnknown(
    _ name: UnsafeRawBufferPointer, _ keys: Int, _ byteCount: Int
  ) {
    guard let name = CommandName(name),
      unknown.count < Self.tallyCountMax || unknown[name] != nil
    else { return furtherUnknown.add(keys, byteCount) }
    unknown[name, default: CommandTally()].add(keys, byteCount)
  }

  @inline(never)
  private mutating func turn(to database: Int) {
    Self.put(current, currentDatabase, &byDatabase, &furtherDatabases)
    current = CommandTally()
    currentDatabase = database
  }

  private static func put(
    _ tally: CommandTally, _ database: Int, _ tallies: inout [Int: CommandTally],
    _ further: inout CommandTally
  ) {
    guard tally.commands > 0 else { return }
    if tallies.count < tallyCountMax || tallies[database] != nil {
      tallies[database, default: CommandTally()].add(tally)
    } else {
      further.add(tally)
    }
  }

  @inline(never)
  private mutating func keep(_ command: AOFCommand) {
    var key: [UInt8]?
    _ = CommandKeys.contains(in: command) { index in
      key = Array(command[index].prefix(NameTable.nameByteCountMax))
      return true
    }
    largest.insert(
      LargestCommands.Entry(
        fileIndex: fileIndex, offset: command.offset, index: command.index,
        byteCount: command.byteCount,
        name: Array(command.name.prefix(CommandName.byteCountMax)),
        argumentCount: command.argumentCount, key: key, database: command.database,
        timestamp: command.timestamp))
  }

  /// The commands by name in capitals, those with the most bytes first; what has no name any more
  /// is called `nil`.
  public var commands: [(name: String?, tally: CommandTally)] {
    var all: [(name: String?, tally: CommandTally)] = byCommand.indices
      .filter { byCommand[$0].commands > 0 }.map { (names[$0]?.text, byCommand[$0]) }
    all += unknown.map { ($0.key.text, $0.value) }
    if furtherUnknown.commands > 0 { all.append((nil, furtherUnknown)) }
    return all.sorted {
      ($0.tally.byteCount, $1.name ?? "") > ($1.tally.byteCount, $0.name ?? "")
    }
  }

  /// The databases in which commands ran or the snapshots in front have keys, by number.
  public var databases: [(database: Int, tally: CommandTally, baseKeys: Int)] {
    var tallies = byDatabase
    var further = furtherDatabases
    Self.put(current, currentDatabase, &tallies, &further)
    return Set(tallies.keys).union(baseKeysByDatabase.keys).sorted().map {
      ($0, tallies[$0] ?? CommandTally(), baseKeysByDatabase[$0] ?? 0)
    }
  }

  /// Commands in databases beyond those that have a tally of their own.
  public var otherDatabases: CommandTally {
    var tallies = byDatabase
    var further = furtherDatabases
    Self.put(current, currentDatabase, &tallies, &further)
    return further
  }

  /// What a rewrite would save, and how many keys there were.
  public mutating func estimateRewrite() -> RewriteEstimate {
    ledger.settle()
    let bytes = baseByteCount + total.byteCount
    let superseded = ledger.superseded
    return RewriteEstimate(
      keyCount: ledger.keyCount, sampledKeyCount: ledger.count, scale: ledger.scale,
      byteCount: bytes, liveByteCount: min(max(ledger.live, 0), bytes),
      overwrittenByteCount: superseded.overwritten, deletedByteCount: superseded.deleted,
      flushedByteCount: superseded.flushed, tracelessByteCount: traceless)
  }
}

extension CommandTally {
  fileprivate mutating func add(_ other: CommandTally) {
    commands &+= other.commands
    touches &+= other.touches
    byteCount &+= other.byteCount
  }
}

extension Int {
  /// A number of up to ten digits.
  fileprivate init?(bytes: UnsafeRawBufferPointer) {
    guard (1...10).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    self = bytes.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }
}

/// The same numbers each time.
private struct FixedGenerator: RandomNumberGenerator {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
