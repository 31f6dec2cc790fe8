import AOF
import ByteKit
import Engine
import Foundation
import RDB
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Data written out as snapshots.
@Suite struct SavingTests {
  private static let nowMs: Int64 = 1_800_000_000_000

  /// The snapshot of what `loader` holds, in a file of that folder.
  static func save(
    _ loader: borrowing DatasetLoader, for target: ServerVersion, in folder: TemporaryFolder
  ) throws -> String {
    var bytes: [UInt8] = []
    try loader.saveSnapshot(SavingOptions(target: target, nowMs: nowMs)) { bytes += $0 }
    return try folder.write(bytes, to: "dump.rdb").path
  }

  /// Whether a case holds what cannot be saved: Redis 2.4 keeps seconds in 32 bits, and lets those
  /// that are too many overflow; the candidates of 7.0 had libraries of another form; the graph of
  /// a vector set is the server's.
  private static func isExpected(_ error: SavingError, _ target: ServerVersion) -> Bool {
    switch error.message {
    case "a vector set that commands have changed: its graph is not known": target.major == 8
    case "Redis 7.0-rc1 loads no function libraries of this form": true
    case let message: message.hasPrefix("an expiry that Redis 2.4.18 cannot hold")
    }
  }

  /// Whether a stream remembers a message under an id that is not its server's (XADD IDMPAUTO).
  private static func hasOwnMessages(_ loader: borrowing DatasetLoader) -> Bool {
    loader.withKeyspace { space in
      var count = 0
      for database in 0..<space.databaseCount {
        space.forEachKey(of: database) { _, _, value in
          if value.type == .stream { count += value.stream.producers?.ownMessageCount ?? 0 }
          return true
        }
      }
      return count > 0
    }
  }

  /// Saves, verifies, loads again, and compares with what the server of the case held.
  static func check(
    _ loader: borrowing DatasetLoader, _ options: LoadOptions, _ expected: CorpusDataset
  ) throws {
    try withTemporaryFolder { folder in
      let path: String
      do { path = try save(loader, for: options.target, in: folder) } catch let error as SavingError
      {
        #expect(isExpected(error, options.target), "\(error)")
        return
      }
      var verification = VerifyOptions()
      // The target has no modules.
      if loader.report.kept.isEmpty { verification.target = options.target }
      let report = SnapshotVerifier.verify(try InputFile(opening: path), verification)
      #expect(report.verdict == .good, "\(report.findings.prefix(3))")
      var again = DatasetLoader(options)
      again.load(snapshot: try InputFile(opening: path))
      again.finish()
      #expect(again.report.stop == nil)
      #expect(again.report.losses.isEmpty, "\(again.report.losses)")
      #expect(again.report.kept == loader.report.kept)
      let digest = loader.withKeyspace { $0.digest }
      #expect(again.withKeyspace { $0.digest } == digest)
      // What the engine lacked at first it cannot have now, nor what no file can hold.
      if loader.report.gaps.isEmpty, !hasOwnMessages(loader) {
        CorpusLoadTests.check(again, expected)
      }
    }
  }

  @Test(arguments: CorpusCase.all)
  func `a snapshot is the same after it was loaded and saved`(_ sample: CorpusCase) throws {
    let expected = try sample.expected()
    let options = try CorpusLoadTests.options(sample.server, expected.document)
    var loader = DatasetLoader(options)
    loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
    loader.finish()
    try Self.check(loader, options, expected)
  }

  @Test(arguments: AOFCorpusCase.all)
  func `the data of an append-only file are the same in a snapshot`(
    _ sample: AOFCorpusCase
  ) throws {
    let document = try JSONValue(
      parsing: readBytes(sample.folder.appending(path: "expected.json")))
    let options = try CorpusLoadTests.options(sample.server, document)
    var loader = DatasetLoader(options)
    loader.load(set: try AOFSet(opening: sample.path.path))
    loader.finish(deletesDue: true)
    try Self.check(loader, options, CorpusDataset(document: document))
  }

  @Test(.needsRedisServer)
  func `a real server loads what is saved for it`() throws {
    let server = try RealServer()
    let target = ServerVersion(.redis, 7, 0, 15)
    var refused: [String] = []
    for sample in CorpusCase.all {
      var loader = DatasetLoader(
        LoadOptions(target: target, nowMs: Self.nowMs, seed: 5))
      loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
      loader.finish(deletesDue: true)
      // The server has no modules.
      if !loader.report.kept.isEmpty { continue }
      var bytes: [UInt8] = []
      do throws(SavingError) {
        try loader.saveSnapshot(SavingOptions(target: target, nowMs: Self.nowMs)) { bytes += $0 }
      } catch {
        refused.append("\(sample.testDescription): \(error.message)")
        continue
      }
      _ = try server.folder.write(bytes, to: "dump.rdb")
      #expect(try server.command("DEBUG", "RELOAD", "NOSAVE") == "OK", "\(sample)")
      let digest = loader.withKeyspace { $0.digest.description }
      #expect(try server.digest() == digest, "\(sample)")
    }
    #expect(refused.allSatisfy { $0.contains(": Redis 7.0.15 knows none") }, "\(refused)")
  }

  @Test(.needsRedisServer)
  func `a real server restores the payloads that are made for it`() throws {
    let server = try RealServer()
    let target = ServerVersion(.redis, 7, 0, 15)
    let writer = PayloadWriter(target)
    for sample in CorpusCase.all {
      var loader = DatasetLoader(LoadOptions(target: target, nowMs: Self.nowMs, seed: 5))
      loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
      loader.finish(deletesDue: true)
      if !loader.report.kept.isEmpty { continue }
      var commands = ByteList()
      var leftOut = 0
      loader.withKeyspace { space in
        for database in 0..<space.databaseCount {
          commands.add([Array("SELECT".utf8), Array("\(database)".utf8)])
          space.forEachKey(of: database) { key, expiry, value in
            guard let payload = writer.payload(of: value) else {
              leftOut += 1
              return true
            }
            commands.add([
              Array("RESTORE".utf8), Array(key), Array("\(expiry ?? 0)".utf8), payload,
              Array("ABSTTL".utf8),
            ])
            return true
          }
        }
      }
      guard leftOut == 0 else { continue }
      #expect(try server.command("FLUSHALL") == "OK")
      let result = try server.pipe(commands.bytes)
      #expect(result.outputText.contains("errors: 0"), "\(sample): \(result.outputText)")
      let digest = loader.withKeyspace { $0.digest.description }
      #expect(try server.digest() == digest, "\(sample)")
    }
  }
}

/// Requests in a row.
private struct ByteList {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ words: [[UInt8]]) {
    bytes += Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [13, 10] }
  }
}
