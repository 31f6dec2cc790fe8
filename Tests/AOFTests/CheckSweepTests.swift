import AOF
import ByteKit
import Foundation
import RedisModel
import TestSupport
import Testing

/// Whatever is done to a file, the check is an answer, and one that holds together.
@Suite struct CheckSweepTests {
  /// A piece of a file, and whether a file that ends behind it is whole.
  static let pieces: [(bytes: [UInt8], isWhole: Bool)] = [
    (request("SELECT", "1"), true), (Array("#TS:1700000000\r\n".utf8), true),
    (request("SET", "key", "a value\r\n*1\r\n"), true), (request("MULTI"), false),
    (request("INCR", "n"), false), (Array("#TS:1700000001\r\n".utf8), false),
    (request("RPUSH", "l", "", "x"), false), (request("EXEC"), true),
    (request("PEXPIREAT", "key", "4102444800000"), true), (request("DEL", "n"), true),
  ]

  static let targets: [ServerVersion] = [
    ServerVersion(.redis, 7, 0, 15), ServerVersion(.redis, 8, 6, 3),
    ServerVersion(.valkey, 9, 1, 2),
  ]

  static func check(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> AOFCheck {
    var options = AOFCheckOptions()
    options.targets = targets
    let file = try folder.write(bytes, to: "appendonly.aof")
    return AOFCheck(try AOFSet(opening: file.path), options)
  }

  /// What must hold of any answer.
  static func expectConsistent(_ check: AOFCheck, _ byteCount: Int) {
    #expect(check.predictions.count == 7)
    #expect(check.parts.count == 1)
    for part in check.parts {
      #expect((0...byteCount).contains(part.soundOffset))
      #expect(part.byteCount == byteCount)
      #expect(part.soundCommandCount <= part.commandCount)
    }
    for prediction in check.predictions {
      if prediction.starts != true { #expect(check.verdict == .bad) }
      if prediction.losesLaterWrites { #expect(check.verdict == .bad) }
      if let cut = prediction.cut { #expect((0...byteCount).contains(cut.byteCount)) }
    }
    if check.verdict == .good { #expect(check.lost.byteCount == 0) }
  }

  @Test func `a file cut at every offset is judged by its records`() throws {
    let bytes = Self.pieces.flatMap(\.bytes)
    try withTemporaryFolder { folder in
      for count in 0...bytes.count {
        let check = try Self.check(Array(bytes.prefix(count)), in: folder)
        Self.expectConsistent(check, count)
        var end = 0
        var sound = 0
        var isWhole = true
        var isInAnnotation = false
        for piece in Self.pieces {
          guard end + piece.bytes.count <= count else {
            isInAnnotation = end < count && piece.bytes.first == UInt8(ascii: "#")
            break
          }
          end += piece.bytes.count
          isWhole = piece.isWhole
          if isWhole { sound = end }
        }
        #expect(check.verdict == (end == count && isWhole ? .good : .bad))
        #expect(check.parts[0].soundOffset == sound)
        #expect(check.lost.byteCount == count - sound)
        for prediction in check.predictions {
          let isForgiven = isWhole && (end == count || isInAnnotation)
          #expect(prediction.starts == (prediction.loadTruncated || isForgiven))
        }
      }
    }
  }

  @Test func `a file with each byte changed is judged`() throws {
    let bytes = Self.pieces.flatMap(\.bytes)
    try withTemporaryFolder { folder in
      for position in bytes.indices {
        for flip: UInt8 in [0x01, 0x20, 0xFF] {
          var damaged = bytes
          damaged[position] ^= flip
          Self.expectConsistent(try Self.check(damaged, in: folder), damaged.count)
        }
      }
    }
  }

  @Test(arguments: AOFCorpusCase.carried.filter { $0.name == "aof-preamble" })
  func `a snapshot and commands, cut or changed anywhere, are judged`(
    _ example: AOFCorpusCase
  ) throws {
    let base = try #require(try example.loadedFiles().first)
    let snapshot = try readBytes(base).prefix(600)
    let bytes = Array(snapshot) + Self.pieces.flatMap(\.bytes)
    try withTemporaryFolder { folder in
      for position in stride(from: 0, to: bytes.count, by: 7) {
        Self.expectConsistent(
          try Self.check(Array(bytes.prefix(position)), in: folder), position)
        var damaged = bytes
        damaged[position] ^= 0x10
        Self.expectConsistent(try Self.check(damaged, in: folder), damaged.count)
      }
    }
  }

  @Test func `numbers that cannot be are answers`() throws {
    let texts = [
      "*99999999999999999999\r\n", "*2147483647\r\n$1\r\na\r\n", "*2147483648\r\n$1\r\na\r\n",
      "*1\r\n$9223372036854775807\r\nx", "*1\r\n$-9223372036854775808\r\nx", "*1\r\n$\r\n",
      "*\r\n", "*-1\r\n", "*0\r\n", "#", "\0", "*1\r\n$1\r\n", "REDIS", "REDIS0011", "VALKEY080",
      "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4294967296\r\nv\r\n",
    ]
    try withTemporaryFolder { folder in
      for text in texts {
        let check = try Self.check(Array(text.utf8), in: folder)
        Self.expectConsistent(check, text.utf8.count)
        #expect(check.verdict == .bad)
      }
    }
  }

  @Test func `findings without number are counted, not listed`() throws {
    let bytes = (0..<1000).flatMap { _ in request("NOSUCH", "x") + request("GET", "x") }
    try withTemporaryFolder { folder in
      let check = try Self.check(bytes, in: folder)
      #expect(check.problems.count < 60)
      let further = check.problems.filter { $0.kind == .further }
      #expect(
        further.map(\.message) == [
          "980 more of aof-not-a-write are not listed",
          "980 more of aof-unknown-command are not listed",
        ])
    }
  }
}
