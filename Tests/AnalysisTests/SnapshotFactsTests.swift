import RDB
import TestSupport
import Testing

@testable import Analysis

@Suite struct SnapshotFactsTests {
  private func facts(_ snapshot: [UInt8]) throws -> SnapshotFacts {
    var facts = SnapshotFacts()
    facts.append(try scan(snapshot, FactsHandler()) { $0 })
    return facts
  }

  @Test func `the writer and its clock come from AUX fields`() throws {
    var builder = SnapshotBuilder()
    builder.aux("redis-ver", "7.2.4")
    builder.aux("ctime", "1700000000")
    builder.aux("Valkey-Ver", "8.0.1")
    let facts = try facts(builder.finished)
    #expect(facts.writer?.description == "valkey:8.0.1")
    #expect(facts.creationTime == 1_700_000_000)
    #expect(facts.aux.count == 3)
  }

  @Test func `a file that does not say its writer has none`() throws {
    var builder = SnapshotBuilder()
    builder.aux("redis-ver", "no version")
    let facts = try facts(builder.finished)
    #expect(facts.writer == nil)
    #expect(facts.creationTime == nil)
  }

  @Test func `slot hints come from both forms`() throws {
    var builder = SnapshotBuilder("REDIS0012")
    builder.raw([244, 7, 2, 1])
    builder.aux("slot-info", "119,1,1,0")
    builder.aux("slot-info", "nonsense")
    let facts = try facts(builder.finished)
    #expect(
      facts.slotHints == [
        SnapshotFacts.SlotHint(slot: 7, keys: 2, expires: 1),
        SnapshotFacts.SlotHint(slot: 119, keys: 1, expires: 1),
      ])
  }

  @Test func `a size hint at the front of a chunk belongs to the database before it`() {
    var first = SnapshotFacts()
    first.add(.selectDatabase(5))
    var second = SnapshotFacts()
    second.add(.resizeDatabase(keys: 3, expires: 1))
    var whole = SnapshotFacts()
    whole.append(first)
    whole.append(second)
    #expect(whole.sizeHints == [SnapshotFacts.SizeHint(database: 5, keys: 3, expires: 1)])
  }
}
