import AOF
import ByteKit
import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Data written out as commands.
@Suite struct CommandSavingTests {
  private static let nowMs: Int64 = 1_800_000_000_000

  /// The commands that rebuild what `loader` holds.
  private static func commands(
    _ loader: borrowing DatasetLoader, for target: ServerVersion
  ) throws(SavingError) -> [UInt8] {
    var bytes: [UInt8] = []
    try loader.saveCommands(SavingOptions(target: target, nowMs: nowMs)) { bytes += $0 }
    return bytes
  }

  @Test(arguments: CorpusCase.all)
  func `commands rebuild a snapshot`(_ sample: CorpusCase) throws {
    let expected = try sample.expected()
    let options = try CorpusLoadTests.options(sample.server, expected.document)
    var loader = DatasetLoader(options)
    loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
    loader.finish()
    let bytes = try Self.commands(loader, for: options.target)
    try withTemporaryFolder { folder in
      let path = try folder.write(bytes, to: "appendonly.aof").path
      var again = DatasetLoader(options)
      again.load(set: try AOFSet(opening: path))
      again.finish(deletesDue: true)
      #expect(again.report.stop == nil)
      #expect(again.report.refused.isEmpty, "\(again.report.refused.prefix(3))")
      let digest = loader.withKeyspace { $0.digest }
      #expect(again.withKeyspace { $0.digest } == digest)
      if loader.report.gaps.isEmpty { CorpusLoadTests.check(again, expected) }
    }
  }

  @Test(.needsRedisServer)
  func `a real server loads the commands that are written for it`() throws {
    let server = try RealServer()
    let target = ServerVersion(.redis, 7, 0, 15)
    var refused: [String] = []
    for sample in CorpusCase.all {
      var loader = DatasetLoader(LoadOptions(target: target, nowMs: Self.nowMs, seed: 5))
      loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
      loader.finish(deletesDue: true)
      // The server has no modules.
      if !loader.report.kept.isEmpty { continue }
      var bytes: [UInt8] = []
      do throws(SavingError) { bytes = try Self.commands(loader, for: target) } catch {
        refused.append("\(sample.testDescription): \(error.message)")
        continue
      }
      #expect(try server.command("FLUSHALL") == "OK")
      #expect(try server.command("FUNCTION", "FLUSH") == "OK")
      let result = try server.pipe(bytes)
      #expect(result.outputText.contains("errors: 0"), "\(sample): \(result.outputText)")
      let digest = loader.withKeyspace { $0.digest.description }
      #expect(try server.digest() == digest, "\(sample)")
    }
    #expect(refused.allSatisfy { $0.contains(": Redis 7.0.15 knows none") }, "\(refused)")
  }

