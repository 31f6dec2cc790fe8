import AOF
import ByteKit
import Testing

@Suite struct CommandKeysTests {
  /// A command, and its arguments that are keys.
  struct Case: Sendable {
    let command: String
    let keys: [Int]
  }

  static let cases: [Case] = [
    Case(command: "SET k v", keys: [1]),
    Case(command: "MULTI", keys: []),
    Case(command: "FLUSHALL ASYNC", keys: []),
    Case(command: "unlink a b c", keys: [1, 2, 3]),
    Case(command: "MSET a 1 b 2", keys: [1, 3]),
    Case(command: "MSETEX 2 a 1 b 2 PXAT 5", keys: [2, 4]),
    Case(command: "RENAME a b", keys: [1, 2]),
    Case(command: "LMOVE a b LEFT RIGHT", keys: [1, 2]),
    Case(command: "BITOP AND d a b", keys: [2, 3, 4]),
    Case(command: "BLPOP a b 0", keys: [1, 2]),
    Case(command: "ZUNIONSTORE d 2 a b WEIGHTS 1 2", keys: [1, 3, 4]),
    Case(command: "EVAL body 2 a b c", keys: [3, 4]),
    Case(command: "EVAL body 0 a", keys: []),
    Case(command: "EVAL body x a", keys: []),
    Case(command: "EVAL body 99 a", keys: [3]),
    Case(command: "XGROUP CREATE s g $", keys: [2]),
    Case(command: "XGROUP NOSUCH s g $", keys: []),
    Case(command: "OBJECT freq k", keys: [2]),
    Case(command: "SSUBSCRIBE channel", keys: []),
    Case(command: "zadd k 1 m", keys: [1]),
    Case(command: "RESTORE k 0 payload", keys: [1]),
    Case(command: "CLUSTER SYNCSLOTS ESTABLISH", keys: []),
    Case(command: "module.set k v", keys: [1]),
    Case(command: "SORT l BY nosort store d", keys: [1, 5]),
    Case(command: "GEORADIUS g 1 2 3 km STOREDIST d", keys: [1, 7]),
    Case(command: "XREADGROUP GROUP g c COUNT 1 STREAMS a b > >", keys: [7, 8]),
    Case(command: "XREAD STREAMS", keys: []),
    Case(command: "MIGRATE h 1 k 0 5", keys: [3]),
  ]

  @Test(arguments: cases)
  func `the keys of a command are found`(_ example: Case) throws {
    let words = example.command.split(separator: " ").map { Array($0.utf8) }
    var reader = AOFReader(ByteInput(MemorySource(request(words))))
    guard case .command(let command) = try reader.next() else {
      Issue.record("no command")
      return
    }
    var found: [Int] = []
    let isStopped = CommandKeys.contains(in: command) { index in
      found.append(index)
      return false
    }
    #expect(!isStopped)
    #expect(found == example.keys)
  }
}
