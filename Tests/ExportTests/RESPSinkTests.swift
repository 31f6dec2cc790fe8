import Export
import RedisCodecs
import RedisModel
import Testing

@testable import RDB

struct RESPSinkTests {
  /// A key, the events of its value, the target, and the commands, arguments parted by spaces.
  struct Case: CustomTestStringConvertible {
    var name: String
    var byte: UInt8
    var family = RDBFamily.redis
    var expireAtMs: Int64?
    var target = RESPTarget(ServerVersion(.redis, 7, 0, 0))
    var lines: [String]
    var leftOut: [LeftOut.Reason] = []
    var drive: @Sendable (inout RESPSink) -> Void
    var testDescription: String { name }
  }

  static let old = RESPTarget(ServerVersion(.redis, 2, 2, 0))
  static let fieldExpiry = RESPTarget(ServerVersion(.valkey, 9, 0, 0))

  static let cases = [
    Case(name: "string", byte: 0, lines: ["SET k v"]) { $0.string(Element("v")) },
    Case(name: "integer with expiry", byte: 0, expireAtMs: 2000, lines: ["SET k -5 PXAT 2000"]) {
      $0.string(Element(integer: -5))
    },
    Case(
      name: "string with expiry for Redis 6.0", byte: 0, expireAtMs: 2000,
      target: RESPTarget(ServerVersion(.redis, 6, 0, 0)),
      lines: ["SET k v", "PEXPIREAT k 2000"]
    ) { $0.string(Element("v")) },
    Case(
      name: "seconds are rounded up for Redis 2.2", byte: 0, expireAtMs: 2001, target: old,
      lines: ["SET k v", "EXPIREAT k 3"]
    ) { $0.string(Element("v")) },
    Case(
      name: "list with expiry", byte: 18, expireAtMs: 2000,
      lines: ["RPUSH k a 7", "PEXPIREAT k 2000"]
    ) {
      $0.element(Element("a"))
      $0.element(Element(integer: 7))
    },
    Case(name: "empty list with expiry is no key", byte: 1, expireAtMs: 2000, lines: []) { _ in },
    Case(
      name: "one element a command for Redis 2.2", byte: 2, target: old,
      lines: ["SADD k a", "SADD k b"]
    ) {
      $0.element(Element("a"))
      $0.element(Element("b"))
    },
    Case(
      name: "scores read back as the same double", byte: 5,
      target: RESPTarget(ServerVersion(.redis, 6, 2, 0)),
      lines: ["ZADD k -0 z 1 a 0.1 b 0.00001 c 1e+300 d inf f -inf g 9007199254740992 h"],
      leftOut: [.nanScore]
    ) {
      $0.member(Element("z"), score: -0.0)
      $0.member(Element("a"), score: 1)
      $0.member(Element("b"), score: 0.1)
      $0.member(Element("c"), score: 1e-5)
      $0.member(Element("d"), score: 1e300)
      $0.member(Element("e"), score: .nan)
      $0.member(Element("f"), score: .infinity)
      $0.member(Element("g"), score: -.infinity)
      $0.member(Element("h"), score: 0x1p53)
    },
    Case(name: "hash", byte: 16, lines: ["HSET k f v 1 2"]) {
      $0.field(Element("f"), Element("v"), expireAtMs: nil)
      $0.field(Element(integer: 1), Element(integer: 2), expireAtMs: nil)
    },
    Case(
      name: "hash for Redis 3.2", byte: 4, target: RESPTarget(ServerVersion(.redis, 3, 2, 0)),
      lines: ["HMSET k f v"]
    ) { $0.field(Element("f"), Element("v"), expireAtMs: nil) },
    Case(
      name: "fields that expire at one moment share a command, a due one is left out", byte: 22,
      family: .valkey, target: fieldExpiry,
      lines: [
        "HSET k a 1 b 2 c 3 d 4", "HPEXPIREAT k 5000 FIELDS 2 a c", "HPEXPIREAT k 6000 FIELDS 1 d",
      ],
      leftOut: [.expiredField]
    ) {
      $0.field(Element("a"), Element("1"), expireAtMs: 5000)
      $0.field(Element("b"), Element("2"), expireAtMs: nil)
      $0.field(Element("c"), Element("3"), expireAtMs: 5000)
      $0.field(Element("x"), Element("9"), expireAtMs: 999)
      $0.field(Element("d"), Element("4"), expireAtMs: 6000)
    },
    Case(
      name: "a field loses its expiry where the target has none", byte: 25, lines: ["HSET k a 1"],
      leftOut: [.fieldExpiry]
    ) { $0.field(Element("a"), Element("1"), expireAtMs: 5000) },
  ]

