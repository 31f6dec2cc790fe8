import ByteKit
import RESP

/// The commands of a set that give keys another name or another database, in file order, so that
/// they can be gone through from the end.
///
/// Beyond some megabytes they lie in a temporary file.
public struct NameLog: ~Copyable {
  /// What a command did.
  enum Change: UInt8 {
    /// The first key became the second.
    case renamed = 1
    /// The second key became what the first one is.
    case copied
    /// Two databases changed places.
    case swapped
  }

  /// One such command.
  struct Entry {
    var change: Change
    /// Its number among the commands.
    var index: Int
    /// The first key and its database, or one of the databases.
    var source: KeyName
    /// The second ones.
    var target: KeyName
  }

  private static let memoryByteCountMax = 4 << 20
  /// Change, index, two databases, two lengths.
  private static let fixedByteCount = 1 + 5 * 8

  private var arena = SpillArena(memoryMax: Self.memoryByteCountMax)
  /// The number of the last command before the last `#TS:`; `nil` where there is none: behind it no
  /// command has a time after it.
  public private(set) var lastTimestampIndex: Int?
  private var commandCount = 0

  /// Nothing seen yet.
  public init() {}

  /// The `errno` of what kept the log from being written; `nil` while all is well.
  public var failure: Int32? { arena.failure }

  /// Takes a record into account.
  @inline(__always)
  public mutating func add(_ record: AOFRecord) {
    switch record {
    case .command(let command):
      commandCount = command.index
      switch command.name.count {
      case 4, 6, 8: look(at: command)
      default: break
      }
    case .annotation(let annotation):
      if annotation.timestamp != nil { lastTimestampIndex = commandCount }
    }
  }

  @inline(never)
  private mutating func look(at command: AOFCommand) {
    guard command.heldCount > 2 else { return }
    if command.isArgument(0, "RENAME") || command.isArgument(0, "RENAMENX") {
      add(.renamed, command, target: command.database)
    } else if command.isArgument(0, "COPY") {
      let place = (3..<max(3, command.heldCount - 1)).first { command.isArgument($0, "DB") }
      let database = place.flatMap { Self.number(command[$0 + 1]) }
      add(.copied, command, target: database ?? command.database)
    } else if command.isArgument(0, "MOVE"), let target = Self.number(command[2]) {
      write(.renamed, command, command[1], command[1], command.database, target)
    } else if command.isArgument(0, "SWAPDB"), let first = Self.number(command[1]),
      let second = Self.number(command[2])
    {
      let none = UnsafeRawBufferPointer(start: nil, count: 0)
      write(.swapped, command, none, none, first, second)
    }
  }

  private mutating func add(_ change: Change, _ command: AOFCommand, target: Int) {
    write(change, command, command[1], command[2], command.database, target)
  }

  private mutating func write(
    _ change: Change, _ command: AOFCommand, _ first: UnsafeRawBufferPointer,
    _ second: UnsafeRawBufferPointer, _ source: Int, _ target: Int
  ) {
    arena.append(first)
    arena.append(second)
    arena.append(value: first.count)
    arena.append(value: second.count)
    arena.append(value: source)
    arena.append(value: target)
    arena.append(value: command.index)
    arena.append(value: change.rawValue)
  }

  /// A number of up to ten digits.
  static func number(_ text: UnsafeRawBufferPointer) -> Int? {
    guard (1...10).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return text.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }

  /// Calls `body` with each entry, the last one first, until it says false.
  func backward(_ body: (Entry) -> Bool) {
    var end = arena.count
    while end >= Self.fixedByteCount {
      let fixed = end - Self.fixedByteCount
      let firstCount = arena.load(Int.self, at: fixed)
      let secondCount = arena.load(Int.self, at: fixed + 8)
      let second = fixed - secondCount
      let first = second - firstCount
      guard let change = Change(rawValue: arena.load(UInt8.self, at: end - 1)) else { return }
      let entry = Entry(
        change: change, index: arena.load(Int.self, at: fixed + 32),
        source: KeyName(
          database: arena.load(Int.self, at: fixed + 16),
          key: Array(arena.bytes[first..<second])),
        target: KeyName(
          database: arena.load(Int.self, at: fixed + 24),
          key: Array(arena.bytes[second..<fixed])))
      guard body(entry) else { return }
      end = first
    }
  }
}
