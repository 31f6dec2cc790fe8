import ByteKit
import TestSupport
import Testing

@testable import AOF

/// Counts all commands of `bytes`.
private func statistics(
  of bytes: [UInt8], _ options: AOFStatistics.Options = .init()
) throws -> AOFStatisticsHolder {
  let holder = AOFStatisticsHolder(options)
  var reader = AOFReader(ByteInput(MemorySource(bytes)), holding: .front)
  while let record = try reader.next() {
    if case .command(let command) = record { holder.statistics.add(command) }
  }
  return holder
}

private final class AOFStatisticsHolder {
  var statistics: AOFStatistics

  init(_ options: AOFStatistics.Options) { statistics = AOFStatistics(options) }
}

private func commands(_ lines: String...) -> [UInt8] {
  lines.flatMap { line -> [UInt8] in
    if line.hasPrefix("#") { return Array("\(line)\r\n".utf8) }
    return request(line.split(separator: " ").map { Array($0.utf8) })
  }
}

@Suite struct StatisticsTests {
  /// The bytes of words as a command.
  static func size(_ line: String) -> Int { commands(line).count }

  @Test func `bytes fall to databases, prefixes and commands, and add up`() throws {
    let holder = try statistics(
      of: commands(
        "SELECT 0", "SET user:1 x", "MSET user:2 a job:1 bb plain c", "SELECT 4", "MULTI",
        "set user:1 y", "nosuch user:9", "EXEC"))
    let total = holder.statistics.total
    #expect(total.commands == 8)
    #expect(total.touches == 6)
    let prefixes = holder.statistics.prefixes.sorted
    #expect(
      Set(prefixes.map { String(decoding: $0.prefix, as: UTF8.self) }) == ["user:", "job:", ""])
    let sum = prefixes.reduce(0) { $0 + $1.byteCount } + holder.statistics.keyless.byteCount
    #expect(sum == total.byteCount)
    #expect(prefixes.reduce(0) { $0 + $1.touches } == total.touches)
    let named = Dictionary(
      uniqueKeysWithValues: holder.statistics.commands.map { ($0.name ?? "", $0.tally.commands) })
    #expect(
      named == ["SELECT": 2, "SET": 2, "MSET": 1, "MULTI": 1, "EXEC": 1, "NOSUCH": 1])
    let databases = holder.statistics.databases
    #expect(databases.map(\.database) == [0, 4])
    #expect(databases.map(\.tally.commands) == [3, 5])
    #expect(databases.reduce(0) { $0 + $1.tally.byteCount } == total.byteCount)
  }

  /// A run of commands, and what becomes of their bytes: the lines that still count, and which of
  /// them a later one undid.
  struct Case: Sendable, CustomTestStringConvertible {
    let lines: [String]
    var live: [String] = []
    var overwritten: [String] = []
    var deleted: [String] = []
    var flushed: [String] = []
    var testDescription: String { lines.joined(separator: "; ") }
  }

  static let cases: [Case] = [
    Case(lines: ["SET a 1", "SET a 2"], live: ["SET a 2"], overwritten: ["SET a 1"]),
    Case(lines: ["SET a 1", "DEL a"], deleted: ["SET a 1"]),
    Case(lines: ["RPUSH l a", "RPUSH l b"], live: ["RPUSH l a", "RPUSH l b"]),
    Case(lines: ["RPUSH l a", "LPOP l"], live: ["RPUSH l a"]),
    Case(lines: ["SADD s ab", "SREM s ab"], deleted: ["SADD s ab"]),
    Case(lines: ["INCR n", "INCR n"], live: ["INCR n"], overwritten: ["INCR n"]),
    Case(lines: ["SET a 1", "PEXPIREAT a 99"], live: ["SET a 1"]),
    Case(lines: ["SET a 1", "FLUSHDB", "SET a 2"], live: ["SET a 2"], flushed: ["SET a 1"]),
    Case(
      lines: ["SET a 1", "SELECT 1", "SET a 2", "FLUSHDB", "SET b 3"],
      live: ["SET a 1", "SET b 3"], flushed: ["SET a 2"]),
    Case(
      lines: ["SET a 1", "SELECT 1", "SET a 2", "SWAPDB 0 1", "DEL a"], live: ["SET a 2"],
      deleted: ["SET a 1"]),
    Case(
      lines: ["SET a 1", "RENAME a b", "SET a 2", "DEL b"], live: ["SET a 2"],
      deleted: ["SET a 1"]),
    Case(lines: ["SET a 1", "SET b 2", "RENAME a b"], live: ["SET a 1"], overwritten: ["SET b 2"]),
    Case(lines: ["SET a 1", "MOVE a 3", "FLUSHALL"], flushed: ["SET a 1"]),
    Case(
      lines: ["SADD s a", "SET d 1", "SUNIONSTORE d s"], live: ["SADD s a"],
      overwritten: ["SET d 1"]),
  ]

  @Test(arguments: cases)
  func `what a rewrite would save follows the keys`(_ example: Case) throws {
    let bytes = example.lines.flatMap { commands($0) }
    let rewrite = try statistics(of: bytes).statistics.estimateRewrite()
    func sum(_ lines: [String]) -> Int { lines.reduce(0) { $0 + Self.size($1) } }
    // A command with several keys, of which one is written, counts by its share.
    let stored = example.lines.contains("SUNIONSTORE d s") ? Self.size("SUNIONSTORE d s") / 2 : 0
    #expect(abs(rewrite.liveByteCount - sum(example.live) - stored) <= 1)
    #expect(rewrite.overwrittenByteCount == sum(example.overwritten))
    #expect(rewrite.deletedByteCount == sum(example.deleted))
    #expect(rewrite.flushedByteCount == sum(example.flushed))
    #expect(rewrite.isExact)
    let undone =
      rewrite.overwrittenByteCount + rewrite.deletedByteCount + rewrite.flushedByteCount
    #expect(
      rewrite.liveByteCount + undone + rewrite.tracelessByteCount == rewrite.byteCount)
  }

  @Test func `hot keys keep their counts among many cold ones`() throws {
    var random = RepeatableRandom(seed: 4)
    var bytes: [UInt8] = []
    var truth: [String: Int] = [:]
    for number in 0..<60_000 {
      // Key h<i> gets a share of 1 in 2^(i+3).
      let draw = Int.random(in: 0..<1024, using: &random)
      let key = draw < 256 ? "h\((draw | 1).leadingZeroBitCount)" : "cold:\(number)"
      truth[key, default: 0] += 1
      bytes += commands("SET \(key) 1")
    }
    let holder = try statistics(of: bytes)
    let error = holder.statistics.hotKeys.error
    #expect(error > 0)
    #expect(error < 60_000 / 4096)
    let top = holder.statistics.hotKeys.top(6)
    let expected = truth.sorted { $0.value > $1.value }.prefix(6)
    #expect(top.map { String(decoding: $0.key, as: UTF8.self) } == expected.map(\.key))
    for (found, real) in zip(top, expected) {
      #expect(found.touches <= real.value)
      #expect(found.touches + error >= real.value)
    }
  }

  @Test func `a sample of the keys tells their number and what is left of them`() throws {
    var bytes: [UInt8] = []
    var live = 0
    let count = 40_000
    for number in 0..<count { bytes += commands("SET key:\(number) first") }
    for number in 0..<count where number % 2 == 0 {
      bytes += commands("SET key:\(number) second")
    }
    for number in 0..<count {
      live += Self.size("SET key:\(number) " + (number % 2 == 0 ? "second" : "first"))
    }
    var options = AOFStatistics.Options()
    options.ledgerSlotCountMax = 1 << 13
    let rewrite = try statistics(of: bytes, options).statistics.estimateRewrite()
    #expect(rewrite.scale == 8)
    #expect(abs(Double(rewrite.keyCount) / Double(count) - 1) < 4 * rewrite.keyCountError)
    #expect(abs(Double(rewrite.liveByteCount) / Double(live) - 1) < 0.1)
    #expect(try statistics(of: bytes).statistics.estimateRewrite().liveByteCount == live)
  }

  @Test func `a key is another one in each database`() throws {
    let lines = ["SET hot 1", "SELECT 3", "SET hot 1", "SET hot 1"]
    let holder = try statistics(of: lines.flatMap { commands($0) })
    let top = holder.statistics.hotKeys.top(3)
    #expect(top.map(\.database) == [3, 0])
    #expect(top.map(\.touches) == [2, 1])
    #expect(holder.statistics.estimateRewrite().keyCount == 2)
  }

  @Test(arguments: ["customer:", "k", "order:", "session:0000", "a-long-name-of-a-key:"])
  func `keys that differ by digits are sampled evenly`(_ front: String) throws {
    var options = AOFStatistics.Options()
    options.ledgerSlotCountMax = 1 << 12
    var bytes: [UInt8] = []
    let count = 60_000
    for number in 0..<count { bytes += commands("INCR \(front)\(number)") }
    let rewrite = try statistics(of: bytes, options).statistics.estimateRewrite()
    #expect(rewrite.scale > 8)
    #expect(abs(Double(rewrite.keyCount) / Double(count) - 1) < 4 * rewrite.keyCountError)
  }

  @Test func `more prefixes than places leave the sums right and the large ones`() throws {
    var bytes: [UInt8] = []
    for number in 0..<30_000 {
      bytes += commands("SET p\(number):x 1")
      if number % 3 == 0 { bytes += commands("SET large:\(number) 1") }
    }
    let holder = try statistics(of: bytes)
    let isComplete = holder.statistics.prefixes.isComplete
    #expect(!isComplete)
    let sorted = holder.statistics.prefixes.sorted
    #expect(sorted[0].prefix == Array("large:".utf8))
    #expect(sorted[0].touches == 10_000)
    let others = holder.statistics.prefixes.others
    #expect(sorted.reduce(others.touches) { $0 + $1.touches } == 40_000)
    #expect(sorted.reduce(others.byteCount) { $0 + $1.byteCount } == bytes.count)
  }

  @Test func `depth and delimiters cut keys where they are told to`() throws {
    var options = AOFStatistics.Options()
    options.delimiters = Array(":.".utf8)
    options.depth = 2
    let holder = try statistics(
      of: commands("SET a:b.c 1", "SET a:b 1", "SET a.b.c.d 1", "SET ab 1"), options)
    let prefixes = holder.statistics.prefixes.sorted.map {
      String(decoding: $0.prefix, as: UTF8.self)
    }
    #expect(Set(prefixes) == ["a:b.", "a:", "a.b.", ""])
  }

  @Test func `stretches of time lengthen and lose nothing`() throws {
    var times = TimeBuckets(seconds: 1, countMax: 200)
    for second in 0..<5000 { times.add(Int64(second), byteCount: 2) }
    times.add(nil, byteCount: 7)
    let sorted = times.sorted
    #expect(sorted.count <= 200)
    #expect(sorted.reduce(0) { $0 + $1.commands } == 5000)
    #expect(sorted.allSatisfy { $0.start % 30 == 0 })
    #expect(times.untimed.byteCount == 7)
    let short = times.condensed(to: 10)
    #expect(short.sorted.count <= 10)
    #expect(short.sorted.reduce(0) { $0 + $1.byteCount } == 10_000)
    var extreme = TimeBuckets(seconds: 1, countMax: 200)
    for step in 0..<1000 { extreme.add(.min + Int64(step) * (.max / 1000), byteCount: 1) }
    for time in [Int64.min, .max, 0, .max - 1] { extreme.add(time, byteCount: 1) }
    #expect(extreme.sorted.reduce(0) { $0 + $1.commands } == 1004)
  }

  @Test func `the largest commands come with their places`() throws {
    var options = AOFStatistics.Options()
    options.top = 2
    let bytes = commands("SET a 12345", "SET b 1", "SET c 1234567", "SET d 12345")
    let largest = try statistics(of: bytes, options).statistics.largest.entries
    #expect(largest.map { $0.key.map { String(decoding: $0, as: UTF8.self) } } == ["c", "a"])
    #expect(largest.map(\.index) == [3, 1])
    #expect(largest.map(\.offset) == [Self.size("SET a 12345") + Self.size("SET b 1"), 0])
  }

  @Test(arguments: AOFCorpusCase.all)
  func `corpus files add up as a plain count has it`(_ example: AOFCorpusCase) throws {
    for file in try example.loadedFiles() {
      let bytes = try readBytes(file)
      guard bytes.first == UInt8(ascii: "*") || bytes.first == UInt8(ascii: "#"),
        let plain = splitCommands(bytes[...])
      else { continue }
      let holder = try statistics(of: bytes)
      #expect(holder.statistics.total.commands == plain.count)
      #expect(holder.statistics.total.byteCount == plain.reduce(0) { $0 + $1.count })
      var counts: [String: Int] = [:]
      for command in plain {
        let lines = command.split(separator: 0x0A, maxSplits: 3)
        let name = String(decoding: lines[2].dropLast(), as: UTF8.self).uppercased()
        counts[name, default: 0] += 1
      }
      let found = holder.statistics.commands.map { ($0.name ?? "", $0.tally.commands) }
      #expect(Dictionary(uniqueKeysWithValues: found) == counts)
      let prefixes = holder.statistics.prefixes.sorted
      #expect(
        prefixes.reduce(holder.statistics.keyless.byteCount) { $0 + $1.byteCount }
          == holder.statistics.total.byteCount)
    }
  }
}
