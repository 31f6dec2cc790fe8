import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RedisConf

@Suite struct SampleTests {
  /// Set by the harness on the command line, or the place where the test ran.
  private static let setByHarness: Set<String> = [
    "port", "unixsocket", "daemonize", "logfile", "pidfile", "dir", "unixsocketperm", "bind",
  ]

  @Test(.needsSharedData) func `samples start or not as on six servers`() throws {
    let root = try #require(SharedData.root)
    try check(root.appending(path: "conf/samples", directoryHint: .isDirectory))
  }

  @Test func `the samples of the project start or not as on six servers`() throws {
    try check(ProjectFolders.fixtures.appending(path: "conf", directoryHint: .isDirectory))
  }

  private func check(_ folder: URL) throws {
    var wrong: [String] = []
    var values: [String] = []
    var total = 0
    for sample in try Sample.all(folder) {
      for (id, expected) in sample.servers {
        let reading = sample.reading(try target(of: id))
        total += 1
        let isAccepted = expected["accepted"]?.bool ?? false
        if (reading.refusal == nil) != isAccepted {
          wrong.append("\(sample.name) \(id): \(reading.refusal?.reason ?? "accepted")")
        } else if let line = expected["line"]?.int, line != reading.refusal?.line {
          wrong.append("\(sample.name) \(id): line \(reading.refusal?.line ?? 0), not \(line)")
        } else if let message = expected["message"]?.string, !isAccepted, !message.isEmpty,
          !message.contains(reading.refusal?.message ?? "-")
        {
          wrong.append("\(sample.name) \(id): \(reading.refusal?.message ?? "") for \(message)")
        }
        if isAccepted, let effective = expected["effective"] {
          values += differences(reading, effective, sample).map { "\(sample.name) \(id): \($0)" }
        }
      }
    }
    #expect(total > 0)
    #expect(wrong.isEmpty, "\(wrong.count) of \(total): \(wrong.joined(separator: "\n"))")
    #expect(values.isEmpty, "\(values.joined(separator: "\n"))")
  }

  private func target(of id: String) throws -> ServerVersion {
    try ServerVersion(target: id.replacing("-", with: ":", maxReplacements: 1))
  }

  private func differences(
    _ reading: ServerReading, _ expected: JSONValue, _ sample: Sample
  ) -> [String] {
    var own: [String: [UInt8]] = [:]
    for setting in reading.effectiveSettings where setting.value != setting.defaultValue {
      own[setting.name] = setting.value
    }
    if sample.kind == "acl" { own["aclfile"] = Array("<dir>/\(sample.file)".utf8) }
    var result: [String] = []
    for member in expected.members {
      let (name, value) = (member.name, member.value)
      guard !Self.setByHarness.contains(name) else { continue }
      let text = value.string ?? value["hex"]?.string ?? ""
      let found = own.removeValue(forKey: name)
      let hex = found.map { $0.map { String(format: "%02x", $0) }.joined() }
      // The harness may open fewer files than the sample asks clients for.
      if name == "maxclients", sample.name == "wl-ratelimit-good" { continue }
      if found.map({ String(decoding: $0, as: UTF8.self) }) != text, hex != text {
        result.append("\(name) is \(hex ?? "the default"), not \(text)")
      }
    }
    // 6.2 does not tell what has no run-time parameter; TLS ports were moved.
    let untold: Set<String> = ["cluster-config-file", "replicaof", "slaveof", "tls-port"]
    for (name, value) in own where !Self.setByHarness.union(untold).contains(name) {
      result.append("\(name) is \(String(decoding: value, as: UTF8.self)), not the default")
    }
    return result
  }
}

/// A file of the corpus with what servers said to it.
struct Sample {
  let name: String
  let file: String
  let kind: String
  let folder: URL
  let servers: [(name: String, value: JSONValue)]

  static func all(_ folder: URL) throws -> [Sample] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    return try names.filter { $0.hasSuffix(".expect.json") }.map { name in
      let facts = try JSONValue(parsing: try Data(contentsOf: folder.appending(path: name)))
      return Sample(
        name: String(name.dropLast(12)), file: facts["input"]?["file"]?.string ?? "",
        kind: facts["input"]?["kind"]?.string ?? "", folder: folder,
        servers: (facts["servers"]?.members ?? []).map { ($0.name, $0.value) })
    }
  }

  /// How `target` reads it.
  func reading(_ target: ServerVersion) -> ServerReading {
    let bytes = Array((try? Data(contentsOf: folder.appending(path: file))) ?? Data())
    if kind == "acl" {
      return ServerReading(acl: ConfDocument(aclName: file, bytes: bytes), target: target)
    }
    return ServerReading(
      ConfDocument(name: file, bytes: bytes), target: target, isSentinel: kind == "sentinel",
      files: SampleFiles(folder: folder))
  }
}

/// The folder of samples as the working directory of a server.
struct SampleFiles: ConfFiles {
  let folder: URL

  private func url(_ path: String) -> URL {
    path.hasPrefix("/") ? URL(filePath: path) : folder.appending(path: path)
  }

  func read(_ path: String) -> [UInt8]? { (try? Data(contentsOf: url(path))).map { Array($0) } }

  func matches(_ pattern: String) -> [String] {
    let parts = pattern.split(separator: "/")
    let glob = GlobPattern(Array((parts.last ?? "").utf8))
    let parent = parts.dropLast().joined(separator: "/")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url(parent).path)) ?? []
    return names.sorted().filter { name in
      Array(name.utf8).withUnsafeBytes { glob.matches($0) }
    }.map { parent.isEmpty ? $0 : "\(parent)/\($0)" }
  }

  func presence(_ path: String) -> Bool? {
    // The certificates of the samples were made for the run alone.
    if path.hasPrefix("tls/"), !path.contains("missing") { return true }
    return FileManager.default.fileExists(atPath: url(path).path)
  }
}
