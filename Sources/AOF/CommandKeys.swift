import ByteKit

/// Where commands have their keys, among their arguments.
///
/// Only what a rule cannot say in general stands in a table: a command that is not named here has
/// one key behind its name, which holds for most that write.
///
/// Source: command-tables.json of the fact sheet (COMMAND of eleven servers).
public enum CommandKeys {
  /// How the keys of a command are found.
  enum Rule: Equatable {
    /// The command has none.
    case none
    /// From `first` on, every `step`-th, but not the last `left` arguments.
    case range(first: Int, step: Int, left: Int)
    /// Exactly these positions.
    case at([Int])
    /// As many as the argument at `count` says, behind it, every `step`-th; and `also`.
    case counted(count: Int, step: Int, also: Int?)
    /// The first, and those behind the word STORE or STOREDIST.
    case store
    /// The first half of what follows the word STREAMS.
    case streams
    /// The third, or where it is empty those behind the word KEYS.
    case migrate
  }

  private static let rules: [CommandName: Rule] = {
    var rules: [CommandName: Rule] = [:]
    func add(_ rule: Rule, _ names: String) {
      for name in names.split(separator: " ") { rules[CommandName(String(name))] = rule }
    }
    add(
      .none,
      "SELECT MULTI EXEC DISCARD UNWATCH FLUSHALL FLUSHDB SWAPDB SCRIPT FUNCTION PING ECHO PUBLISH "
        + "SPUBLISH SUBSCRIBE PSUBSCRIBE DEBUG CLUSTER TRIMSLOTS REPLCONF KEYS SCAN RANDOMKEY "
        + "DBSIZE CONFIG CLIENT INFO TIME WAIT AUTH HELLO ACL SAVE BGSAVE BGREWRITEAOF SHUTDOWN")
    add(
      .range(first: 1, step: 1, left: 0),
      "DEL UNLINK EXISTS TOUCH WATCH MGET SINTER SUNION SDIFF SINTERSTORE SUNIONSTORE SDIFFSTORE "
        + "PFMERGE PFCOUNT")
    add(.range(first: 1, step: 2, left: 0), "MSET MSETNX")
    add(.range(first: 1, step: 1, left: 1), "BLPOP BRPOP BZPOPMIN BZPOPMAX")
    add(.range(first: 2, step: 1, left: 0), "BITOP")
    add(
      .at([1, 2]),
      "RENAME RENAMENX COPY RPOPLPUSH BRPOPLPUSH LMOVE BLMOVE SMOVE ZRANGESTORE GEOSEARCHSTORE LCS")
    add(.at([2]), "XGROUP XINFO OBJECT MEMORY PFDEBUG")
    add(.counted(count: 2, step: 1, also: 1), "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE")
    add(.counted(count: 2, step: 1, also: nil), "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO")
    add(.counted(count: 2, step: 1, also: nil), "BLMPOP BZMPOP")
    add(
      .counted(count: 1, step: 1, also: nil),
      "LMPOP ZMPOP SINTERCARD ZINTERCARD ZUNION ZINTER ZDIFF")
    add(.counted(count: 1, step: 2, also: nil), "MSETEX")
    add(.store, "SORT GEORADIUS GEORADIUSBYMEMBER")
    add(.streams, "XREAD XREADGROUP")
    add(.migrate, "MIGRATE")
    return rules
  }()

  /// Calls `body` with the index of each argument of `command` that is a key, until it says true.
  ///
  /// Arguments that are not at hand are left out.
  ///
  /// - Returns: whether `body` said so.
  public static func contains(
    in command: AOFCommand, where body: (_ index: Int) -> Bool
  ) -> Bool {
    let count = command.heldCount
    func any(_ indices: some Sequence<Int>) -> Bool {
      indices.contains { $0 < count && body($0) }
    }
    switch CommandName(command.name).flatMap({ rules[$0] }) ?? .at([1]) {
    case .none: return false
    case .at(let positions): return any(positions)
    case .range(let first, let step, let left):
      return any(stride(from: first, to: command.argumentCount - left, by: step))
    case .counted(let position, let step, let also):
      if let also, any(CollectionOfOne(also)) { return true }
      guard position < count, let keys = number(command[position]) else { return false }
      let end = min(command.argumentCount, position + 1 + keys * step)
      return any(stride(from: position + 1, to: end, by: step))
    case .store:
      let places = (2..<max(2, count)).filter {
        command.isArgument($0, "STORE") || command.isArgument($0, "STOREDIST")
      }
      return any([1] + places.map { $0 + 1 })
    case .streams:
      guard let word = (1..<count).first(where: { command.isArgument($0, "STREAMS") }) else {
        return false
      }
      return any(word + 1..<word + 1 + (command.argumentCount - word - 1) / 2)
    case .migrate:
      if count > 3, !command[3].isEmpty { return body(3) }
      guard let word = (4..<max(4, count)).first(where: { command.isArgument($0, "KEYS") }) else {
        return false
      }
      return any(word + 1..<max(word + 1, command.argumentCount))
    }
  }

  /// A number of keys: at most eight digits.
  private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
    guard (1...8).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return text.reduce(0) { $0 * 10 + Int($1 &- 0x30) }
  }
}

/// The name of a command as a number: no command has more than 24 letters, in either case.
public struct CommandName: Hashable, Sendable {
  /// More bytes than the longest name of any server, GEORADIUSBYMEMBER_RO, has.
  private static let byteCountMax = 24

  private var words = SIMD4<UInt64>()

  /// The name; `nil` where it is longer than any.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= Self.byteCountMax else { return nil }
    for (index, byte) in bytes.enumerated() {
      let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      let letter = UInt64(isLower ? byte &- 32 : byte)
      words[index / 8] |= letter &<< UInt64(index % 8 * 8)
    }
    words[3] = UInt64(bytes.count)
  }

  /// A name of the program's own.
  init(_ name: String) {
    self = Array(name.utf8).withUnsafeBytes { CommandName($0) } ?? CommandName()
  }

  private init() {}
}
