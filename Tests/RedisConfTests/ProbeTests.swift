import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RedisConf

@Suite struct ProbeTests {
  @Test(.needsSharedData) func `values are taken and refused as by the servers`() throws {
    let file = try #require(SharedData.root).appending(path: "conf/probes.json")
    let facts = try JSONValue(parsing: try Data(contentsOf: file))
    let servers = (facts["servers"]?.elements ?? []).compactMap(\.string)
    for (index, id) in servers.enumerated() where index >= 6 {
      let target = try ServerVersion(target: id.replacing("-", with: ":", maxReplacements: 1))
      let verdict = ConfVerdict(target, .shared)
      var total = 0
      var wrong: [String] = []
      for probe in facts["probes"]?.members ?? [] {
        for text in probe.value.members {
          let isTaken = text.value["ok"]?.elements.contains { $0.int == index } ?? false
          let isRefused =
            text.value["refused"]?.members.contains { entry in
              entry.value.elements.contains { $0.int == index }
            } ?? false
          guard isTaken != isRefused else { continue }
          let document = ConfDocument(
            name: "a", bytes: Array("\(probe.name) \(text.name)\n".utf8))
          guard let line = document.lines.first else { continue }
          let arguments = line.tokens.dropFirst().map(\.value)
          let accepts =
            line.unbalancedAt == nil && verdict.trouble(line.name, Array(arguments)) == nil
          total += 1
          if accepts != isTaken { wrong.append("\(probe.name) \(text.name)") }
        }
      }
      // What is left depends on the machine (files, folders) and on the build.
      #expect(wrong.count * 50 <= total, "\(id): \(wrong.joined(separator: ", "))")
    }
  }
}
