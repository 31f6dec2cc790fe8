import ByteKit
import RedisModel

/// Judges commands by name and number of arguments, for several servers at once.
///
/// An append-only file says the same few names over and over: the last spellings seen, and the
/// numbers of arguments that all servers take under them, stand in a small table, so that most
/// commands cost two loads and a comparison.
struct CommandJudge: ~Copyable {
  /// A spelling, up to sixteen bytes, and what is known of it.
  private struct Spelling {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var byteCount = 0
    /// With so many arguments every server takes it, and there is nothing to say about it.
    var low = Int.max
    var high = 0
  }

  /// What a server makes of a command.
  enum Judgement: Equatable {
    case fine
    /// It takes no such name; `isUnsure`: it is newer than the tables.
    case unknown(isUnsure: Bool)
    /// The container is known, the subcommand is not.
    case unknownSubcommand(isUnsure: Bool)
    /// It takes another number of arguments.
    case wrongArity(expected: Int, isTooFew: Bool)
    /// It only reads, or changes nothing of the data.
    case notAWrite
    /// It asks for messages.
    case subscribes

    /// Whether no server would have written such a command.
    var isRefusal: Bool {
      switch self {
      case .unknown, .unknownSubcommand, .wrongArity: true
      case .fine, .notAWrite, .subscribes: false
      }
    }
  }

  /// A power of two, far more than the names of a file.
  private static let spellingCount = 256
  /// So many places are tried before one is given to another name.
  private static let probeCount = 4
  private static let spellingByteCountMax = 16

  /// The servers.
  let servers: [AOFServerTraits]
  private let tables: [CommandTable]
  private let allowed: Set<CommandName>
  private let spellings: UnsafeMutablePointer<Spelling>

  /// - Parameters:
  ///   - tables: what each server knows.
  ///   - allowed: names that all servers know besides: those of modules, renamed ones.
  init(_ servers: [AOFServerTraits], _ tables: [CommandTable], allowed: Set<CommandName>) {
    self.servers = servers
    self.tables = tables
    self.allowed = allowed
    spellings = .allocate(capacity: Self.spellingCount)
    spellings.initialize(repeating: Spelling(), count: Self.spellingCount)
  }

  deinit { spellings.deallocate() }

  /// Whether there is nothing to say about the command's name and its number of arguments.
  @inline(__always)
  func isPlain(_ command: AOFCommand) -> Bool {
    let name = command.name
    guard name.count &- 1 < Self.spellingByteCountMax else { return false }
    let (first, second) = Self.words(name)
    let slot = Self.slot(first, second)
    for probe in 0..<Self.probeCount {
      let spelling = spellings + ((slot &+ probe) & (Self.spellingCount &- 1))
      if spelling.pointee.first == first, spelling.pointee.second == second,
        spelling.pointee.byteCount == name.count
      {
        return command.argumentCount >= spelling.pointee.low
          && command.argumentCount <= spelling.pointee.high
      }
      if spelling.pointee.byteCount == 0 {
        return learn(name, first, second, command.argumentCount, at: spelling)
      }
    }
    return learn(name, first, second, command.argumentCount, at: spellings + slot)
  }

  /// The bytes as they stand; a record has two bytes behind each argument, and its window more.
  @inline(__always)
  private static func words(_ name: UnsafeRawBufferPointer) -> (UInt64, UInt64) {
    guard let base = name.baseAddress else { return (0, 0) }
    let first = base.loadUnaligned(as: UInt64.self)
    if name.count <= 8 { return (first & ~0 &>> UInt64(64 &- 8 &* name.count), 0) }
    let second = (base + 8).loadUnaligned(as: UInt64.self)
    return (first, second & ~0 &>> UInt64(128 &- 8 &* name.count))
  }

  @inline(__always)
  private static func slot(_ first: UInt64, _ second: UInt64) -> Int {
    let mixed = (first ^ second &<< 17 ^ second &>> 47) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed &>> 56)
  }

  /// Puts a spelling into the table.
  @inline(never)
  private func learn(
    _ name: UnsafeRawBufferPointer, _ first: UInt64, _ second: UInt64, _ count: Int,
    at place: UnsafeMutablePointer<Spelling>
  ) -> Bool {
    var spelling = Spelling(first: first, second: second, byteCount: name.count, low: 1, high: .max)
    if let command = CommandName(name), Self.special.contains(command) {
      spelling.low = .max
    } else {
      for index in tables.indices { limit(&spelling, name, server: index) }
    }
    place.pointee = spelling
    return count >= spelling.low && count <= spelling.high
  }

  private func limit(_ spelling: inout Spelling, _ name: UnsafeRawBufferPointer, server: Int) {
    guard let index = tables[server].index(of: name) else {
      if let name = CommandName(name), allowed.contains(name) { return }
      spelling.low = .max
      return
    }
    let entry = tables[server][index]
    if entry.isContainer || isNotAWrite(entry) { return spelling.low = .max }
    // Between two servers the narrower number is the fast way; the other one is looked up.
    for arity in [entry.arity, entry.olderArity] {
      spelling.low = max(spelling.low, abs(arity))
      if arity >= 0 { spelling.high = min(spelling.high, arity) }
    }
  }

  /// Commands whose order or arguments matter, or that tell who wrote them.
  private static let special = names("SELECT MULTI EXEC DISCARD WATCH EVAL EVALSHA")
  /// Commands that a server does not take from a client that must not wait.
  private static let subscribing = names("SUBSCRIBE PSUBSCRIBE SSUBSCRIBE")

  private static func names(_ text: String) -> [CommandName] {
    text.split(separator: " ").compactMap { CommandName($0) }
  }

  /// By the number of a name: whether servers write it without the write flag.
  private static let isWritten: [Bool] = {
    let table = CommandTable.all
    var isWritten = Array(repeating: false, count: table.count)
    for name in names("SELECT MULTI EXEC EVAL EVALSHA SCRIPT PFCOUNT FCALL CLUSTER") {
      if let index = table.index(of: name) { isWritten[table[index].id] = true }
    }
    return isWritten
  }()

  private func isNotAWrite(_ entry: CommandEntry) -> Bool {
    !entry.flags.contains(.write) && !entry.flags.contains(.mayReplicate)
  }

  /// What the server at `index` makes of `command`.
  func judge(_ command: AOFCommand, server index: Int) -> Judgement {
    let table = tables[index]
    let name = command.name
    guard let found = table.index(of: name) else {
      if let name = CommandName(name), allowed.contains(name) { return .fine }
      return .unknown(isUnsure: table.isOpenEnded)
    }
    var entry = table[found]
    if entry.isContainer, servers[index].looksUpSubcommands, command.argumentCount > 1 {
      guard command.heldCount > 1 else { return .fine }
      guard let subcommand = table.index(of: name, subcommand: command[1]) else {
        return .unknownSubcommand(isUnsure: table.isOpenEnded)
      }
      entry = table[subcommand]
    }
    guard entry.takes(argumentCount: command.argumentCount) else {
      let isTooFew = command.argumentCount < abs(entry.arity)
      return .wrongArity(expected: entry.arity, isTooFew: isTooFew)
    }
    guard isNotAWrite(entry), !Self.isWritten[table[found].id] else { return .fine }
    return Self.subscribing.contains { $0 == CommandName(name) } ? .subscribes : .notAWrite
  }
}
