import Export
import RedisCodecs
import RedisModel
import Testing

@testable import RDB

struct RESPStreamTests {
  /// A group's pending id, and nothing else about it that matters.
  static func pending(_ id: UInt64, _ count: UInt64 = 1) -> StreamPending {
    StreamPending(
      id: StreamID(id), consumer: Element("c"), deliveredAtMs: 9, deliveryCount: count)
  }

  struct Case: CustomTestStringConvertible {
    var name: String
    var byte: UInt8 = 21
    var target = RESPTarget(ServerVersion(.redis, 7, 0, 0))
    var live: [UInt64] = []
    var last: UInt64
    var maxDeleted: UInt64?
    var added: UInt64?
    var entriesRead: Int64?
    /// `nil` for a stream without groups.
    var pending: [UInt64]?
    var lines: [String]
    var testDescription: String { name }
  }

  static let older = RESPTarget(ServerVersion(.redis, 5, 0, 0))

  static let cases = [
    Case(
      name: "entries only", live: [1, 2], last: 2, maxDeleted: 0, added: 2,
      lines: [
        "XADD k 1-0 f v", "XADD k 2-0 f v", "XSETID k 2-0 ENTRIESADDED 2 MAXDELETEDID 0-0",
      ]),
    Case(
      name: "never used", last: 0, maxDeleted: 0, added: 0,
      lines: [
        "XADD k MAXLEN 0 0-1 x y", "XSETID k 0-0 ENTRIESADDED 0 MAXDELETEDID 0-0",
      ]),
    Case(
      name: "emptied, for Redis 5", target: older, last: 7, maxDeleted: 7, added: 3,
      lines: ["XADD k MAXLEN 0 7-0 x y", "XSETID k 7-0"]),
    Case(
      name: "pending entries that are there", live: [1, 2], last: 2, maxDeleted: 0, added: 2,
      entriesRead: 2, pending: [1, 2],
      lines: [
        "XADD k 1-0 f v", "XADD k 2-0 f v", "XSETID k 2-0 ENTRIESADDED 2 MAXDELETEDID 0-0",
        "XGROUP CREATE k g 2-0 ENTRIESREAD 2",
        "XCLAIM k g c 0 1-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
        "XCLAIM k g c 0 2-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
      ]),
    Case(
      name: "pending entries that are gone", live: [2, 4], last: 5, maxDeleted: 3, added: 9,
      entriesRead: -1, pending: [1, 3, 4, 5],
      lines: [
        "XADD k 1-0 x y", "XADD k 2-0 f v", "XADD k 3-0 x y", "XADD k 4-0 f v", "XADD k 5-0 x y",
        "XSETID k 5-0 ENTRIESADDED 9 MAXDELETEDID 3-0", "XGROUP CREATE k g 5-0 ENTRIESREAD -1",
        "XCLAIM k g c 0 1-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
        "XCLAIM k g c 0 3-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
        "XCLAIM k g c 0 4-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
        "XCLAIM k g c 0 5-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE", "XDEL k 3-0 5-0",
        "XTRIM k MAXLEN 2", "XSETID k 5-0 ENTRIESADDED 9 MAXDELETEDID 3-0",
      ]),
    Case(
      name: "nothing but pending entries that are gone", last: 2, maxDeleted: 0, added: 2,
      entriesRead: 2, pending: [1],
      lines: [
        "XADD k 1-0 x y", "XSETID k 2-0 ENTRIESADDED 2 MAXDELETEDID 0-0",
        "XGROUP CREATE k g 2-0 ENTRIESREAD 2",
        "XCLAIM k g c 0 1-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE", "XTRIM k MAXLEN 0",
        "XSETID k 2-0 ENTRIESADDED 2 MAXDELETEDID 0-0",
      ]),
    Case(
      name: "of Redis 6, whose counters a server derives", byte: 15, live: [1, 2], last: 2,
      pending: [],
      lines: [
        "XADD k 1-0 f v", "XADD k 2-0 f v", "XSETID k 2-0 ENTRIESADDED 2 MAXDELETEDID 0-0",
        "XGROUP CREATE k g 2-0 ENTRIESREAD 2",
      ]),
    Case(
      name: "group for Redis 5", target: older, live: [1], last: 1, maxDeleted: 0, added: 1,
      entriesRead: 1, pending: [1],
      lines: [
        "XADD k 1-0 f v", "XSETID k 1-0", "XGROUP CREATE k g 1-0",
        "XCLAIM k g c 0 1-0 TIME 9 RETRYCOUNT 1 JUSTID FORCE",
      ]),
  ]

