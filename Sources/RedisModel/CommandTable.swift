import Synchronization

/// One command of a server, or a subcommand of one.
public struct CommandEntry: Equatable, Sendable {
  /// Its number among all names, the same in every table.
  public let id: Int
  /// Exactly so many arguments, its name included; below zero: at least as many as its magnitude.
  public let arity: Int
  /// The same of the older of two servers that the table stands between.
  public let olderArity: Int
  /// What COMMAND says of it.
  public let flags: CommandFlags
  /// The first argument that is a key; 0 for none that COMMAND could name.
  public let firstKey: Int
  /// The last argument that is a key; below zero counted from the end, -1 for the last one.
  public let lastKey: Int
  /// From key to key.
  public let keyStep: Int
  /// Whether it has subcommands of their own, each with an entry; Redis 7.0 and later.
  public let isContainer: Bool

  /// Whether a command of so many arguments, its name included, is called.
  @inlinable
  public func takes(argumentCount: Int) -> Bool {
    Self.takes(argumentCount, arity) || Self.takes(argumentCount, olderArity)
  }

  @inlinable @inline(__always)
  static func takes(_ count: Int, _ arity: Int) -> Bool {
    arity < 0 ? count >= 0 &- arity : count == arity
  }
}

/// The commands that a server knows: names, numbers of arguments, flags, places of keys.
///
/// A lookup allocates nothing. The table of a version that was not asked stands between those of
/// its neighbours: it knows what either knows, and takes the arguments that either takes.
///
/// Source: `Data/commands.json`, the answers of eleven servers to COMMAND.
///
/// `Sendable` unchecked: the memory behind the pointers does not change after `init`.
public final class CommandTable: @unchecked Sendable {
  @usableFromInline struct Slot {
    @usableFromInline var name: CommandName
    /// The entry's index; below zero in a free slot.
    @usableFromInline var entry: Int
  }

  /// The servers that it is made of: one, or two in rising order.
  public let sources: [ServerVersion]
  /// Whether the version is newer than all that were asked, so that it may know more commands.
  public let isOpenEnded: Bool
  /// Whether the version's own line was asked.
  public let isExact: Bool

  @usableFromInline let slots: UnsafeMutablePointer<Slot>
  @usableFromInline let entries: UnsafeMutablePointer<CommandEntry>
  /// How many commands and subcommands it has.
  public let count: Int

  /// A power of two, more than twice the number of all names.
  @usableFromInline static let slotCount = 1024

  /// All commands of all servers, each as the newest one has it, Redis before Valkey.
  public static let all = CommandTable(
    newestFirst: CommandRows.servers.indices.sorted { left, right in
      let (left, right) = (CommandRows.servers[left], CommandRows.servers[right])
      return left.product == right.product ? left > right : left.product == .redis
    }, isExact: false, isOpenEnded: true)

  private static let known = Mutex<[ServerVersion: CommandTable]>([:])

  /// The commands of `version`, from a table that is made once.
  public static func shared(_ version: ServerVersion) -> CommandTable {
    known.withLock { tables in
      if let table = tables[version] { return table }
      let table = CommandTable(version)
      tables[version] = table
      return table
    }
  }

  /// The commands of `version`.
  public convenience init(_ version: ServerVersion) {
    let found = CommandRows.neighbours(of: version)
    self.init(
      newestFirst: found.servers.reversed(), isExact: found.isExact,
      isOpenEnded: found.isOpenEnded)
  }

  private init(newestFirst servers: [Int], isExact: Bool, isOpenEnded: Bool) {
    sources = servers.reversed().map { CommandRows.servers[$0] }
    self.isExact = isExact
    self.isOpenEnded = isOpenEnded
    slots = .allocate(capacity: Self.slotCount)
    let none = CommandName("") ?? CommandRows.parsed[0].name
    slots.initialize(repeating: Slot(name: none, entry: -1), count: Self.slotCount)
    entries = .allocate(capacity: CommandRows.parsed.count)
    var count = 0
    for rows in CommandRows.byName {
      let known = servers.compactMap { server in
        rows.first { $0.servers >> server & 1 != 0 }.map { (server: server, row: $0) }
      }
      guard let (server, newest) = known.first, let oldest = known.last?.row else { continue }
      (entries + count).initialize(to: newest.entry(of: server, olderArity: oldest.arity))
      var position = newest.name.hash & (Self.slotCount - 1)
      while slots[position].entry >= 0 { position = (position + 1) & (Self.slotCount - 1) }
      slots[position] = Slot(name: newest.name, entry: count)
      count += 1
    }
    self.count = count
  }

  deinit {
    slots.deallocate()
    entries.deallocate()
  }

  /// The entry at `index`, which `index(of:)` gave.
  @inlinable
  public subscript(index: Int) -> CommandEntry {
    @inline(__always) _read { yield entries[index] }
  }

  /// The index of the command `name`; `nil` for a name that the server does not know.
  @inlinable
  public func index(of name: CommandName) -> Int? {
    var position = name.hash & (Self.slotCount &- 1)
    while slots[position].entry >= 0 {
      if slots[position].name == name { return slots[position].entry }
      position = (position &+ 1) & (Self.slotCount &- 1)
    }
    return nil
  }

  /// The same by the bytes of the name, letters in either case.
  @inlinable
  public func index(of name: UnsafeRawBufferPointer) -> Int? {
    guard let name = CommandName(name) else { return nil }
    return index(of: name)
  }

  /// The index of a subcommand; `nil` where the server has none of that name.
  public func index(
    of name: UnsafeRawBufferPointer, subcommand: UnsafeRawBufferPointer
  ) -> Int? {
    let count = name.count + 1 + subcommand.count
    // A space in the first word would make another command of it.
    guard count <= CommandName.byteCountMax, !name.contains(0x20) else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { buffer in
      buffer.copyMemory(from: name)
      buffer[name.count] = 0x20
      UnsafeMutableRawBufferPointer(rebasing: buffer[(name.count + 1)...])
        .copyMemory(from: subcommand)
      return index(of: UnsafeRawBufferPointer(buffer))
    }
  }
}
