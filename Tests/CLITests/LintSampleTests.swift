import Foundation
import TestSupport
import Testing

/// A configuration with what a linter must say about it, and what servers did with it.
struct LintSample: Sendable, CustomTestStringConvertible {
  let file: URL
  let expectation: URL
  var testDescription: String { file.lastPathComponent }

  /// The samples of a folder.
  static func all(in folder: URL?) -> [LintSample] {
    guard let folder,
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    else { return [] }
    return names.filter { $0.hasSuffix(".expect.json") }.sorted().compactMap { name in
      let expectation = folder.appending(path: name)
      guard let document = try? JSONValue(parsing: Data(contentsOf: expectation)),
        let file = document["input"]?["file"]?.string
      else { return nil }
      return LintSample(file: folder.appending(path: file), expectation: expectation)
    }
  }

  /// Those of the shared data, or a share of them.
  static let all =
    SharedData.root == nil
    ? all(in: ProjectFolders.fixtures.appending(path: "conf"))
    : all(in: SharedData.root?.appending(path: "conf/samples"))
}

@Suite struct LintSampleTests {
  /// What lay in the folder of the servers when a sample needs TLS.
  private static let certificates = ["server.crt", "server.key", "ca.crt"]

  private static let targets = [
    "redis-6.2.16": "redis:6.2", "redis-7.0.15": "redis:7.0", "redis-8.0.6": "redis:8.0",
    "redis-8.6.3": "redis:8.6", "valkey-8.1.1": "valkey:8.1", "valkey-9.1.2": "valkey:9.1",
  ]

  private static func facts(of sample: LintSample) throws -> [UInt8] {
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: sample.expectation))
    let lint = (object as? [String: Any])?["lint"] as? [String: Any]
    return Array(try JSONSerialization.data(withJSONObject: lint?["facts"] ?? [:]))
  }

  @Test(arguments: LintSample.all)
  func `a sample gets its findings and the servers' verdicts`(_ sample: LintSample) throws {
    let expected = try JSONValue(parsing: Data(contentsOf: sample.expectation))
    let report = try withTemporaryFolder { folder in
      var arguments = ["lint", "--format", "json"]
      if let facts = expected["lint"]?["facts"], !facts.members.isEmpty {
        // JSON is YAML too.
        let text = try Self.facts(of: sample)
        arguments += ["--facts", try folder.write(text, to: "facts.yaml").path]
      }
      var file = sample.file
      if expected["input"]?["needs"]?["tls"] == .bool(true) {
        let tls = folder.file("tls")
        try FileManager.default.createDirectory(at: tls, withIntermediateDirectories: false)
        for name in Self.certificates { try Data().write(to: tls.appending(path: name)) }
        file = try folder.write(try readBytes(file), to: file.lastPathComponent)
      }
      return try document(try redisops(arguments + [file.path]))
    }
    let found = Set((report["findings"]?.elements ?? []).compactMap { $0["id"]?.string })
    for id in expected["lint"]?["expect"]?.elements ?? [] {
      #expect(found.contains(id.string ?? ""), "\(id) is missing")
    }
    for id in expected["lint"]?["never"]?.elements ?? [] {
      #expect(!found.contains(id.string ?? ""), "\(id) is wrong")
    }
    for server in expected["servers"]?.members ?? [] {
      let verdict = report["targets"]?.elements.first {
        $0["target"]?.string == Self.targets[server.name]
      }
      #expect(verdict?["accepted"] == server.value["accepted"], "\(server.name)")
      if let line = server.value["line"]?.int, server.value["accepted"] == .bool(false) {
        #expect(verdict?["line"]?.int == line, "\(server.name)")
      }
    }
  }
}