  @Test(arguments: cases)
  func `a stream is rebuilt with what its groups refer to`(_ test: Case) throws {
    let output = Output()
    var sink = RESPSink(target: test.target, nowMs: 0) { output.take($0) }
    let header = try #require(KeyHeader("k", test.byte))
    // Twice, so that nothing of the first stream is left in the second.
    for _ in 0..<2 {
      _ = sink.beginKey(header)
      for id in test.live {
        sink.streamEntry(StreamID(id), fieldCount: 1)
        sink.streamField(Element("f"), Element("v"))
      }
      sink.streamMetadata(
        StreamMetadata(
          length: UInt64(test.live.count), lastID: StreamID(test.last),
          maxDeletedID: test.maxDeleted.map { StreamID($0) }, entriesAdded: test.added))
      if let pending = test.pending {
        sink.group(
          StreamGroup(
            name: Element("g"), lastDeliveredID: StreamID(test.last),
            entriesRead: test.entriesRead, pendingCount: pending.count))
        for id in pending { sink.pending(Self.pending(id)) }
        sink.groupEnd()
      }
      _ = sink.endKey()
    }
    sink.finish()
    #expect(output.lines == ["SELECT 0"] + test.lines + test.lines)
    #expect(sink.leftOut.isEmpty)
  }

  @Test func `idle consumers are made as the target allows`() throws {
    for (target, line) in [
      (RESPTarget(ServerVersion(.redis, 6, 2, 0)), "XGROUP CREATECONSUMER k g c"),
      (Self.older, "XREADGROUP GROUP g c STREAMS k 0"),
    ] {
      let output = Output()
      var sink = RESPSink(target: target, nowMs: 0) { output.take($0) }
      _ = sink.beginKey(try #require(KeyHeader("k", 21, expireAtMs: 5)))
      sink.streamMetadata(StreamMetadata(length: 0, lastID: StreamID(1)))
      sink.group(
        StreamGroup(
          name: Element("g"), lastDeliveredID: .zero, entriesRead: nil, pendingCount: 0))
      sink.consumer(
        StreamConsumer(name: Element("c"), seenAtMs: 1, activeAtMs: nil, pendingCount: 0))
      sink.groupEnd()
      _ = sink.endKey()
      sink.finish()
      #expect(
        output.lines == [
          "SELECT 0", "XADD k MAXLEN 0 1-0 x y", "XSETID k 1-0", "XGROUP CREATE k g 0-0", line,
          "PEXPIREAT k 5",
        ])
    }
  }

  @Test func `what only a payload carries asks for one, else goes by commands or is counted`()
    throws
  {
    struct Expectation {
      var major: Int
      var minor: Int
      var hasPayload: Bool
      var outcome: RESPSink.Outcome
      var reasons: [LeftOut.Reason]
      var settings: [String]
    }
    for test in [
      Expectation(
        major: 8, minor: 8, hasPayload: true, outcome: .needsPayload, reasons: [], settings: []),
      Expectation(
        major: 8, minor: 6, hasPayload: true, outcome: .done, reasons: [.nack],
        settings: ["XCFGSET k IDMP-DURATION 60 IDMP-MAXSIZE 100", "XIDMPRECORD k p m 1-0"]),
      Expectation(
        major: 7, minor: 2, hasPayload: true, outcome: .done, reasons: [.nack, .idmp],
        settings: []),
    ] {
      let output = Output()
      let target = RESPTarget(ServerVersion(.redis, test.major, test.minor, 0))
      var sink = RESPSink(target: target, nowMs: 0) { output.take($0) }
      _ = sink.beginKey(try #require(KeyHeader("k", 27)))
      sink.streamMetadata(StreamMetadata(length: 0, lastID: StreamID(1)))
      sink.group(
        StreamGroup(
          name: Element("g"), lastDeliveredID: .zero, entriesRead: 0, pendingCount: 1))
      sink.pending(
        StreamPending(id: StreamID(1), consumer: nil, deliveredAtMs: 0, deliveryCount: 1))
      sink.nack(StreamID(1))
      sink.groupEnd()
      sink.idmp(StreamIDMP(durationSeconds: 60, entriesMax: 100, producerCount: 1))
      sink.idmpProducer(Element("p"), count: 1)
      sink.idmpMessage(Element("m"), StreamID(1))
      sink.idmpEnd(added: 1, duplicates: 0)
      let outcome = sink.endKey(hasPayload: test.hasPayload)
      #expect(outcome == test.outcome)
      sink.finish()
      let lines = try #require(output.lines)
      #expect(lines.filter { $0.hasPrefix("XCFGSET") || $0.hasPrefix("XIDMP") } == test.settings)
      if outcome == .needsPayload { #expect(lines == ["SELECT 0"]) }
      let reasons = sink.leftOut.items.map(\.reason)
      #expect(reasons == test.reasons)
    }
  }
}
