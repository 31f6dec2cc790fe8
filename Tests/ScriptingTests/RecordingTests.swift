import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

/// Scripts that go to the edges of the interface, of cjson, cmsgpack, struct and FUNCTION, and what
/// redis-server 7.0.15 of Debian 12 answered; and the same again with the server that is here.
@Suite struct RecordingTests {
  /// The commands of a file of the fixtures, and their answers.
  struct Step: Sendable {
    let words: [[UInt8]]
    let reply: ServerReply
  }

  static let names = ["interface", "json", "packing", "functions"]

  static func steps(_ name: String) throws -> [Step] {
    let file = ProjectFolders.fixtures.appending(path: "lua/\(name).json")
    return try JSONValue(parsing: readBytes(file)).elements.map { step in
      Step(
        words: (step["command"]?.elements ?? []).map { bytes($0) },
        reply: reply(step["reply"] ?? .null))
    }
  }

  /// A string whose characters are bytes.
  private static func bytes(_ value: JSONValue) -> [UInt8] {
    (value.string ?? "").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  private static func reply(_ value: JSONValue) -> ServerReply {
    if case .null = value { return .null }
    if let number = value.int { return .integer(Int64(number)) }
    if let text = value["status"]?.string { return .status(text) }
    if let text = value["error"]?.string { return .error(text) }
    if value.string != nil { return .bulk(bytes(value)) }
    return .array(value.elements.map { reply($0) })
  }

  /// Libraries are listed in the order of a hash table.
  private static func sorted(_ words: [[UInt8]], _ reply: ReplyValue) -> ReplyValue {
    guard words.count > 1, words[0].elementsEqual("FUNCTION".utf8),
      words[1].elementsEqual("LIST".utf8), case .array(let libraries) = reply
    else { return reply }
    let parts = libraries.map { library -> ReplyValue in
      guard case .array(var facts) = library, facts.count > 5, case .array(let functions) = facts[5]
      else { return library }
      facts[5] = .array(functions.sorted { "\($0)" < "\($1)" })
      return .array(facts)
    }
    return .array(parts.sorted { "\($0)" < "\($1)" })
  }

  @Test(arguments: names)
  func `commands are answered as recorded`(_ name: String) throws {
    let session = ScriptSession()
    let steps = try Self.steps(name)
    #expect(steps.count > 30)
    for step in steps {
      let show = step.words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
      let found = try #require(session.run(step.words), "\(show)")
      let expected = Self.sorted(step.words, ReplyValue(step.reply))
      #expect(Self.sorted(step.words, found) == expected, "\(show)")
    }
  }

  @Test(.needsRedisServer, arguments: names)
  func `commands are answered as by the server that is here`(_ name: String) throws {
    let server = try RealServer()
    // The recording is of this version.
    guard try server.command("INFO", "server").contains("redis_version:7.0.15") else { return }
    let connection = try RESPConnection(port: server.port)
    for step in try Self.steps(name) {
      let answer = try connection.exchange([step.words])[0]
      let expected = Self.sorted(step.words, ReplyValue(step.reply))
      #expect(
        Self.sorted(step.words, ReplyValue(answer)) == expected,
        "\(step.words.map { String(decoding: $0, as: UTF8.self) })")
    }
  }
}
