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
  }

  private static let spellingCount = 64
  private static let spellingByteCountMax = 16

  /// The servers.
  let servers: [AOFServerTraits]
  private let tables: [CommandTable]
  private let allowed: Set<CommandName>
  private let spellings: UnsafeMutablePointer<Spelling>

  /// - Parameter allowed: names that all servers know besides: those of modules, renamed ones.
  init(_ servers: [AOFServerTraits], allowed: Set<CommandName>) {
    self.servers = servers
    self.allowed = allowed
    tables = servers.map { CommandTable($0.server) }
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
    let spelling = spellings + Self.slot(first, second)
    guard spelling.pointee.first == first, spelling.pointee.second == second,
      spelling.pointee.byteCount == name.count
    else { return learn(name, first, second, command.argumentCount) }
    return command.argumentCount >= spelling.pointee.low
      && command.argumentCount <= spelling.pointee.high
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
    Int(truncatingIfNeeded: ((first ^ second) &* 0x9E37_79B9_7F4A_7C15) &>> 58)
  }

  /// Puts a spelling into the table.
  @inline(never)
  private func learn(
    _ name: UnsafeRawBufferPointer, _ first: UInt64, _ second: UInt64, _ count: Int
  ) -> Bool {
    var spelling = Spelling(first: first, second: second, byteCount: name.count, low: 1, high: .max)
    if let command = CommandName(name), Self.special.contains(command) {
      spelling.low = .max
    } else {
      for index in tables.indices { limit(&spelling, name, server: index) }
    }
    spellings[Self.slot(first, second)] = spelling
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

  /// Commands whose order or arguments matter.
  private static let special: Set<CommandName> = Set(
    ["SELECT", "MULTI", "EXEC", "DISCARD", "WATCH"].compactMap { CommandName($0) })

  /// Commands without the write flag that servers have written all the same.
  private static let written: Set<CommandName> = Set(
    ["SELECT", "MULTI", "EXEC", "EVAL", "EVALSHA", "SCRIPT", "PFCOUNT", "FCALL", "CLUSTER"]
      .compactMap { CommandName($0) })

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
    if isNotAWrite(entry), let name = CommandName(name), !Self.written.contains(name) {
      let isSubscription = entry.flags.contains(.pubsub) && CommandName.subscribing.contains(name)
      return isSubscription ? .subscribes : .notAWrite
    }
    return .fine
  }
}

extension CommandName {
  /// Commands that a server does not take from a client that must not wait.
  fileprivate static let subscribing: Set<CommandName> = Set(
    ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE"].compactMap { CommandName($0) })
}
