import Export
import RedisCodecs
import RedisModel
import TestSupport
import Testing

@testable import RDB

/// Sorted sets with the score −0, which `ZADD` loses while a set is small.
@Suite struct NegativeZeroTests {
  /// How many members a set has of each score, and which commands make it.
  struct Case: CustomTestStringConvertible {
    var name: String
    var ones = 0
    var zeros: Int
    /// Bytes of the longest member with the score 1, and of the one with −0.
    var longestOne = 5
    var longestZero = 5
    var commands: [String]
    var testDescription: String { name }

    /// The members, in no order.
    var members: [Member] {
      let one = (0..<ones).map { Member($0 == 0 ? longestOne : 5, "a\($0)", 1) }
      let zero = (0..<zeros).map { Member($0 == zeros - 1 ? longestZero : 5, "z\($0)", -0.0) }
      return zero.dropFirst(1) + one.reversed() + zero.prefix(1)
    }
  }

  /// A member and its score, −0 told from 0.
  struct Member: Hashable {
    var text: String
    var scoreBits: UInt64

    init(_ text: String, _ score: Double) {
      self.text = text
      scoreBits = score.bitPattern
    }

    /// A member that is padded to `byteCount` bytes.
    init(_ byteCount: Int, _ text: String, _ score: Double) {
      let padding = String(repeating: "-", count: max(0, byteCount - text.utf8.count))
      self.init(text + padding, score)
    }

    var score: Double { Double(bitPattern: scoreBits) }
  }

  static let target = RESPTarget(ServerVersion(.redis, 7, 0, 0))

  static let cases = [
    Case(name: "one member", zeros: 1, commands: ["RESTORE"]),
    Case(name: "the largest compact set", ones: 120, zeros: 8, commands: ["RESTORE"]),
    Case(name: "128 of them", zeros: 128, commands: ["RESTORE"]),
    Case(name: "one too many", ones: 127, zeros: 2, commands: ["RESTORE", "ZADD"]),
    Case(name: "127 and five", ones: 127, zeros: 5, commands: ["RESTORE", "ZADD"]),
    Case(name: "128 and five", ones: 128, zeros: 5, commands: ["ZADD"]),
    Case(
      name: "3000 of them", zeros: 3000, commands: ["RESTORE"] + .init(repeating: "ZADD", count: 3)),
    Case(name: "3000 and five", ones: 3000, zeros: 5, commands: .init(repeating: "ZADD", count: 4)),
    Case(name: "a member of 64 bytes", ones: 2, zeros: 2, longestOne: 64, commands: ["RESTORE"]),
    Case(name: "a member of 65 bytes", ones: 2, zeros: 2, longestOne: 65, commands: ["ZADD"]),
    Case(
      name: "a member of 64 bytes with -0", ones: 2, zeros: 2, longestZero: 64,
      commands: ["RESTORE"]),
    Case(
      name: "a member of 65 bytes with -0", ones: 2, zeros: 2, longestZero: 65,
      commands: ["ZADD"]),
    Case(name: "just a member of 65 bytes", zeros: 1, longestZero: 65, commands: ["ZADD"]),
    Case(
      name: "a member too long for a batch", ones: 2, zeros: 2, longestOne: 70_000,
      commands: ["ZADD", "ZADD", "ZADD"]),
  ]

