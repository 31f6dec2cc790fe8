import AOF
import TestSupport
import Testing

/// Whatever the bytes are, reading them is an answer, and the same one however they come.
@Suite struct DamageTests {
  static let bytes: [UInt8] =
    request("SELECT", "1") + Array("#TS:1700000000\r\n".utf8) + request("MULTI")
    + request("SET", "key", "a value of some length") + request("EXEC")
    + request(["SET", "k", "\r\n*1\r\n$3\r\n"].map { Array($0.utf8) }) + request("DEL", "k")

  @Test func `each byte flipped is an answer`() {
    let sound = Reading(Self.bytes).records
    for position in Self.bytes.indices {
      for flip: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
        var damaged = Self.bytes
        damaged[position] ^= flip
        let reading = Reading(damaged)
        // What stands before the damage is read as before.
        let intact = reading.records.prefix { $0.end <= position }
        #expect(sound.starts(with: intact))
        #expect(reading.soundOffset <= damaged.count)
        if let error = reading.error {
          #expect((0...damaged.count).contains(error.offset))
          #expect(reading.soundOffset <= reading.recordOffset)
        }
        let pieces = Reading(damaged, chunkByteCount: 1, knowsSize: false, windowByteCount: 16)
        #expect(pieces.records == reading.records)
        #expect(pieces.error?.kind == reading.error?.kind)
        #expect(pieces.error?.offset == reading.error?.offset)
      }
    }
  }

  @Test func `a real file cut at every offset is an answer`() throws {
    let example = try #require(AOFCorpusCase.carried.first { $0.name == "aof-timestamps" })
    let bytes = try readBytes(try #require(try example.loadedFiles().last))
    let whole = Reading(bytes)
    #expect(whole.error == nil)
    for count in bytes.indices {
      let cut = Reading(Array(bytes.prefix(count)))
      #expect(cut.error.map { $0.kind == .truncated } ?? true)
      #expect(cut.commands.elementsEqual(whole.commands.prefix(cut.commands.count)))
      #expect(whole.records.contains { $0.end == cut.soundOffset } || cut.soundOffset == 0)
    }
  }

  @Test func `random bytes behind sound ones are an answer`() {
    var random = RepeatableRandom(seed: 4)
    let letters = Array("*$#0123456789-+ \r\nabcMULTIEXEC\0".utf8)
    for _ in 0..<2000 {
      let tail = (0..<Int.random(in: 1...60, using: &random)).map { _ in
        letters.randomElement(using: &random) ?? 0
      }
      let reading = Reading(Self.bytes + tail)
      #expect(reading.records.count >= 7)
      #expect(reading.soundOffset >= Self.bytes.count)
      #expect(
        Reading(Self.bytes + tail, chunkByteCount: 3, windowByteCount: 16).records
          == reading.records)
    }
  }

  @Test func `a large command is kept whole, or its front alone`() {
    let value = [UInt8](repeating: 0x78, count: AOFReader.windowByteCountMax + 5)
    let large = [Array("SET".utf8), Array("k".utf8), value, Array("KEEPTTL".utf8)]
    let bytes = request("PING") + request(large) + request("DEL", "k")
    for chunk in [Int.max, 100_000] {
      let whole = Reading(bytes, chunkByteCount: chunk)
      #expect(whole.commands.map(\.argumentCount) == [1, 4, 2])
      #expect(whole.commands[1].arguments == large)
      #expect(whole.commands[1].bytes == request(large))
      let front = Reading(bytes, chunkByteCount: chunk, holding: .front)
      #expect(front.commands.map(\.byteCount) == whole.commands.map(\.byteCount))
      #expect(front.commands[1].arguments == Array(large.prefix(2)))
      #expect(front.commands[2] == whole.commands[2])
    }
  }

  @Test func `a command of many arguments is read`() {
    let words = [Array("RPUSH".utf8)] + (0..<1_000_000).map { Array("e\($0)".utf8) }
    let reading = Reading(request(words) + request("PING"), holding: .everything)
    #expect(reading.error == nil)
    #expect(reading.commands.map(\.argumentCount) == [1_000_001, 1])
    #expect(reading.commands.first?.arguments == words)
  }
}

extension ReadRecord {
  /// Behind its last byte.
  fileprivate var end: Int {
    switch self {
    case .command(let command): command.offset + command.byteCount
    case .annotation(let offset, let text, _, _): offset + 1 + text.utf8.count + 2
    }
  }
}
