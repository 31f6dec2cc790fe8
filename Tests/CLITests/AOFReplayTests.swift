import TestSupport
import Testing

/// What `aof verify` says that servers hold, against what they held.
@Suite struct AOFReplayTests {
  /// What servers do with these is not defined: they read past the arguments.
  private static let undefined: Set<String> = [
    "bulk-huge", "bulk-negative", "argc-too-small", "wrong-arity",
  ]

  /// A server's name in the corpus as a target.
  private static func target(_ server: String) -> String {
    server.replacing("-", with: ":", maxReplacements: 1)
  }

  /// The entry of a document for one setting.
  private static func entry(_ report: JSONValue, _ run: LoadRun) -> JSONValue? {
    report["servers"]?.elements.first {
      $0["aofLoadTruncated"]?.bool == run.loadTruncated
        && $0["aofLoadCorruptTailMaxSize"]?.int ?? 0 == run.corruptTailMaxSize
    }
  }

  private static func isSkipped(_ report: JSONValue) -> Bool {
    report["findings"]?.elements.contains { $0["id"]?.string == "replay-skipped" } == true
  }

  private static func check(
    _ report: JSONValue, _ run: LoadRun, digest: String?, keys: [String: Int], _ name: String
  ) {
    guard let entry = entry(report, run) else {
      Issue.record("\(name): no entry")
      return
    }
    #expect(entry["starts"]?.bool == run.starts, "\(name)")
    guard run.starts, !isSkipped(report) else { return }
    #expect(entry["digest"]?.string == digest, "\(name)")
    let found = entry["keys"]?.members.map { ($0.name, $0.value.int ?? -1) } ?? []
    #expect(Dictionary(found) { $1 } == keys, "\(name)")
  }

  @Test(arguments: AOFLoadCase.all)
  func `keys and digest of hand-made files are those of the servers`(_ sample: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      let path = try sample.write(to: folder.url).path
      for (server, run) in sample.runs {
        var run = run
        let size = run.corruptTailMaxSize
        if !server.hasPrefix("redis-8.6") { run.corruptTailMaxSize = 0 }
        let result = try redisops(
          ["aof", "verify", "--format", "json", "--target", Self.target(server)]
            + (size > 0 ? ["--corrupt-tail-max-size", "\(size)"] : []) + [path])
        let answer = sample.document["servers"]?[server]
        let keys = (answer?["keys"]?.members ?? []).map {
          (String($0.name.dropFirst(2)), $0.value.int ?? 0)
        }
        Self.check(
          try document(result), run, digest: answer?["digest"]?.string,
          keys: Dictionary(keys.filter { $0.1 > 0 }) { $1 }, server)
      }
    }
  }

  @Test(arguments: DamagedAOF.all)
  func `keys and digest of damaged files are those of the server`(_ sample: DamagedAOF) throws {
    if Self.undefined.contains(sample.name) { return }
    let result = try redisops(
      "aof", "verify", "--format", "json", "--target", Self.target(sample.server),
      sample.path.path)
    let report = try document(result)
    for (run, answer) in zip(sample.runs, sample.document["server"]?.members ?? [])
    where run.corruptTailMaxSize == 0 || run.corruptTailMaxSize == 4096 {
      let keys = (answer.value["keys_per_db"]?.members ?? []).map { ($0.name, $0.value.int ?? 0) }
      Self.check(
        report, run, digest: answer.value["digest"]?.string, keys: Dictionary(keys) { $1 },
        answer.name)
    }
  }
}
