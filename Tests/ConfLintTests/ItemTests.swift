import RedisConf
import RedisModel
import Testing

@testable import ConfLint

/// What `for-each` visits.
@Suite struct ItemTests {
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    let directive: String
    var target = "redis:7.2"
    /// Of each item the texts of these fields.
    let fields: [String]
    let expected: [[String]]
    var testDescription: String { "\(text.debugDescription) for \(target)" }
  }

  private static let cases = [
    Case(
      text: "bind 127.0.0.1 -::1 redis.local *", directive: "bind",
      fields: ["text", "address", "optional", "wildcard", "loopback", "index"],
      expected: [
        ["127.0.0.1", "yes", "no", "no", "yes", "0"], ["-::1", "yes", "yes", "no", "yes", "1"],
        ["redis.local", "no", "no", "no", "no", "2"], ["*", "no", "no", "yes", "no", "3"],
      ]),
    Case(text: "bind ::1", directive: "bind", fields: ["text"], expected: [["::1"]]),
    Case(
      text: "save 900 1 30 5\nsave 60 7", directive: "save", fields: ["text", "changes", "argc"],
      expected: [["900 1", "1", "2"], ["30 5", "5", "2"], ["60 7", "7", "2"]]),
    Case(
      text: "save 900 1 30 5", directive: "save", target: "redis:6.2", fields: ["text", "argc"],
      expected: [["900 1 30 5", "4"]]),
    Case(
      text: "client-output-buffer-limit normal 0 0 0 replica 1mb 2mb 3",
      directive: "client-output-buffer-limit", fields: ["class", "argc"],
      expected: [["normal", "4"], ["replica", "4"]]),
    Case(text: "save \"\"", directive: "save", fields: ["argc"], expected: [["1"]]),
  ]

  @Test(arguments: cases)
  func `each item of a line is visited`(_ item: Case) throws {
    let bytes = Array(item.text.utf8)
    let reading = ServerReading(
      ConfDocument(name: "x", bytes: bytes), target: try ServerVersion(target: item.target),
      isSentinel: false, files: NoFiles())
    let scope = ReadingScope(
      reading, files: [RuleFile(name: "x", kind: .conf, bytes: bytes)], kind: .conf,
      facts: Facts(), types: CatalogueTypes())
    let entries = scope.items(of: item.directive)
    #expect(
      entries.map { entry in item.fields.map { entry.record.field($0).description } }
        == item.expected)
    for entry in entries {
      let range = Int(entry.valueRange.lowerBound)..<Int(entry.valueRange.upperBound)
      let written = String(decoding: bytes[range], as: UTF8.self)
      #expect(written == entry.record.field("text").description)
    }
  }
}
