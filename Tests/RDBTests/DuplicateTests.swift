import ByteKit
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// What stands twice in one collection or database is found, and nothing else is.
@Suite struct DuplicateTests {
  /// The number of the first element that stands twice among `texts`, as the finder tells.
  private func first(
    _ texts: [String], _ finder: inout DuplicateFinder, spaces: [UInt64] = [0]
  ) -> Int? {
    finder.begin()
    for (index, text) in texts.enumerated() {
      Array(text.utf8).withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        finder.insert(
          Element(start: start, count: bytes.count), space: spaces[index % spaces.count])
      }
    }
    return finder.finish()
  }

  /// `count` texts that are all different, with much in common.
  private func distinct(_ count: Int) -> [String] {
    (0..<count).map { index in
      switch index % 3 {
      case 0: "the same long beginning of all of them \(index)"
      case 1: "\(index) and the same long end of all of them"
      default: "\(index)"
      }
    }
  }

  @Test func `in small collections a duplicate is found at every place`() {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: 1 << 20)
    for count in 2...40 {
      let texts = distinct(count)
      #expect(first(texts, &finder) == nil, "\(count)")
      for later in 1..<count {
        for earlier in 0..<later {
          var damaged = texts
          damaged[later] = texts[earlier]
          #expect(first(damaged, &finder) == later + 1, "\(earlier), \(later) of \(count)")
        }
      }
    }
  }

  @Test(arguments: [0, 1 << 20, 128 << 20])
  func `beyond the table a duplicate is found too`(_ memoryByteCountMax: Int) {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: memoryByteCountMax)
    for count in [65_535, 65_536, 65_537, 65_538, 131_073] {
      let texts = distinct(count)
      #expect(first(texts, &finder) == nil, "\(count)")
      for (earlier, later) in [(0, count - 1), (count - 2, count - 1), (7, 8), (65_533, 65_534)] {
        var damaged = texts
        damaged[later] = texts[earlier]
        #expect(first(damaged, &finder) == later + 1, "\(earlier), \(later) of \(count)")
      }
    }
    #expect(finder.failure == nil)
  }

  @Test(arguments: [0, 128 << 20])
  func `of several duplicates the first is told`(_ memoryByteCountMax: Int) {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: memoryByteCountMax)
    var texts = distinct(70_000)
    for index in 69_000..<70_000 { texts[index] = texts[index % 2] }
    #expect(first(texts, &finder) == 69_001)
    texts[68_000] = texts[0]
    #expect(first(texts, &finder) == 68_001)
  }

  @Test(arguments: [0, 1 << 20])
  func `200,000 different members are no duplicates`(_ memoryByteCountMax: Int) {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: memoryByteCountMax)
    #expect(first(distinct(200_000), &finder) == nil)
    #expect(first(distinct(9), &finder) == nil, "nothing is left of the collection before")
  }

  @Test func `an integer is the same member as its text`() {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: 1 << 20)
    for number: Int64 in [0, 5, -1, 1_000_000, .min, .max] {
      finder.begin()
      finder.insert(Element(integer: number))
      finder.insert(Element(integer: number &+ 1))
      let text = Array("\(number)".utf8)
      text.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return }
        finder.insert(Element(start: start, count: bytes.count))
      }
      #expect(finder.finish() == 3, "\(number)")
    }
  }

  @Test func `the same field of two paths is no duplicate`() {
    var finder = DuplicateFinder(hash: KeyedHash(), memoryByteCountMax: 1 << 20)
    #expect(first(["a", "a", "b", "b"], &finder, spaces: [1, 2]) == nil)
    #expect(first(["a", "a", "a"], &finder, spaces: [1, 2]) == 3)
  }

  // MARK: in files

  @Test(arguments: PlainCollection.allCases)
  func `collections with a duplicate are told by their keys`(_ plain: PlainCollection) throws {
    for count in [2, 8, 9, 10, 33, 300] {
      var builder = SnapshotBuilder(plain.magic)
      let members = (0..<count).map { "m\($0)" }
      builder.collection(plain, "sound", members)
      let offset = builder.bytes.count
      builder.collection(plain, "broken", members.dropLast() + ["m0"])
      builder.collection(plain, "sound too", members)
      for report in [try verify(builder.finished), try verify(throughPipe: builder.finished)] {
        if plain == .list {
          #expect(report.findings.isEmpty)
          continue
        }
        #expect(report.verdict == .bad)
        #expect(report.findings.map(\.key) == [Array("broken".utf8)], "\(plain) of \(count)")
        #expect(report.findings.first?.error.kind == .duplicate)
        #expect(report.findings.first?.recordOffset == offset)
        let message = report.findings.first?.error.message ?? ""
        #expect(message.contains("element \(count) "), "\(message)")
      }
    }
  }

  @Test func `a huge set is checked within a small budget`() throws {
    var builder = SnapshotBuilder()
    var members = (0..<150_000).map { "member \($0)" }
    builder.collection(.set, "sound", members)
    members[149_000] = members[70_000]
    builder.collection(.set, "broken", members)
    let report = try verify(builder.finished) { $0.memoryByteCountMax = 0 }
    #expect(report.findings.map(\.key) == [Array("broken".utf8)])
    #expect(report.findings.first?.error.message.contains("element 149001 ") == true)
  }

  /// A way in which a snapshot is verified.
  struct Way: Sendable, CustomTestStringConvertible {
    var threads = 1
    var memoryByteCountMax = 1 << 20
    var isPipe = false

    var testDescription: String {
      "\(isPipe ? "pipe" : "file"), \(threads) threads, \(memoryByteCountMax) bytes"
    }

    func report(_ bytes: [UInt8]) throws -> VerifyReport {
      let change = { (options: inout VerifyOptions) in
        options.scan.threads = threads
        options.scan.chunkByteCount = 4000
        options.memoryByteCountMax = memoryByteCountMax
      }
      return try isPipe ? verify(throughPipe: bytes, change) : verify(bytes, change)
    }

    static let all = [
      Way(), Way(memoryByteCountMax: 0), Way(threads: 2), Way(threads: 3),
      Way(threads: 3, memoryByteCountMax: 0), Way(isPipe: true),
      Way(memoryByteCountMax: 0, isPipe: true),
    ]
  }

  @Test(arguments: Way.all)
  func `a key that stands twice in one database is told`(_ way: Way) throws {
    var builder = SnapshotBuilder()
    builder.select(0)
    for index in 0..<20_000 { builder.key("key:\(index)", "value") }
    let second = builder.bytes.count
    builder.key("key:11", "again")
    builder.select(1)
    for index in 0..<20_000 { builder.key("key:\(index)", "value") }
    builder.select(0)
    let third = builder.bytes.count
    builder.list("key:12", ["again"])
    builder.key("key:20000", "value")
    let report = try way.report(builder.finished)
    #expect(report.verdict == .bad)
    #expect(report.findings.map(\.error.kind) == [.duplicate, .duplicate])
    #expect(report.findings.map(\.error.offset) == [second, third])
    #expect(report.findings.map(\.recordOffset) == [second, third])
    #expect(report.keyCount == 40_003)
    #expect(report.databases[0]?.keys == 20_003)
    #expect(report.databases[1]?.keys == 20_000)
    if !way.isPipe {
      #expect(report.findings.map(\.key) == ["key:11", "key:12"].map { Array($0.utf8) })
    }
  }

  @Test(arguments: Way.all)
  func `keys of different databases are no duplicates`(_ way: Way) throws {
    var builder = SnapshotBuilder()
    for database: UInt8 in 0..<20 {
      builder.select(database)
      for index in 0..<1000 { builder.key("key:\(index)", "value") }
    }
    let report = try way.report(builder.finished)
    #expect(report.verdict == .good)
    #expect(report.findings.isEmpty)
  }

  @Test(arguments: Way.all)
  func `a key that stands three times is told twice`(_ way: Way) throws {
    var builder = SnapshotBuilder()
    var offsets: [Int] = []
    for round in 0..<5 {
      offsets.append(builder.bytes.count)
      builder.key("again", "\(round)")
      for index in 0..<2000 { builder.key("key:\(round):\(index)", "value") }
    }
    let report = try way.report(builder.finished)
    #expect(report.findings.map(\.error.offset) == Array(offsets.dropFirst()))
  }

  @Test(arguments: Way.all)
  func `a data set that stands twice is bad`(_ way: Way) throws {
    var builder = SnapshotBuilder()
    for _ in 0..<2 {
      builder.select(0)
      for index in 0..<3000 { builder.key("key:\(index)", "value") }
    }
    let report = try way.report(builder.finished)
    #expect(report.verdict == .bad)
    #expect(report.duplicates.count == RDBLimits.violationsKeptMax)
  }
}
