import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

/// Random commands, sent to a real redis-server 7.0 and to the engine: answers and digests are
/// equal.
///
/// `REDISOPS_DIFFERENTIAL` says how many commands of each group are sent, in place of a few
/// thousand. A failure is shrunk to a short row of commands and printed.
@Suite(.serialized) struct DifferentialTests {
  private static let commandCount =
    ProcessInfo.processInfo.environment["REDISOPS_DIFFERENTIAL"].flatMap(Int.init) ?? 4000
  private static let batchCount = 200

  @Test(.needsRedisServer, arguments: CommandGenerator.Group.allCases)
  func `answers and data are those of a server`(_ group: CommandGenerator.Group) throws {
    let server = try RealServer(arguments: ["--set-max-intset-entries", "512"])
    let connection = try RESPConnection(port: server.port)
    _ = try connection.run([Self.words(["DEBUG", "SET-ACTIVE-EXPIRE", "0"])])
    let version = try Self.version(connection)
    // Rounds that start empty, so that a failure has a short past.
    for round in 0..<max(1, Self.commandCount / Self.batchCount) {
      let seed = UInt64(round + 1)
      var generator = CommandGenerator(group, seed: seed)
      let commands = (0..<Self.batchCount).map { _ in generator.next() }
      guard let failure = try Self.failure(commands, connection, version) else { continue }
      let short = try Self.shrink(commands, connection, version)
      let last = try Self.failure(short, connection, version) ?? failure
      let rows = short.map { $0.joined(separator: " ") }.joined(separator: "\n")
      Issue.record("seed \(seed): \(last) after\n\(rows)")
      return
    }
  }

  /// Commands whose answers come in the order of a server's hash tables.
  private static let unordered: Set<String> = [
    "KEYS", "SCAN", "SSCAN", "HSCAN", "ZSCAN", "SMEMBERS", "SUNION", "SINTER", "SDIFF", "HKEYS",
    "HVALS", "HGETALL", "HRANDFIELD", "EXEC",
  ]

  private static func sorted(_ reply: ReplyValue) -> ReplyValue {
    guard case .array(let parts) = reply else { return reply }
    return .array(parts.map(sorted).sorted { "\($0)" < "\($1)" })
  }

  private static func words(_ text: [String]) -> [[UInt8]] { text.map { Array($0.utf8) } }

  private static func version(_ connection: RESPConnection) throws -> ServerVersion {
    guard case .bulk(let info) = try connection.run([words(["INFO", "server"])])[0],
      let line = String(decoding: info, as: UTF8.self).split(separator: "\r\n")
        .first(where: { $0.hasPrefix("redis_version:") })
    else { return ServerVersion(.redis, 7, 0, 15) }
    return try ServerVersion(target: "redis:\(line.dropFirst("redis_version:".count))")
  }

  /// What the first difference is; `nil` where there is none.
  private static func failure(
    _ commands: [[String]], _ connection: RESPConnection, _ version: ServerVersion
  ) throws -> String? {
    let reset = [["DISCARD"], ["FLUSHALL"], ["SELECT", "0"]].map { words($0) }
    _ = try connection.run(reset)
    let expected = try connection.run(commands.map { words($0) })
    let digest = try connection.run([words(["DISCARD"]), words(["DEBUG", "DIGEST"])])[1]
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    let session = Session(version, nowMs: now)
    for (command, expected) in zip(commands, expected) {
      let found = session.run(words(command))
      if found == expected { continue }
      if Self.unordered.contains(command[0]), found.map(Self.sorted) == Self.sorted(expected) {
        continue
      }
      return "\(command.joined(separator: " ")): "
        + "\(found.map { "\($0)" } ?? "not executed"), not \(expected)"
    }
    if digest == .bulk(Array(session.digest.utf8)) || digest == .status(session.digest) {
      return nil
    }
    return "the digest \(session.digest), not \(digest)"
  }

  /// A shorter row of commands that differs too.
  private static func shrink(
    _ commands: [[String]], _ connection: RESPConnection, _ version: ServerVersion
  ) throws -> [[String]] {
    var commands = commands
    var step = commands.count / 2
    while step > 0 {
      var start = 0
      while start < commands.count {
        var fewer = commands
        fewer.removeSubrange(start..<min(start + step, commands.count))
        if try failure(fewer, connection, version) != nil {
          commands = fewer
        } else {
          start += step
        }
      }
      step /= 2
    }
    return commands
  }
}
