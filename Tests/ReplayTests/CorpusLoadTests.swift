import AOF
import ByteKit
import Engine
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Files of real servers, loaded, against what these servers say they hold.
@Suite struct CorpusLoadTests {
  /// What cannot be replayed yet and what it leaves alone: function libraries are no data.
  static let harmless: Set<String> = ["FUNCTION"]

  /// What only an engine with scripts can replay.
  static let scripts: Set<String> = ["EVAL", "EVALSHA", "SCRIPT"]

  /// Redis 5.0 rewrites an empty stream to commands that no server takes.
  static let refusedByServers: Set<String> = ["redis-5.0.14/aof-rewritten"]

  /// The version in a server's folder name, such as `redis-7.0-rc1`.
  static func target(_ server: String) throws -> ServerVersion {
    try ServerVersion(target: server.replacing("-", with: ":", maxReplacements: 1))
  }

  /// Options with the limits of a case's configuration.
  static func options(_ server: String, _ document: JSONValue) throws -> LoadOptions {
    var options = LoadOptions(target: try target(server), nowMs: 1_800_000_000_000, seed: 5)
    for line in document["config"]?.elements ?? [] {
      let words = (line.string ?? "").split(separator: " ")
      guard words.count == 2, let limit = Int(words[1]), words[0].hasPrefix("zset-max-") else {
        continue
      }
      if words[0].hasSuffix("-entries") { options.zsetRules.packedCountMax = limit }
      if words[0].hasSuffix("-value") { options.zsetRules.packedMemberMax = limit }
    }
    return options
  }

  static func check(_ loader: borrowing DatasetLoader, _ expected: CorpusDataset) {
    // Values of a test module are kept as they are; their shares in the digest only it knows.
    let gaps = loader.report.notReplayed.filter { !harmless.contains($0.key) }
    if gaps.keys.contains(where: { scripts.contains($0) }) { return }
    #expect(gaps.keys.allSatisfy { $0 == "module corpustyp" }, "\(gaps)")
    let differences = loader.withKeyspace { DatasetComparison.differences(&$0, expected) }
    #expect(differences.isEmpty, "\(differences.prefix(12))")
    guard let digest = expected.digest, gaps.isEmpty else { return }
    #expect(loader.withKeyspace { $0.digest.description } == digest)
  }

  @Test(arguments: CorpusCase.all)
  func `a snapshot loads to the data of its server`(_ sample: CorpusCase) throws {
    let expected = try sample.expected()
    var loader = DatasetLoader(try Self.options(sample.server, expected.document))
    loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
    loader.finish()
    #expect(loader.report.stop == nil)
    Self.check(loader, expected)
  }

  @Test(arguments: CorpusCase.all)
  func `several threads load the same`(_ sample: CorpusCase) throws {
    let expected = try sample.expected()
    var options = try Self.options(sample.server, expected.document)
    options.threads = 3
    options.chunkByteCount = 2000
    var loader = DatasetLoader(options)
    let before = loader.withKeyspace { $0.byteCount }
    loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
    loader.finish()
    #expect(loader.report.stop == nil)
    Self.check(loader, expected)
    // All memory is accounted for, that of wrong guesses too.
    loader.withKeyspace { space in
      space.removeAll()
      #expect(space.byteCount == before)
    }
  }

  @Test(arguments: AOFCorpusCase.all)
  func `an append-only file loads to the data of its server`(_ sample: AOFCorpusCase) throws {
    let document = try JSONValue(
      parsing: readBytes(sample.folder.appending(path: "expected.json")))
    var loader = DatasetLoader(try Self.options(sample.server, document))
    loader.load(set: try AOFSet(opening: sample.path.path))
    loader.finish(deletesDue: true)
    let report = loader.report
    #expect(report.stop == nil)
    let isRefused = Self.refusedByServers.contains("\(sample.server)/\(sample.name)")
    #expect((report.refusedCount > 0) == isRefused, "\(report.refused.prefix(3))")
    Self.check(loader, CorpusDataset(document: document))
  }
}
