import ByteKit
import Testing

@testable import RESP

/// Answers of servers, and addresses.
@Suite struct ReplyTests {
  /// Gives bytes out a few at a time.
  private final class Pieces: ByteSource {
    private var bytes: ArraySlice<UInt8>
    private let count: Int

    init(_ text: String, count: Int) {
      bytes = Array(text.utf8)[...]
      self.count = count
    }

    var remainingByteCount: Int? { nil }

    func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
      let some = bytes.prefix(min(count, target.count))
      target.copyBytes(from: some)
      bytes = bytes.dropFirst(some.count)
      return some.count
    }
  }

  static let answers: [(String, RESPReply)] = [
    ("+OK\r\n", .status("OK")), ("-ERR no\r\n", .error("ERR no")), (":-12\r\n", .integer(-12)),
    ("$3\r\na\r\n\r\n", .bulk(Array("a\r\n".utf8))), ("$-1\r\n", .bulk(nil)),
    ("$0\r\n\r\n", .bulk([])), ("*-1\r\n", .array(nil)),
    (
      "*2\r\n$1\r\n0\r\n*1\r\n$1\r\nk\r\n",
      .array([.bulk(Array("0".utf8)), .array([.bulk(Array("k".utf8))])])
    ),
  ]

  @Test(arguments: [1, 2, 3, 1000])
  func `answers are read whatever the pieces they come in`(_ count: Int) throws {
    var reader = RESPReplyReader(Pieces(Self.answers.map(\.0).joined(), count: count))
    for (_, expected) in Self.answers { #expect(try reader.next() == expected) }
    #expect(throws: InputError.self) { try reader.next() }
  }

  @Test(arguments: [
    "", "OK\r\n", ":x\r\n", "$x\r\n", "$-2\r\n", "$99999999999\r\n", "*9999999999\r\n", "$3\r\nab",
    String(repeating: "*1\r\n", count: 50), "+" + String(repeating: "x", count: 70_000),
  ])
  func `what is no answer is an error`(_ text: String) {
    var reader = RESPReplyReader(Pieces(text, count: 4096))
    #expect(throws: InputError.self) { try reader.next() }
  }

  @Test func `an address has a host, and may have more`() throws {
    let plain = try ServerAddress("redis://db.example")
    #expect(plain.host == "db.example" && plain.port == 6379 && plain.password == nil)
    let full = try ServerAddress("redis://me:p%40ss:x@[::1]:7000/3")
    #expect(full.host == "::1" && full.port == 7000)
    #expect(full.user == "me" && full.password == "p@ss:x")
    #expect(full.name == "redis://[::1]:7000")
    #expect(try ServerAddress("redis://:secret@h").user == nil)
    #expect(try ServerAddress("valkey://h:1").port == 1)
    for text in ["rediss://h", "redis://", "redis://h:0", "redis://h:65536", "redis://h:x"] {
      #expect(throws: ServerAddress.Trouble.self) { try ServerAddress(text) }
    }
    #expect(!ServerAddress.isMeant(by: "dump.rdb"))
  }

  @Test func `no question changes anything`() {
    let questions: [ServerSession.Question] = [
      .info("server"), .digest, .select(1), .scan(cursor: Array("0".utf8), count: 10), .dump([1]),
      .expiry([1]),
    ]
    let names = Set(questions.map { String(decoding: $0.words[0], as: UTF8.self) })
    #expect(names == ["INFO", "DEBUG", "SELECT", "SCAN", "DUMP", "PTTL"])
  }
}
