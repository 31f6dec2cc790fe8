import ByteKit
import TestSupport
import Testing

@testable import AOF

@Suite struct BlameTests {
  /// Commands, the key that is asked for, and the numbers of those that belong to it.
  struct Case: Sendable, CustomTestStringConvertible {
    let lines: [String]
    var key = "k"
    var database = 0
    var followsAll = false
    let touched: [Int]
    var testDescription: String { lines.joined(separator: "; ") }
  }

  static let cases: [Case] = [
    Case(lines: ["SET k 1", "SET other 1", "APPEND k x", "GET k"], touched: [1, 3, 4]),
    Case(lines: ["SET a 1", "RENAME a k", "SET a 2", "DEL k"], touched: [1, 2, 4]),
    Case(lines: ["SET k 0", "SET a 1", "RENAMENX a k"], touched: [2, 3]),
    Case(lines: ["SET k 0", "SET a 1", "RENAME a k"], followsAll: true, touched: [1, 2, 3]),
    Case(lines: ["SET k 0", "RENAME k a", "SET a 1"], touched: [1, 2]),
    Case(lines: ["SET a 1", "COPY a k", "SET a 2", "SET k 3"], touched: [1, 2, 4]),
    Case(
      lines: ["SET a 1", "COPY a k DB 2", "SELECT 2", "SET k 3"], database: 2,
      touched: [1, 2, 4]),
    Case(
      lines: ["SET k 1", "MOVE k 2", "SET k 2", "SELECT 2", "INCR k"], database: 2,
      touched: [1, 2, 5]),
    Case(lines: ["SET k 1", "MOVE k 2", "SET k 2"], touched: [1, 2, 3]),
    Case(
      lines: ["SELECT 1", "SET k 1", "SWAPDB 0 1", "SET k 2", "SELECT 0", "SET k 3"],
      touched: [2, 3, 6]),
    Case(
      lines: ["SET k 1", "FLUSHDB", "SELECT 1", "FLUSHDB", "FLUSHALL ASYNC"], touched: [1, 2, 5]),
    Case(
      lines: ["SADD k a", "SUNIONSTORE d k s", "ZINTERSTORE d 2 z k", "SORT x STORE k"],
      touched: [1, 2, 3, 4]),
    Case(
      lines: ["BITOP NOT k s", "PFMERGE d k", "SMOVE s k m", "LMOVE k d LEFT RIGHT"],
      touched: [1, 2, 3, 4]),
    Case(lines: ["MSET a 1 k 2", "MSET k 1", "UNLINK a b k", "MSET a k"], touched: [1, 2, 3]),
    Case(
      lines: ["EVAL s 2 a k v", "EVAL s 1 a k", "FCALL f 1 k", "EVALSHA h 0 k"],
      touched: [1, 3]),
    Case(lines: ["MULTI", "SET k 1", "EXPIRE k 9", "EXEC"], touched: [2, 3]),
    Case(
      lines: ["SET a 1", "RENAME a b", "RENAME b c", "SET b 9", "RENAME c k"],
      touched: [1, 2, 3, 5]),
    Case(
      lines: ["RENAME k k", "RESTORE k 0 x", "GEORADIUS g 0 0 1 km STOREDIST k"],
      touched: [1, 2, 3]),
    Case(lines: ["MIGRATE h 1 k 0 9", "XREADGROUP GROUP g c STREAMS k >"], touched: [1, 2]),
    Case(lines: ["SET key 1", "SET x k"], touched: []),
  ]

  static func history(
    of name: KeyName, in bytes: [UInt8], followsAll: Bool = false, window: Int = 256 << 10
  ) throws -> [(index: Int, touch: KeyFollower.Touch)] {
    func reader() -> AOFReader {
      AOFReader(ByteInput(MemorySource(bytes, chunkByteCount: 7), windowByteCount: window))
    }
    var log = NameLog()
    var first = reader()
    while let record = try first.next() { log.add(record) }
    var follower = KeyFollower(KeyTrace(name, in: log, followsAll: followsAll))
    var touches: [(index: Int, touch: KeyFollower.Touch)] = []
    var second = reader()
    while let record = try second.next() {
      guard case .command(let command) = record, let touch = follower.touch(by: command) else {
        continue
      }
      touches.append((command.index, touch))
    }
    return touches
  }

  @Test(arguments: cases)
  func `the commands that touched a key, under the names that it had`(_ example: Case) throws {
    let bytes = example.lines.flatMap { line in
      request(line.split(separator: " ").map { Array($0.utf8) })
    }
    let name = KeyName(database: example.database, key: Array(example.key.utf8))
    let found = try Self.history(of: name, in: bytes, followsAll: example.followsAll)
    #expect(found.map(\.index) == example.touched)
  }

  @Test func `a change of name says from what to what`() throws {
    let bytes = request("SET", "a", "1") + request("RENAME", "a", "k") + request("MOVE", "k", "3")
    let name = KeyName(database: 3, key: [UInt8(ascii: "k")])
    let found = try Self.history(of: name, in: bytes).map(\.touch)
    let a = KeyName(database: 0, key: [UInt8(ascii: "a")])
    let k = KeyName(database: 0, key: [UInt8(ascii: "k")])
    #expect(
      found == [
        KeyFollower.Touch(name: a), KeyFollower.Touch(name: a, becomes: [k]),
        KeyFollower.Touch(name: k, becomes: [name]),
      ])
  }

  @Test func `long chains of names are followed so far and no further`() throws {
    var bytes: [UInt8] = []
    let count = KeyTrace.stretchCountMax + 10
    for number in 0..<count { bytes += request("RENAME", "k\(number)", "k\(number + 1)") }
    var log = NameLog()
    var reader = AOFReader(ByteInput(MemorySource(bytes)))
    while let record = try reader.next() { log.add(record) }
    let trace = KeyTrace(KeyName(database: 0, key: Array("k\(count)".utf8)), in: log)
    #expect(trace.isCut)
    #expect(trace.stretches.count == KeyTrace.stretchCountMax + 1)
    #expect(trace.stretches[0].names[0].key == Array("k10".utf8))
  }
}