  @Test(arguments: cases)
  func `every member arrives with its score`(_ test: Case) throws {
    let output = try rebuilt(test.members)
    let requests = try #require(output.requests?.dropFirst())
    #expect(requests.map { String(decoding: $0[0], as: UTF8.self) } == test.commands)
    var found: [Member] = []
    for request in requests {
      let words = request.map { String(decoding: $0, as: UTF8.self) }
      #expect(words[1] == "k")
      if words[0] == "RESTORE" {
        #expect(words[2] == "0")
        var sink = MemberSink()
        let header = try RDBPayload.read(request[3], into: &sink).header
        #expect(header.type.byte == 17)
        #expect(sink.members == sink.members.sorted { ($0.score, $0.text) < ($1.score, $1.text) })
        found += sink.members
      } else {
        for index in stride(from: 2, to: words.count, by: 2) {
          found.append(Member(words[index + 1], try #require(Double(words[index]))))
        }
      }
    }
    #expect(found.count == test.members.count)
    #expect(Set(found) == Set(test.members))
  }

  @Test func `a payload holds members by score and name, integers where a server has them`() throws
  {
    // Put together by hand: type, length, listpack, version.
    let members = [
      Member("b", 1.5), Member("12", -0.0), Member("c", 300), Member("a", -.infinity),
      Member("d", 0),
    ]
    let output = try rebuilt(members, expireAtMs: 2000)
    let requests = try #require(output.requests)
    let listpack: [UInt8] =
      [0x81, 0x61, 0x02, 0x84] + Array("-inf".utf8) + [0x05]
      + [0x0c, 0x01, 0x82] + Array("-0".utf8) + [0x03] + [0x81, 0x64, 0x02, 0x00, 0x01]
      + [0x81, 0x62, 0x02, 0x83] + Array("1.5".utf8) + [0x04]
      + [0x81, 0x63, 0x02, 0xc1, 0x2c, 0x02]
    let total = UInt8(listpack.count + 7)
    let body = [17, total, total, 0, 0, 0, 10, 0] + listpack + [0xff, 10, 0]
    try #require(requests.count == 3)
    #expect(Array(requests[1][3].dropLast(8)) == body)
    #expect(requests[2].map { String(decoding: $0, as: UTF8.self) } == ["PEXPIREAT", "k", "2000"])
  }

  @Test func `a member that is there twice goes by commands alone`() throws {
    let output = try rebuilt([Member("a", -0.0), Member("b", 1), Member("a", 2)])
    #expect(output.lines?.dropFirst() == ["ZADD k 1 b 2 a -0 a"])
  }

  @Test func `a key that breaks off leaves nothing to the next one`() throws {
    let output = Output()
    var sink = RESPSink(target: Self.target, nowMs: 0) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("k", 5)))
    sink.member(Element("a"), score: -0.0)
    sink.abandonKey()
    _ = sink.beginKey(try #require(KeyHeader("k", 5)))
    sink.member(Element("b"), score: 2)
    _ = sink.endKey()
    sink.finish()
    #expect(output.lines == ["SELECT 0", "ZADD k 2 b"])
  }

  @Test(.needsRedisServer, arguments: cases)
  func `a server holds every member with its score`(_ test: Case) throws {
    let server = try RealServer()
    defer { server.stop() }
    let version = try #require(try server.modelVersion())
    let output = try rebuilt(test.members, target: RESPTarget(version))
    let piped = try server.pipe(output.bytes)
    #expect(piped.outputText.contains("errors: 0"))
    let lines = try server.command("ZRANGE", "k", "0", "-1", "WITHSCORES")
      .split(separator: "\n").map(String.init)
    let found = try stride(from: 0, to: lines.count, by: 2).map {
      Member(lines[$0], try #require(Double(lines[$0 + 1])))
    }
    #expect(Set(found) == Set(test.members))
  }

  private func rebuilt(
    _ members: [Member], target: RESPTarget = NegativeZeroTests.target, expireAtMs: Int64? = nil
  ) throws -> Output {
    let output = Output()
    var sink = RESPSink(target: target, nowMs: 0) { output.take($0) }
    _ = sink.beginKey(try #require(KeyHeader("k", 5, expireAtMs: expireAtMs)))
    for member in members {
      var text = member.text
      text.withUTF8 { bytes in
        guard let start = bytes.baseAddress else { return }
        sink.member(Element(start: start, count: bytes.count), score: member.score)
      }
    }
    _ = sink.endKey()
    sink.finish()
    return output
  }
}

/// Gathers the members of a sorted set.
private struct MemberSink: ValueSink {
  var members: [NegativeZeroTests.Member] = []

  mutating func member(_ member: Element, score: Double) {
    members.append(.init(String(decoding: member.bytes, as: UTF8.self), score))
  }
}