  /// A value, and the commands that a server's own rewrite writes for it.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let target: ServerVersion
    let commands: [[String]]
    let rewritten: [[String]]
  }

  private static let old = ServerVersion(.redis, 6, 2, 16)
  private static let middle = ServerVersion(.redis, 7, 0, 15)
  private static let new = ServerVersion(.redis, 8, 6, 3)
  private static let valkey = ServerVersion(.valkey, 9, 1, 2)

  @Test(arguments: [
    Case(
      testDescription: "batches of 64", target: middle,
      commands: [["RPUSH", "l"] + (0..<130).map { "\($0)" }],
      rewritten: [
        ["RPUSH", "l"] + (0..<64).map { "\($0)" }, ["RPUSH", "l"] + (64..<128).map { "\($0)" },
        ["RPUSH", "l", "128", "129"],
      ]),
    Case(
      testDescription: "scores with 17 digits up to 7.0", target: middle,
      commands: [["ZADD", "z", "0.1", "a", "3", "b", "inf", "c"]],
      rewritten: [["ZADD", "z", "0.10000000000000001", "a", "3", "b", "inf", "c"]]),
    Case(
      testDescription: "short scores from 7.2 on", target: new,
      commands: [["ZADD", "z", "0.1", "a", "1e20", "b"]],
      rewritten: [["ZADD", "z", "0.1", "a", "1e+20", "b"]]),
    Case(
      testDescription: "an expiry comes behind the value", target: middle,
      commands: [["SET", "k", "v", "PXAT", "4102444800000"]],
      rewritten: [["SET", "k", "v"], ["PEXPIREAT", "k", "4102444800000"]]),
    Case(
      testDescription: "fields that expire, Redis", target: new,
      commands: [
        ["HSET", "h", "f", "v"], ["HPEXPIREAT", "h", "4102444800000", "FIELDS", "1", "f"],
      ],
      rewritten: [
        ["HMSET", "h", "f", "v"], ["HPEXPIREAT", "h", "4102444800000", "FIELDS", "1", "f"],
      ]),
    Case(
      testDescription: "fields that expire, Valkey", target: valkey,
      commands: [["HSETEX", "h", "PXAT", "4102444800000", "FIELDS", "1", "f", "v"]],
      rewritten: [["HSETEX", "h", "PXAT", "4102444800000", "FIELDS", "1", "f", "v"]]),
    Case(
      testDescription: "a stream of 6.2", target: old,
      commands: [
        ["XADD", "s", "1-1", "f", "v"], ["XGROUP", "CREATE", "s", "g", "1-1"],
        ["XGROUP", "CREATECONSUMER", "s", "g", "c"],
      ],
      rewritten: [
        ["XADD", "s", "1-1", "f", "v"], ["XSETID", "s", "1-1"],
        ["XGROUP", "CREATE", "s", "g", "1-1"], ["XGROUP", "CREATECONSUMER", "s", "g", "c"],
      ]),
    Case(
      testDescription: "an empty stream of 7.0", target: middle,
      commands: [["XADD", "s", "5-1", "f", "v"], ["XDEL", "s", "5-1"]],
      rewritten: [
        ["XADD", "s", "MAXLEN", "0", "0-1", "x", "y"],
        ["XSETID", "s", "5-1", "ENTRIESADDED", "1", "MAXDELETEDID", "5-1"],
      ]),
    Case(
      testDescription: "pending entries", target: middle,
      commands: [
        ["XADD", "s", "1-1", "f", "v"], ["XGROUP", "CREATE", "s", "g", "0", "ENTRIESREAD", "0"],
        ["XCLAIM", "s", "g", "c", "0", "1-1", "TIME", "1700000000000", "RETRYCOUNT", "3", "FORCE"],
      ],
      rewritten: [
        ["XADD", "s", "1-1", "f", "v"],
        ["XSETID", "s", "1-1", "ENTRIESADDED", "1", "MAXDELETEDID", "0-0"],
        ["XGROUP", "CREATE", "s", "g", "0-0", "ENTRIESREAD", "0"],
        [
          "XCLAIM", "s", "g", "c", "0", "1-1", "TIME", "1700000000000", "RETRYCOUNT", "3",
          "JUSTID", "FORCE",
        ],
      ]),
  ])
  func `a value is written as the server writes it`(_ test: Case) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(test.commands.flatMap(Self.request), to: "a.aof").path
      var loader = DatasetLoader(LoadOptions(target: test.target, nowMs: Self.nowMs, seed: 5))
      loader.load(set: try AOFSet(opening: path))
      loader.finish()
      #expect(loader.report.refused.isEmpty, "\(loader.report.refused)")
      let bytes = try Self.commands(loader, for: test.target)
      let expected = ([["SELECT", "0"]] + test.rewritten).flatMap(Self.request)
      #expect(
        String(decoding: bytes, as: UTF8.self) == String(decoding: expected, as: UTF8.self))
    }
  }

  private static func request(_ words: [String]) -> [UInt8] {
    Array("*\(words.count)\r\n".utf8)
      + words.flatMap { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
  }
}
