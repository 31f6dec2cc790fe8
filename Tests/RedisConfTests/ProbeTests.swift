import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RedisConf

@Suite struct ProbeTests {
  @Test(.needsSharedData) func `values are taken and refused as by the servers`() throws {
    let page = try String(
      contentsOf: ProjectFolders.root.appending(path: "docs/lint-agreement.md"), encoding: .utf8)
    let root = try #require(SharedData.root)
    try check(root.appending(path: "conf/probes.json")) { server, total, right in
      let row = "| \(server) | \(total) | \(right) |"
      #expect(page.contains(row), "docs/lint-agreement.md lacks '\(row)'")
    }
  }

  @Test func `values of the project's share are taken and refused as by the servers`() throws {
    try check(ProjectFolders.fixtures.appending(path: "conf/probes.json")) { _, total, right in
      #expect(total > 50 && right == total)
    }
  }

  /// Asks about all values of a table.
  ///
  /// - Parameter report: takes a server's name, its values, and those answered as by it.
  private func check(_ file: URL, _ report: (String, Int, Int) -> Void) throws {
    let facts = try JSONValue(parsing: try Data(contentsOf: file))
    let servers = (facts["servers"]?.elements ?? []).compactMap(\.string)
    let messages = (facts["messages"]?.elements ?? []).compactMap(\.string)
    for (index, id) in servers.enumerated() {
      let target = try ServerVersion(target: id.replacing("-", with: ":", maxReplacements: 1))
      var total = 0
      var wrong: [String] = []
      var otherMessages: [String] = []
      for probe in facts["probes"]?.members ?? [] {
        for text in probe.value.members {
          let isTaken = text.value["ok"]?.elements.contains { $0.int == index } ?? false
          let refusal = text.value["refused"]?.members.first { entry in
            entry.value.elements.contains { $0.int == index }
          }
          guard isTaken || refusal != nil else { continue }
          let line = "\(probe.name) \(text.name)"
          total += 1
          let answer = Self.answer(line, target)
          if (answer == nil) != isTaken {
            wrong.append("\(line) [\(answer ?? "taken")]")
          } else if let refusal, let number = Int(refusal.name), messages[number] != answer {
            otherMessages.append("\(line): \(answer ?? "") for \(messages[number])")
          }
        }
      }
      report(target.displayName, total, total - wrong.count)
      #expect(wrong.isEmpty, "\(id) of \(total): \(wrong.joined(separator: "; "))")
      #expect(
        otherMessages.count * 50 <= total, "\(id): \(otherMessages.joined(separator: "; "))")
    }
  }

  /// What the server says to the line while it reads the file; nil when it reads on.
  private static func answer(_ line: String, _ target: ServerVersion) -> String? {
    let reading = ServerReading(
      ConfDocument(name: "a", bytes: Array("\(line)\n".utf8)), target: target,
      files: NoFiles())
    return reading.refusals.first { !$0.isAtStart }?.message
  }
}

/// A machine without the files of a configuration, whose folders are `.` and `/`.
struct NoFiles: ConfFiles {
  func read(_ path: String) -> [UInt8]? { nil }
  func matches(_ pattern: String) -> [String] { [] }
  func presence(_ path: String) -> Bool? { [".", "./", "/"].contains(path) }
}
