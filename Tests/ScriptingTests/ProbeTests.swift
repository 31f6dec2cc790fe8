import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

/// Eighty scripts in the order in which eleven servers ran them, and what these answered.
@Suite struct ProbeTests {
  /// The answers of one server.
  struct Probe: Sendable, CustomTestStringConvertible {
    let name: String
    let document: JSONValue
    var testDescription: String { name }

    var target: ServerVersion {
      let parts = name.split(separator: "-")
      let numbers = parts[1].split(separator: ".").compactMap { Int($0) }
      return ServerVersion(
        parts[0] == "redis" ? .redis : .valkey, numbers[0], numbers[1], numbers[2])
    }
  }

  static let probes: [Probe] = {
    let file =
      SharedData.root?.appending(path: "aof/lua-probes.json")
      ?? ProjectFolders.fixtures.appending(path: "lua/probes.json")
    let document = try? JSONValue(parsing: readBytes(file))
    return (document?["servers"]?.members ?? []).map { Probe(name: $0.name, document: $0.value) }
      .sorted { $0.name < $1.name }
  }()

  /// The order of a hash table of the server.
  static let unordered: Set<String> = ["keys order"]

  @Test(arguments: probes)
  func `scripts answer as on their server`(_ probe: Probe) {
    let session = ScriptSession(probe.target)
    var compared = 0
    for member in probe.document["results"]?.members ?? [] {
      let (name, result) = (member.name, member.value)
      let reply = session.eval(result["script"]?.string ?? "")
      let isUnordered =
        Self.unordered.contains(name) && probe.target >= ServerVersion(.redis, 5, 0, 0)
      if isUnordered { continue }
      compared += 1
      let found = reply.map { Self.plain($0) } ?? "not executed"
      #expect(found == Self.plain(result["reply"] ?? .null), "\(name)")
    }
    #expect(compared >= 20)
  }

  /// An answer as text, without the difference between a status and a string. The recording has
  /// `ERR ` in front of errors.
  static func plain(_ reply: ReplyValue) -> String {
    switch reply {
    case .status(let text): "\"\(text)\""
    case .bulk(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .error(let text): "\"ERR \(text)\""
    case .integer(let value): "\(value)"
    case .null, .nullArray: "null"
    case .array(let parts): "[\(parts.map { plain($0) }.joined(separator: ", "))]"
    }
  }

  static func plain(_ value: JSONValue) -> String {
    if case .null = value { return "null" }
    if let text = value.string { return "\"\(text)\"" }
    if let number = value.int { return "\(number)" }
    return "[\(value.elements.map { plain($0) }.joined(separator: ", "))]"
  }
}
