import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

/// What thirteen servers answered to the same 450 commands, and what they wrote to their AOF.
@Suite struct PropagationTests {
  /// A recording of one server.
  struct Recording: Sendable, CustomTestStringConvertible {
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

  static let recordings: [Recording] = {
    let folder =
      SharedData.root?.appending(path: "aof/propagation")
      ?? ProjectFolders.fixtures.appending(path: "aof/propagation")
    let found = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    let files = found ?? []
    return files.sorted { $0.path < $1.path }.compactMap { file in
      (try? JSONValue(parsing: readBytes(file))).map {
        Recording(name: file.deletingPathExtension().lastPathComponent, document: $0)
      }
    }
  }()

  /// Commands whose answers depend on chance or on the server's state, or that need what other
  /// targets have: what they wrote to the AOF is executed in their place.
  static let notCompared: Set<String> = [
    "SPOP", "SRANDMEMBER", "CONFIG", "DEBUG", "CLIENT", "CLUSTER", "MIGRATE", "REPLICAOF",
    "PUBLISH",
    "SPUBLISH", "SUBSCRIBE", "RESTORE", "RESTORE-ASKING", "EVAL", "EVALSHA", "EVALSHA_RO", "FCALL",
    "FCALL_RO", "FUNCTION", "SCRIPT", "LCS",
  ]

  @Test(arguments: recordings)
  func `answers are those of the server`(_ recording: Recording) throws {
    let session = Session(recording.target)
    let isExact = CommandTable(recording.target).isExact
    var compared = 0
    for step in recording.document["steps"]?.elements ?? [] {
      // What follows fills the server's memory up to its limit.
      if step["note"]?.string == "eviction" { break }
      // A pause: what the server deleted by itself is in its AOF.
      guard let words = Self.words(step["cmd"]), let name = words.first else {
        Self.apply(step["aof"], to: session)
        continue
      }
      if let time = step["t"]?.int { session.space.nowMs = Int64(time) }
      let expected = Self.plain(step["reply"] ?? .null)
      // A transaction with a script.
      if expected == "[null, \"OK\"]" {
        session.run(words)
        continue
      }
      // A table between two servers takes what either of them takes.
      if !isExact, expected.hasPrefix("error ERR unknown command") { continue }
      if !isExact, expected.hasPrefix("error ERR wrong number of arguments") { continue }
      let command = String(decoding: name, as: UTF8.self).uppercased()
      guard !Self.notCompared.contains(command), let reply = session.run(words) else {
        Self.apply(step["aof"], to: session)
        continue
      }
      compared += 1
      #expect(Self.plain(reply) == expected, "\(Self.show(words)) at \(session.space.nowMs)")
      // Behind the command itself stands what clients that waited for it did.
      if Self.words(step["aof"]?.elements.first) == words {
        Self.apply(.array(Array(step["aof"]?.elements.dropFirst() ?? [])), to: session)
      }
    }
    #expect(compared > 190)
  }

  /// Executes what a command wrote to the AOF.
  private static func apply(_ records: JSONValue?, to session: Session) {
    for record in records?.elements ?? [] {
      guard let words = words(record), words[0] != Array("SELECT".utf8) else { continue }
      _ = session.execute(words)
    }
  }

  static func words(_ value: JSONValue?) -> [[UInt8]]? {
    guard let value, !value.elements.isEmpty else { return nil }
    return value.elements.map { bytes($0) }
  }

  /// A string whose characters are bytes.
  static func bytes(_ value: JSONValue) -> [UInt8] {
    (value.string ?? "").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  static func show(_ words: [[UInt8]]) -> String {
    words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  /// An answer as text, without the difference between a status and a string.
  static func plain(_ reply: ReplyValue) -> String {
    switch reply {
    case .status(let text): "\"\(text)\""
    case .bulk(let bytes): "\"\(String(decoding: bytes, as: UTF8.self))\""
    case .error(let text): "error \(text)"
    case .integer(let value): "\(value)"
    case .null, .nullArray: "null"
    case .array(let parts): "[\(parts.map { plain($0) }.joined(separator: ", "))]"
    }
  }

  static func plain(_ value: JSONValue) -> String {
    if case .null = value { return "null" }
    if let error = value["error"]?.string { return "error \(error)" }
    if value.string != nil { return "\"\(String(decoding: bytes(value), as: UTF8.self))\"" }
    if let number = value.int { return "\(number)" }
    return "[\(value.elements.map { plain($0) }.joined(separator: ", "))]"
  }
}
