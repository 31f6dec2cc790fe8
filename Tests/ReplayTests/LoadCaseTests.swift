import AOF
import Engine
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Sound and broken append-only files, and what servers that started held after loading them.
@Suite struct LoadCaseTests {
  /// What a command for another target than the engine would have to execute.
  private static func isWhole(_ report: LoadReport) -> Bool { report.notReplayed.isEmpty }

  /// What servers do with these is not defined: they read past the arguments.
  private static let undefined: Set<String> = [
    "bulk-huge", "bulk-negative", "argc-too-small", "wrong-arity",
  ]

  private static func load(_ path: String, _ server: String) throws -> (LoadReport, String) {
    let options = LoadOptions(
      target: try CorpusLoadTests.target(server), nowMs: 1_800_000_000_000, seed: 5)
    var loader = DatasetLoader(options)
    loader.load(set: try AOFSet(opening: path))
    loader.finish(deletesDue: true)
    return (loader.report, loader.withKeyspace { $0.digest.description })
  }

  @Test(arguments: AOFLoadCase.all)
  func `hand-made files load to what a server held`(_ sample: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      _ = try sample.write(to: folder.url)
      for server in sample.document["servers"]?.members ?? [] {
        guard server.value["started"]?.bool == true,
          let expected = server.value["digest"]?.string
        else { continue }
        let (report, digest) = try Self.load(folder.url.path, server.name)
        guard Self.isWhole(report) else { continue }
        #expect(digest == expected, "\(server.name)")
        // Valkey 9 says nothing of a transaction within a transaction.
        if server.name.hasPrefix("valkey") { continue }
        let log = (server.value["log"]?.elements ?? []).compactMap(\.string)
        let isCritical = log.contains { $0.contains("== CRITICAL ==") }
        #expect((report.refusedCount > 0) == isCritical, "\(report.refused)")
        #expect(report.explainedCount == 0)
      }
    }
  }

  @Test(arguments: DamagedAOF.all)
  func `damaged files load to what a server held`(_ sample: DamagedAOF) throws {
    if Self.undefined.contains(sample.name) { return }
    for run in sample.document["server"]?.members ?? [] {
      // Only the newest servers cut more than a last record off.
      guard run.value["starts"]?.bool == true, !run.name.contains("corrupt-tail"),
        let expected = run.value["digest"]?.string
      else { continue }
      let (report, digest) = try Self.load(sample.folder.path, sample.server)
      guard Self.isWhole(report) else { continue }
      #expect(digest == expected, "\(run.name): \(report.stop.map { "\($0)" } ?? "all read")")
    }
  }
}