  @Test(arguments: cases)
  func `a value becomes the commands of its type`(_ test: Case) throws {
    let output = Output()
    var sink = RESPSink(target: test.target, nowMs: 1000) { output.take($0) }
    let header = try #require(
      KeyHeader("k", test.byte, family: test.family, expireAtMs: test.expireAtMs))
    let route = sink.beginKey(header)
    #expect(route == .commands)
    test.drive(&sink)
    let outcome = sink.endKey()
    #expect(outcome == .done)
    sink.finish()
    #expect(output.lines == ["SELECT 0"] + test.lines)
    let reasons = sink.leftOut.items.map(\.reason)
    #expect(reasons == test.leftOut)
  }

  @Test func `scores of any bits read back as the same double`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.fieldExpiry, nowMs: 0) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("k", 5)))
    // A linear congruential generator: the same bits in each run.
    var state: UInt64 = 1
    var scores: [Double] = []
    while scores.count < 5000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let score = Double(bitPattern: state ^ state >> 29)
      guard score.isFinite else { continue }
      scores.append(score)
      sink.member(Element("m"), score: score)
    }
    _ = sink.endKey()
    sink.finish()
    let arguments = try #require(output.commands).dropFirst().flatMap { $0.dropFirst(2) }
    let texts = stride(from: 0, to: arguments.count, by: 2).map { arguments[$0] }
    #expect(texts.map { Double($0) } == scores)
  }

  @Test func `a database is selected when it changes`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.fieldExpiry, nowMs: 0) { output.take($0) }
    for database in [3, 3, 0] {
      _ = sink.beginKey(try #require(KeyHeader("k", 0, database: database)))
      sink.string(Element("v"))
      _ = sink.endKey()
    }
    sink.finish()
    #expect(output.lines == ["SELECT 3", "SET k v", "SET k v", "SELECT 0", "SET k v"])
  }

  @Test func `expired keys and values without commands are counted with their first key`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.old, nowMs: 10) { output.take($0) }
    for (key, byte) in [("a", 0), ("b", 0), ("c", 7), ("d", 15)] as [(StaticString, UInt8)] {
      let header = KeyHeader(key, byte, database: 1, expireAtMs: byte == 0 ? 9 : nil)
      let route = sink.beginKey(try #require(header))
      #expect(route == .leaveOut)
    }
    sink.finish()
    #expect(output.bytes.isEmpty)
    let items = sink.leftOut.items
    #expect(items.map(\.reason) == [.expiredKey, .module, .stream])
    #expect(items.map(\.count) == [2, 1, 1])
    #expect(items.map { String(decoding: $0.key, as: UTF8.self) } == ["a", "c", "d"])
    #expect(items.allSatisfy { $0.database == 1 })
  }

  @Test func `long collections go out in commands of limited size, with nothing lost`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.fieldExpiry, nowMs: 0, capacity: 64) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("k", 18)))
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000)
    let middle = [UInt8](repeating: UInt8(ascii: "y"), count: 30_000)
    for value in 0..<2500 { sink.element(Element(integer: Int64(value))) }
    for bytes in [middle, middle, middle, long] {
      bytes.withUnsafeBytes { bytes in
        if let start = bytes.baseAddress { sink.element(Element(start: start, count: bytes.count)) }
      }
    }
    sink.element(Element("end"))
    _ = sink.endKey()
    sink.finish()
    let commands = try #require(output.commands)
    #expect(commands.dropFirst().map { $0.count - 2 } == [1000, 1000, 502, 1, 1, 1])
    #expect(commands.dropFirst().allSatisfy { $0.prefix(2) == ["RPUSH", "k"] })
    let elements = commands.dropFirst().flatMap { $0.dropFirst(2) }
    let expected =
      (0..<2500).map(String.init)
      + [middle, middle, middle, long].map { String(decoding: $0, as: UTF8.self) } + ["end"]
    #expect(elements == expected)
  }

  @Test func `a field too long for a batch gets its expiry at once`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.fieldExpiry, nowMs: 0) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("k", 22, family: .valkey)))
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70_000)
    sink.field(Element("a"), Element("1"), expireAtMs: 5)
    long.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      sink.field(Element("b"), Element(start: start, count: bytes.count), expireAtMs: 6)
    }
    _ = sink.endKey()
    sink.finish()
    let text = String(decoding: long, as: UTF8.self)
    #expect(
      output.lines == [
        "SELECT 0", "HSET k a 1", "HPEXPIREAT k 5 FIELDS 1 a", "HSET k b \(text)",
        "HPEXPIREAT k 6 FIELDS 1 b",
      ])
  }

  @Test func `a key that breaks off is taken back, or deleted once it has left the buffer`() throws
  {
    let output = Output()
    var sink = RESPSink(target: Self.fieldExpiry, nowMs: 0, capacity: 256) { output.take($0) }
    let header = try #require(KeyHeader("k", 2))
    _ = sink.beginKey(header)
    sink.element(Element("a"))
    sink.abandonKey()
    _ = sink.beginKey(header)
    for _ in 0..<1001 { sink.element(Element("a")) }
    sink.abandonKey()
    sink.finish()
    let lines = try #require(output.lines)
    #expect(lines.count == 3)
    #expect(lines.first == "SELECT 0")
    #expect(lines.last == "DEL k")
  }

  @Test func `a payload has the footer that DUMP gives it`() throws {
    // DUMP of `SET foo bar`, recorded from redis-server 7.0.15.
    let recorded: [UInt8] = [
      0x00, 0x03, 0x62, 0x61, 0x72, 0x0A, 0x00, 0xE6, 0xBE, 0x49, 0x60, 0xEE, 0x66, 0xFD, 0x17,
    ]
    let output = Output()
    let target = RESPTarget(ServerVersion(.redis, 7, 0, 0))
    var sink = RESPSink(target: target, nowMs: 0) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("foo", 0, expireAtMs: 77)))
    recorded[1..<5].withUnsafeBytes { sink.restore(body: $0) }
    sink.finish()
    let front =
      "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*5\r\n$7\r\nRESTORE\r\n$3\r\nfoo\r\n$2\r\n77\r\n$15\r\n"
    #expect(output.bytes == Array(front.utf8) + recorded + Array("\r\n$6\r\nABSTTL\r\n".utf8))
  }

  @Test func `a vector set goes to servers that have the module built in`() throws {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    let id = "vectorset".reduce(UInt64(0)) { id, character in
      id << 6 | UInt64(alphabet.firstIndex(of: character) ?? 0)
    }
    let body = [0x81] + withUnsafeBytes(of: (id << 10).bigEndian) { Array($0) } + [0x00]
    for (family, major, minor, isRestored) in [
      (ServerVersion.Product.redis, 7, 4, false), (.redis, 8, 0, true), (.valkey, 9, 0, false),
    ] {
      let output = Output()
      let target = RESPTarget(ServerVersion(family, major, minor, 0))
      var sink = RESPSink(target: target, nowMs: 0) { output.take($0) }
      let route = sink.beginKey(try #require(KeyHeader("k", 7)))
      #expect(route == .payload)
      body.withUnsafeBytes { sink.restore(body: $0) }
      sink.finish()
      #expect(output.commands?.map(\.[0]) == (isRestored ? ["SELECT", "RESTORE"] : ["SELECT"]))
      let reasons = sink.leftOut.items.map(\.reason)
      #expect(reasons == (isRestored ? [] : [.module]))
    }
  }

  @Test func `libraries and scripts are loaded where the target has them`() {
    let output = Output()
    let target = RESPTarget(ServerVersion(.redis, 6, 2, 0))
    var older = RESPSink(target: target, nowMs: 0) { output.take($0) }
    var newer = RESPSink(target: Self.fieldExpiry, nowMs: 0) { output.take($0) }
    let code: [UInt8] = Array("#!lua".utf8)
    code.withUnsafeBytes {
      older.function(code: $0)
      older.script(code: $0)
      newer.function(code: $0)
    }
    older.finish()
    newer.finish()
    #expect(output.lines == ["SCRIPT LOAD #!lua", "FUNCTION LOAD REPLACE #!lua"])
    let reasons = older.leftOut.items.map(\.reason)
    #expect(reasons == [.script])
  }

  /// A type and the footer version with which each target restores it.
  struct PayloadCase: CustomTestStringConvertible {
    var byte: UInt8
    var family = RDBFamily.redis
    var redis70: Int?
    var redis86: Int?
    var redis88: Int?
    var valkey90: Int?
    var testDescription: String { "\(family.rawValue) type \(byte)" }
  }

  static let payloads = [
    PayloadCase(byte: 0, redis70: 10, redis86: 13, redis88: 14, valkey90: 11),
    PayloadCase(byte: 6, redis70: nil, redis86: nil, redis88: nil, valkey90: nil),
    PayloadCase(byte: 7, redis70: 10, redis86: 13, redis88: 14, valkey90: 11),
    PayloadCase(byte: 21, redis70: nil, redis86: 13, redis88: 14, valkey90: 11),
    PayloadCase(byte: 22, redis70: nil, redis86: 13, redis88: 14, valkey90: nil),
    PayloadCase(
      byte: 22, family: .valkey, redis70: nil, redis86: nil, redis88: nil, valkey90: 80),
    PayloadCase(byte: 26, redis70: nil, redis86: 13, redis88: 14, valkey90: nil),
    PayloadCase(byte: 27, redis70: nil, redis86: nil, redis88: 14, valkey90: nil),
    PayloadCase(byte: 28, redis70: nil, redis86: nil, redis88: 14, valkey90: nil),
    PayloadCase(byte: 64, redis70: nil, redis86: nil, redis88: nil, valkey90: nil),
  ]

  @Test(arguments: payloads)
  func `a type travels in a payload where the target loads it`(_ test: PayloadCase) throws {
    let type = try #require(RDBType(byte: test.byte, family: test.family))
    func version(_ family: ServerVersion.Product, _ major: Int, _ minor: Int) -> Int? {
      RESPTarget(ServerVersion(family, major, minor, 0)).payloadVersion(for: type)
    }
    #expect(version(.redis, 7, 0) == test.redis70)
    #expect(version(.redis, 8, 6) == test.redis86)
    #expect(version(.redis, 8, 8) == test.redis88)
    #expect(version(.valkey, 9, 0) == test.valkey90)
    #expect(version(.redis, 2, 4) == nil)
  }
}
