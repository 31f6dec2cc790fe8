import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RedisConf

/// Lines of Sentinels and rules of users, each with the answers of sixteen servers.
@Suite struct GrammarTests {
  /// A line or rule with what one server said to it.
  private struct Case {
    let text: String
    let server: String
    /// `ok`, or the refusal.
    let answer: String

    /// All of a table: text, answer, servers.
    static func all(_ table: JSONValue?) -> [Case] {
      (table?.members ?? []).flatMap { text in
        text.value.members.flatMap { answer in
          answer.value.elements.compactMap(\.string).map {
            Case(text: text.name, server: $0, answer: answer.name)
          }
        }
      }
    }
  }

  /// The tables of the project, which hold those of the shared data that these tests read.
  private func facts(_ name: String) throws -> JSONValue {
    let own = ProjectFolders.fixtures.appending(path: "conf/\(name)")
    let file = SharedData.root?.appending(path: "conf/\(name)") ?? own
    return try JSONValue(parsing: try Data(contentsOf: file))
  }

  @Test func `lines of a Sentinel are taken as by the servers`() throws {
    let cases = try facts("sentinel.json")["lines"]?.members.flatMap { Case.all($0.value) } ?? []
    #expect(cases.count > 1000)
    try check(cases) { text, target in
      let reading = ServerReading(
        ConfDocument(name: "sentinel.conf", bytes: Array("\(text)\n".utf8)), target: target,
        isSentinel: true, files: Machine())
      guard let refusal = reading.refusal else { return "ok" }
      // The servers name no line for a file that they cannot open.
      return refusal.message.hasPrefix("Fatal error")
        ? refusal.message : "line \(refusal.line ?? 0): \(refusal.message)"
    }
  }

  @Test func `rules of a user are taken as by the servers`() throws {
    let cases = Case.all(try facts("acl.json")["setuser"])
    #expect(cases.count > 800)
    try check(cases) { text, target in
      let line = "user t \(Self.words(text, target))\n"
      let reading = ServerReading(
        ConfDocument(name: "redis.conf", bytes: Array(line.utf8)), target: target,
        files: Machine())
      return reading.refusal?.message ?? "OK"
    }
  }

  /// A rule as the one word that the servers were given; the last ones of the table were put to a
  /// user that had everything already.
  private static func words(_ rule: String, _ target: ServerVersion) -> String {
    let everything = "~* &* +@all "
    guard rule.hasPrefix(everything) else { return "\"\(rule)\"" }
    let channels = ACLServer(target).isSixTwo ? "&* " : ""
    return "~* \(channels)+@all \"\(rule.dropFirst(everything.count))\""
  }

  private func check(_ cases: [Case], _ answer: (String, ServerVersion) -> String) throws {
    var wrong: [String] = []
    for item in cases {
      let target = try ServerVersion(
        target: item.server.replacing("-", with: ":", maxReplacements: 1))
      let own = answer(item.text, target)
      // ACL SETUSER says less than a line of a file, of which the refusal names the user.
      let said = item.answer.replacing("ERR ", with: "", maxReplacements: 1)
      if own != said, !own.hasSuffix(": \(said)") {
        wrong.append("\(item.text) \(item.server): '\(own)' for '\(item.answer)'")
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count) of \(cases.count): \(wrong.joined(separator: "\n"))")
  }

  /// A machine with one program, without the files of a configuration.
  private struct Machine: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
    func presence(_ path: String) -> Bool? { path == "/bin/true" }
  }
}
