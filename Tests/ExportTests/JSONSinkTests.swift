import Export
import RedisCodecs
import RedisModel
import Testing

@testable import RDB

struct JSONSinkTests {
  /// A key, the events of its value, and the members of its line behind `rdbType`.
  struct Case: CustomTestStringConvertible {
    var name: String
    var byte: UInt8
    var family = RDBFamily.redis
    var members: String
    var drive: @Sendable (inout JSONSink) -> Void
    var testDescription: String { name }
  }

  static let collections = [
    Case(name: "string", byte: 0, members: #"0,"value":"v","encoding":"raw""#) {
      $0.string(Element("v"))
    },
    Case(name: "string of an integer", byte: 0, members: #"0,"value":"-12","encoding":"int""#) {
      $0.string(Element(integer: -12))
    },
    Case(name: "list", byte: 18, members: #"18,"value":["a","7"]"#) {
      $0.element(Element("a"))
      $0.element(Element(integer: 7))
    },
    Case(name: "empty list", byte: 1, members: #"1,"value":[]"#) { _ in },
    Case(
      name: "set with bytes that are no text", byte: 2, members: #"2,"value":["\u0000b64:/w=="]"#
    ) { sink in
      let byte: [UInt8] = [0xFF]
      byte.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { sink.element(Element(start: start, count: 1)) }
      }
    },
    Case(
      name: "zset", byte: 5,
      members: #"5,"value":[["a",1],["b",0.1],["c","inf"],["d","-inf"],["e",-0.0]]"#
    ) {
      $0.member(Element("a"), score: 1)
      $0.member(Element("b"), score: 0.1)
      $0.member(Element("c"), score: .infinity)
      $0.member(Element("d"), score: -.infinity)
      $0.member(Element("e"), score: -0.0)
    },
    Case(name: "hash", byte: 16, members: #"16,"value":{"f":"v","1":"2"}"#) {
      $0.field(Element("f"), Element("v"), expireAtMs: nil)
      $0.field(Element(integer: 1), Element(integer: 2), expireAtMs: nil)
    },
    Case(name: "empty hash", byte: 4, members: #"4,"value":{}"#) { _ in },
    Case(
      name: "hash with field expiry", byte: 25,
      members: #"25,"value":{"a":"1","b":"2","c":"3"},"fieldExpireAtMs":{"a":5,"c":-6}"#
    ) {
      $0.field(Element("a"), Element("1"), expireAtMs: 5)
      $0.field(Element("b"), Element("2"), expireAtMs: nil)
      $0.field(Element("c"), Element("3"), expireAtMs: -6)
    },
    Case(
      name: "path hash", byte: 23, family: .valkey,
      members: #"23,"value":[["","f","v"],["p","g","w"]]"#
    ) {
      $0.pathField(path: Element(""), field: Element("f"), value: Element("v"))
      $0.pathField(path: Element("p"), field: Element("g"), value: Element("w"))
    },
    Case(
      name: "array", byte: 28,
      members: #"28,"value":{"insertIndex":9,"elements":[[0,"a"],[7,"1.5"]]}"#
    ) {
      $0.array(count: 2, insertIndex: 9)
      $0.arrayElement(index: 0, Element("a"), tag: .smallString)
      $0.arrayElement(index: 7, Element("1.5"), tag: .float)
    },
    Case(
      name: "module", byte: 7,
      members: #"7,"value":{"module":"AAAAAAAAB","version":3,"parts":"#
        + #"[["int",-1],["uint",1],["float",0.5],["double","nan"],["string","s"]]}"#
    ) {
      $0.module(name: ModuleName(id: 1 << 10 | 3), version: 3)
      $0.modulePart(.signed(-1))
      $0.modulePart(.unsigned(1))
      $0.modulePart(.float(0.5))
      $0.modulePart(.double(.nan))
      $0.modulePart(.string(Element("s")))
    },
    Case(name: "rate limiter", byte: 33, members: #"33,"value":12"#) { $0.gcra(12) },
    Case(
      name: "cron job", byte: 64,
      members:
        #"64,"value":{"script":"s","startMs":1,"intervalMs":2,"keys":["k"],"arguments":["a","b"]}"#
    ) {
      $0.cron(script: Element("s"), startMs: 1, intervalMs: 2, keyCount: 1, argumentCount: 2)
      $0.element(Element("k"))
      $0.element(Element("a"))
      $0.element(Element("b"))
    },
    Case(
      name: "cron job without keys and arguments", byte: 64,
      members: #"64,"value":{"script":"s","startMs":1,"intervalMs":2,"keys":[],"arguments":[]}"#
    ) {
      $0.cron(script: Element("s"), startMs: 1, intervalMs: 2, keyCount: 0, argumentCount: 0)
    },
  ]

  static let streams = [
    Case(
      name: "stream without entries, of Redis 5", byte: 15,
      members: #"15,"value":{"entries":[],"length":0,"lastId":"0-0","groups":[]}"#
    ) {
      $0.streamMetadata(StreamMetadata(length: 0, lastID: .zero))
    },
    Case(
      name: "stream with groups", byte: 21,
      members: #"21,"value":{"entries":[{"id":"1-0","fields":[["f","v"],["g","w"]]},"#
        + #"{"id":"2-1","fields":[]}],"length":2,"lastId":"2-1","firstId":"1-0","#
        + #""maxDeletedId":"0-0","entriesAdded":2,"groups":["#
        + #"{"name":"g","lastDeliveredId":"2-1","entriesRead":-1,"consumers":["#
        + #"{"name":"a","seenAtMs":10,"activeAtMs":-1,"pending":["1-0","2-1"]},"#
        + #"{"name":"b","seenAtMs":11,"pending":[]}],"#
        + #""pending":[{"id":"1-0","consumer":"a","deliveredAtMs":12,"deliveries":3},"#
        + #"{"id":"2-1","consumer":"a","deliveredAtMs":13,"deliveries":1}]},"#
        + #"{"name":"h","lastDeliveredId":"0-0","consumers":[],"pending":[]}]}"#
    ) {
      $0.streamEntry(StreamID(1), fieldCount: 2)
      $0.streamField(Element("f"), Element("v"))
      $0.streamField(Element("g"), Element("w"))
      $0.streamEntry(StreamID(2, 1), fieldCount: 0)
      $0.streamMetadata(
        StreamMetadata(
          length: 2, lastID: StreamID(2, 1), firstID: StreamID(1), maxDeletedID: .zero,
          entriesAdded: 2))
      $0.group(
        StreamGroup(
          name: Element("g"), lastDeliveredID: StreamID(2, 1), entriesRead: -1, pendingCount: 2))
      $0.consumer(
        StreamConsumer(name: Element("a"), seenAtMs: 10, activeAtMs: -1, pendingCount: 2))
      $0.consumerPending(StreamID(1))
      $0.consumerPending(StreamID(2, 1))
      $0.consumer(
        StreamConsumer(name: Element("b"), seenAtMs: 11, activeAtMs: nil, pendingCount: 0))
      $0.pending(
        StreamPending(
          id: StreamID(1), consumer: Element("a"), deliveredAtMs: 12, deliveryCount: 3))
      $0.pending(
        StreamPending(
          id: StreamID(2, 1), consumer: Element("a"), deliveredAtMs: 13, deliveryCount: 1))
      $0.groupEnd()
      $0.group(
        StreamGroup(
          name: Element("h"), lastDeliveredID: .zero, entriesRead: nil, pendingCount: 0))
      $0.groupEnd()
    },
    Case(
      name: "stream with entries without owner and idempotent producers", byte: 27,
      members: #"27,"value":{"entries":[],"length":0,"lastId":"3-0","groups":["#
        + #"{"name":"g","lastDeliveredId":"3-0","entriesRead":1,"consumers":[],"#
        + #""pending":[{"id":"3-0","deliveredAtMs":0,"deliveries":2}],"nack":["3-0"]}],"#
        + #""idmp":{"durationSeconds":100,"entriesMax":50,"producers":["#
        + #"{"name":"p","messages":[["m","3-0"]]},{"name":"q","messages":[]}],"#
        + #""added":4,"duplicates":5}}"#
    ) {
      $0.streamMetadata(StreamMetadata(length: 0, lastID: StreamID(3)))
      $0.group(
        StreamGroup(
          name: Element("g"), lastDeliveredID: StreamID(3), entriesRead: 1, pendingCount: 1))
      $0.pending(
        StreamPending(id: StreamID(3), consumer: nil, deliveredAtMs: 0, deliveryCount: 2))
      $0.nack(StreamID(3))
      $0.groupEnd()
      $0.idmp(StreamIDMP(durationSeconds: 100, entriesMax: 50, producerCount: 2))
      $0.idmpProducer(Element("p"), count: 1)
      $0.idmpMessage(Element("m"), StreamID(3))
      $0.idmpProducer(Element("q"), count: 0)
      $0.idmpEnd(added: 4, duplicates: 5)
    },
  ]

  @Test(arguments: collections + streams)
  func `a value takes the shape of its type`(_ test: Case) throws {
    let output = Output()
    var sink = JSONSink { output.take($0) }
    let header = try #require(KeyHeader("k", test.byte, family: test.family))
    sink.beginKey(header, slot: nil, isExpired: false)
    test.drive(&sink)
    sink.endKey()
    sink.finish()
    var front = #"{"db":0,"key":"k","type":"\#(header.type.kind.name)""#
    if header.type.kind != .string { front += #","encoding":"\#(header.type.encodingName)""# }
    #expect(output.text == front + #","rdbType":"# + test.members + "}\n")
  }

  @Test func `attributes stand before the value`() throws {
    let output = Output()
    var sink = JSONSink { output.take($0) }
    let metadata = KeyMetadata(
      className: "abcd", version: 1, flags: 1, parts: [.unsigned(1), .string([0x41])])
    let header = try #require(
      KeyHeader(
        "k", 0, database: 3, expireAtMs: 4, idleSeconds: 5, lfu: 6, metadata: [metadata]))
    sink.beginKey(header, slot: 16383, isExpired: true)
    sink.string(Element("v"))
    sink.endKey(stringEncoding: .lzf)
    sink.finish()
    #expect(
      output.text
        == #"{"db":3,"key":"k","type":"string","rdbType":0,"expireAtMs":4,"expired":true,"#
        + #""idleSeconds":5,"lfu":6,"slot":16383,"metadata":[{"class":"abcd","version":1,"#
        + #""flags":1,"parts":[["uint",1],["string","A"]]}],"value":"v","encoding":"lzf"}"#
        + "\n")
  }

  @Test func `an array is one document, empty or not`() throws {
    let output = Output()
    var sink = JSONSink(layout: .array, hasValues: false) { output.take($0) }
    let header = try #require(KeyHeader("k", 0))
    for _ in 0..<2 {
      sink.beginKey(header, slot: nil, isExpired: false)
      sink.endKey()
    }
    sink.finish()
    let line = #"{"db":0,"key":"k","type":"string","rdbType":0}"#
    #expect(output.text == "[\n\(line),\n\(line)\n]\n")

    let nothing = Output()
    var empty = JSONSink(layout: .array) { nothing.take($0) }
    empty.finish()
    #expect(nothing.text == "[]\n")
  }

  @Test func `a key that breaks off leaves no trace while it is in the buffer`() throws {
    let output = Output()
    var sink = JSONSink(layout: .array) { output.take($0) }
    let header = try #require(KeyHeader("k", 25))
    sink.beginKey(header, slot: nil, isExpired: false)
    sink.field(Element("f"), Element("v"), expireAtMs: 1)
    let first = sink.abandonKey()
    #expect(first)
    sink.beginKey(header, slot: nil, isExpired: false)
    sink.endKey()
    sink.beginKey(header, slot: nil, isExpired: false)
    let second = sink.abandonKey()
    #expect(second)
    sink.finish()
    #expect(
      output.text
        == "[\n"
        + #"{"db":0,"key":"k","type":"hash","encoding":"listpackex","rdbType":25,"value":{}}"#
        + "\n]\n")
  }

  @Test func `a key that has left the buffer cannot be taken back`() throws {
    let output = Output()
    var sink = JSONSink(capacity: 64) { output.take($0) }
    let header = try #require(KeyHeader("k", 1))
    sink.beginKey(header, slot: nil, isExpired: false)
    for _ in 0..<100 { sink.element(Element("element")) }
    let isGone = sink.abandonKey()
    #expect(!isGone)
    sink.finish()
    #expect(output.text.hasSuffix("\n"))
  }
}
