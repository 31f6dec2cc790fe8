import ByteKit
import RedisModel

/// Where commands have their keys, among their arguments.
///
/// Most stand where COMMAND says (`CommandTable`). What COMMAND cannot say in three numbers has a
/// rule here. A command that no server knows is a module's, and has one key behind its name as most
/// of theirs.
public enum CommandKeys {
  /// How the keys of a command are found.
  enum Rule: Equatable {
    /// From `first` on, every `step`-th, up to `last`: below zero counted from the end.
    case range(first: Int, last: Int, step: Int)
    /// As its subcommand says.
    case subcommand
    /// As many as the argument at `count` says, behind it, every `step`-th; and `also`.
    case counted(count: Int, step: Int, also: Int?)
    /// The first, and those behind the word STORE or STOREDIST.
    case store
    /// The first half of what follows the word STREAMS.
    case streams
    /// The third, or where it is empty those behind the word KEYS.
    case migrate
  }

  /// The rules of the commands that `CommandTable.all` has, by index there.
  private static let rules: [Rule] = {
    let table = CommandTable.all
    var rules = (0..<table.count).map { index in
      let entry = table[index]
      if entry.isContainer { return Rule.subcommand }
      // Channels are no keys.
      guard entry.firstKey > 0, !entry.flags.contains(.pubsub) else {
        return .range(first: 1, last: 0, step: 1)
      }
      return .range(first: entry.firstKey, last: entry.lastKey, step: max(1, entry.keyStep))
    }
    func set(_ rule: Rule, _ names: String) {
      for name in names.split(separator: " ") {
        if let index = CommandName(name).flatMap({ table.index(of: $0) }) { rules[index] = rule }
      }
    }
    set(.counted(count: 2, step: 1, also: 1), "ZUNIONSTORE ZINTERSTORE ZDIFFSTORE")
    set(
      .counted(count: 2, step: 1, also: nil),
      "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP")
    set(
      .counted(count: 1, step: 1, also: nil),
      "LMPOP ZMPOP SINTERCARD ZINTERCARD ZUNION ZINTER ZDIFF")
    set(.counted(count: 1, step: 2, also: nil), "MSETEX")
    set(.store, "SORT GEORADIUS GEORADIUSBYMEMBER")
    set(.streams, "XREAD XREADGROUP")
    set(.migrate, "MIGRATE")
    return rules
  }()

  /// For each command that `CommandTable.all` has, by index there: whether its only key stands
  /// right behind its name.
  static let hasFirstArgumentOnly: [Bool] = rules.map {
    if case .range(1, 1, _) = $0 { true } else { false }
  }

  /// For each command that `CommandTable.all` has, by index there: whether it has no keys.
  static let hasNone: [Bool] = rules.map {
    if case .range(1, 0, _) = $0 { true } else { false }
  }

  /// How to find the keys of `command`, whose index in `CommandTable.all` is `index`.
  private static func rule(of command: AOFCommand, _ index: Int?) -> Rule {
    guard let index else { return .range(first: 1, last: 1, step: 1) }
    let rule = rules[index]
    guard rule == .subcommand else { return rule }
    guard command.heldCount > 1,
      let index = CommandTable.all.index(of: command.name, subcommand: command[1])
    else { return .range(first: 1, last: 0, step: 1) }
    return rules[index]
  }

  /// Calls `body` with the index of each argument of `command` that is a key, until it says true.
  ///
  /// Arguments that are not at hand are left out.
  ///
  /// - Returns: whether `body` said so.
  public static func contains(
    in command: AOFCommand, where body: (_ index: Int) -> Bool
  ) -> Bool {
    contains(in: command, CommandTable.all.index(of: command.name), where: body)
  }

  /// The same for a command whose index in `CommandTable.all` is known: `nil` for none.
  static func contains(
    in command: AOFCommand, _ found: Int?, where body: (_ index: Int) -> Bool
  ) -> Bool {
    let count = command.heldCount
    func any(_ indices: some Sequence<Int>) -> Bool {
      indices.contains { $0 < count && body($0) }
    }
    switch rule(of: command, found) {
    case .subcommand: return false
    case .range(let first, let last, let step):
      let end = last < 0 ? command.argumentCount + last : min(last, command.argumentCount - 1)
      return any(stride(from: first, through: end, by: step))
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
