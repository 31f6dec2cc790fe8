import AOF
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// What servers do with a set and what they then hold, foretold, against what they did and held.
@Suite struct ForecastTests {
  /// What servers do with these is not defined: they read past the arguments.
  private static let undefined: Set<String> = [
    "bulk-huge", "bulk-negative", "argc-too-small", "wrong-arity",
  ]

  /// The forecast for a run, and the data that go with it.
  private static func forecast(
    _ path: String, _ server: String, _ run: LoadRun
  ) throws -> (prediction: AOFPrediction, data: HeldData?, isWhole: Bool) {
    let target = try CorpusLoadTests.target(server)
    let set = try AOFSet(opening: path)
    var options = AOFCheckOptions()
    options.targets = [target]
    if run.corruptTailMaxSize > 0 { options.corruptTailMaxSize = run.corruptTailMaxSize }
    let check = AOFCheck(set, options)
    let replay = AOFReplay(
      set, LoadOptions(target: target, nowMs: 1_800_000_000_000, seed: 9))
    let prediction = try #require(
      check.predictions.first {
        $0.loadTruncated == run.loadTruncated && $0.corruptTailMaxSize == run.corruptTailMaxSize
      })
    return (prediction, replay.data(under: prediction), replay.report.gaps.isEmpty)
  }

  private static func counts(_ data: HeldData?) -> [String: Int] {
    Dictionary((data?.databases ?? []).map { ("\($0.number)", $0.keyCount) }) { $1 }
  }

  @Test(arguments: AOFLoadCase.all)
  func `keys and digest of hand-made files are those of the servers`(_ sample: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      let path = try sample.write(to: folder.url).path
      for (server, run) in sample.runs {
        var run = run
        if !server.hasPrefix("redis-8.6") { run.corruptTailMaxSize = 0 }
        let (prediction, data, isWhole) = try Self.forecast(path, server, run)
        #expect(prediction.starts == run.starts, "\(server)")
        guard run.starts, isWhole else { continue }
        let answer = sample.document["servers"]?[server]
        #expect(data?.digest.description == answer?["digest"]?.string, "\(server)")
        let keys = (answer?["keys"]?.members ?? []).map {
          (String($0.name.dropFirst(2)), $0.value.int ?? 0)
        }
        #expect(Self.counts(data) == Dictionary(keys.filter { $0.1 > 0 }) { $1 }, "\(server)")
      }
    }
  }

  @Test(arguments: DamagedAOF.all)
  func `keys and digest of damaged files are those of the server`(_ sample: DamagedAOF) throws {
    if Self.undefined.contains(sample.name) { return }
    for (run, answer) in zip(sample.runs, sample.document["server"]?.members ?? []) {
      let (prediction, data, isWhole) = try Self.forecast(sample.path.path, sample.server, run)
      #expect(prediction.starts == run.starts, "\(answer.name)")
      guard run.starts, isWhole else { continue }
      #expect(data?.digest.description == answer.value["digest"]?.string, "\(answer.name)")
      let keys = (answer.value["keys_per_db"]?.members ?? []).map { ($0.name, $0.value.int ?? 0) }
      #expect(Self.counts(data) == Dictionary(keys) { $1 }, "\(answer.name)")
    }
  }
}
