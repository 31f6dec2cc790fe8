import RDB
import TestSupport
import Testing

@testable import Analysis

@Suite struct SnapshotStatisticsTests {
  static let nowMs: Int64 = 1_000_000
  static let hourMs: Int64 = 3_600_000

  private func statistics(_ snapshot: [UInt8], top: Int = 10) throws -> SnapshotStatistics {
    let empty = SnapshotStatistics(nowMs: Self.nowMs, topCount: top)
    let everything = KeyGate(KeySelection(nowMs: Self.nowMs), KeyGateState(limit: nil))
    var total = empty
    total.merge(try scan(snapshot, StatisticsHandler(empty, everything)) { $0.statistics })
    return total
  }

  @Test func `keys are counted by database, type, encoding and expiry`() throws {
    var builder = SnapshotBuilder()
    builder.select(1)
    builder.key("raw", "abc")
    builder.raw([0])
    builder.string("int".utf8)
    builder.raw([0xC0, 7])
    builder.select(0)
    builder.list("list", ["a", "b", "c"], expireAtMs: Self.nowMs - 1)
    builder.key("soon", "", expireAtMs: Self.nowMs)
    let statistics = try statistics(builder.finished)

    #expect(statistics.total.keys == 4)
    #expect(statistics.total.expires == 2)
    #expect(statistics.total.elements == 6)
    // 4 bytes of "abc", 2 of the integer, 7 of the list, 1 of the empty string.
    #expect(statistics.total.valueByteCount == 14)
    // Types 4, keys 4 + 4 + 5 + 5, two expiries of 9.
    #expect(statistics.total.recordByteCount == 14 + 4 + 18 + 18)
    #expect(statistics.databases.map(\.database) == [0, 1])
    #expect(statistics.databases.map(\.tally.keys) == [2, 2])
    #expect(statistics.byKind.map(\.kind) == [.string, .list])
    #expect(statistics.byKind.map(\.tally.keys) == [3, 1])
    #expect(statistics.byEncoding.map(\.encoding) == ["int", "raw", "linkedlist"])
    #expect(statistics.byExpiry.map(\.expiry) == [.none, .expired, .hour])
    #expect(statistics.byExpiry.map(\.tally.keys) == [2, 1, 1])
  }

  /// Time left and the class it falls into.
  struct Span: Sendable {
    let leftMs: Int64
    let expected: ExpiryClass
  }

  @Test(arguments: [
    Span(leftMs: -1, expected: .expired), Span(leftMs: 0, expected: .hour),
    Span(leftMs: hourMs - 1, expected: .hour), Span(leftMs: hourMs, expected: .day),
    Span(leftMs: 24 * hourMs, expected: .week), Span(leftMs: 7 * 24 * hourMs, expected: .month),
    Span(leftMs: 30 * 24 * hourMs, expected: .later),
  ])
  func `the time left decides the class of an expiry`(_ span: Span) {
    #expect(ExpiryClass(Self.nowMs + span.leftMs, nowMs: Self.nowMs) == span.expected)
  }

  @Test func `absurd expiries have a class`() {
    #expect(ExpiryClass(.max, nowMs: -1) == .later)
    #expect(ExpiryClass(.min, nowMs: .max) == .expired)
    #expect(ExpiryClass(nil, nowMs: 0) == .none)
  }

  @Test func `bytes that families use differently are told apart`() throws {
    // Type 22 under Valkey's magic: a hash with one field, value and no expiry (-1).
    var valkey = SnapshotBuilder("VALKEY080")
    valkey.raw([22])
    valkey.string("h".utf8)
    valkey.raw([1])
    valkey.string("f".utf8)
    valkey.string("v".utf8)
    valkey.raw([UInt8](repeating: 0xFF, count: 8))
    let statistics = try statistics(valkey.finished)
    #expect(statistics.byEncoding.map(\.encoding) == ["hash2"])
    #expect(statistics.total.elements == 1)
  }

  @Test func `very many databases share one tally in the end`() {
    var tallies = DatabaseTallies()
    var one = KeyTally()
    one.keys = 1
    for database in 0..<(DatabaseTallies.countMax + 3) { tallies.add(one, to: database) }
    tallies.add(one, to: 5)
    #expect(tallies.sorted.count == DatabaseTallies.countMax)
    #expect(tallies.overflow.keys == 3)
    #expect(tallies.sorted[5].tally.keys == 2)
  }

  @Test(arguments: CorpusCase.all)
  func `all keys of a real snapshot are counted`(_ snapshot: CorpusCase) throws {
    let layout = try snapshot.layout()
    let statistics = try statistics(try snapshot.bytes(), top: 3)
    #expect(statistics.total.keys == layout["keys"]?.int)
    #expect(statistics.byKind.reduce(0) { $0 + $1.tally.keys } == statistics.total.keys)
    #expect(statistics.databases.reduce(0) { $0 + $1.tally.keys } == statistics.total.keys)
    #expect(statistics.largestByBytes.entries.count == min(3, statistics.total.keys))
  }
}
