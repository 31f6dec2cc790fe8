import AOF
import ByteKit
import Engine
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Files of real servers, loaded, against what these servers say they hold.
@Suite struct CorpusLoadTests {
  /// How many commands are answered by errors that their servers had as well: scripts that fail
  /// behind their first write and stand in the file all the same, and empty streams, which Redis
  /// 5.0 rewrites to commands that no server takes.
  static func explainedCount(_ sample: AOFCorpusCase) throws -> Int {
    if "\(sample.server)/\(sample.name)" == "redis-5.0.14/aof-rewritten" { return 2 }
    let target = try target(sample.server)
    guard sample.name == "aof-scripts", target < ServerVersion(.redis, 7, 0, 0) else { return 0 }
    return target < ServerVersion(.redis, 2, 8, 0) ? 2 : 1
  }

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
    let gaps = loader.report.notReplayed
    #expect(gaps.keys.allSatisfy { $0 == "module corpustyp" }, "\(gaps)")
    #expect(functions(loader, expected.document) == functions(expected.document))
    let differences = loader.withKeyspace { DatasetComparison.differences(&$0, expected) }
    #expect(differences.isEmpty, "\(differences.prefix(12))")
    guard let digest = expected.digest, gaps.isEmpty else { return }
    #expect(loader.withKeyspace { $0.digest.description } == digest)
  }

  /// The libraries as text: each with its code, and its functions with what they say of themselves.
  private static func functions(
    _ loader: borrowing DatasetLoader, _ document: JSONValue
  ) -> [String] {
    // Candidates of 7.0 kept the first line apart.
    let isCandidate = document["version"]?.string?.hasPrefix("7.0-rc") == true
    return loader.functionLibraries.map { library in
      let code = isCandidate ? library.code.split(separator: 0x0a)[1] : library.code[...]
      let functions = library.functions.map { function in
        let description = function.description.map { String(decoding: $0, as: UTF8.self) }
        return "\(String(decoding: function.name, as: UTF8.self)) \(description ?? "-") "
          + function.flagNames.sorted().joined(separator: ",")
      }
      return "\(String(decoding: code, as: UTF8.self)) \(functions.sorted())"
    }.sorted()
  }

  private static func functions(_ document: JSONValue) -> [String] {
    (document["functions"]?.elements ?? []).map { library in
      let functions = (library["functions"]?.elements ?? []).map { function in
        let flags = function["flags"]?.elements.compactMap(\.string) ?? []
        return "\(function["name"]?.string ?? "") \(function["description"]?.string ?? "-") "
          + flags.sorted().joined(separator: ",")
      }
      return "\(library["code"]?.string ?? "") \(functions.sorted())"
    }.sorted()
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
    #expect(report.refusedCount == 0, "\(report.refused.prefix(3))")
    #expect(report.explainedCount == (try Self.explainedCount(sample)))
    Self.check(loader, CorpusDataset(document: document))
  }
}
