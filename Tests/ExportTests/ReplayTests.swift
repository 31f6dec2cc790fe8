import ByteKit
import Export
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RDB

/// Snapshots that are replayed into a real server, against the same server loading them.
@Suite struct ReplayTests {
  /// The snapshots that every server from Redis 7.0 on loads, without modules of others.
  static let cases = CorpusCase.all.filter { test in
    let parts = test.server.split(separator: "-")
    guard parts.count == 2, parts[0] == "redis", test.name != "rdb-module",
      let version = ServerVersion(redis: parts[1])
    else { return false }
    return !version.isAtLeast(.redis, 7, 2)
  }

  @Test(.needsRedisServer) func `a replay gives the data set that loading gives`() throws {
    try #require(!Self.cases.isEmpty)
    let server = try RealServer(arguments: ["--databases", "1000"])
    defer { server.stop() }
    let target = RESPTarget(try #require(try server.modelVersion()))
    for test in Self.cases {
      let bytes = try test.bytes()
      _ = try server.folder.write(bytes, to: "dump.rdb")
      // A loader that packs a small sorted set takes the sign from its zeros: it gets no such set.
      _ = try server.command("CONFIG", "SET", "zset-max-listpack-entries", "0")
      #expect(try server.command("DEBUG", "RELOAD", "NOSAVE") == "OK", "\(test.testDescription)")
      let loaded = try server.digest()
      _ = try server.command("CONFIG", "SET", "zset-max-listpack-entries", "128")
      _ = try server.command("FLUSHALL")
      _ = try server.command("FUNCTION", "FLUSH")
      let piped = try server.pipe(try commands(bytes, target))
      #expect(piped.outputText.contains("errors: 0"), "\(test.testDescription)")
      #expect(try server.digest() == loaded, "\(test.testDescription)")
    }
  }

  /// The commands that rebuild a snapshot.
  private func commands(_ snapshot: [UInt8], _ target: RESPTarget) throws -> [UInt8] {
    let output = Output()
    let nowMs = Int64(Date().timeIntervalSince1970 * 1000)
    var sink = RESPSink(target: target, nowMs: nowMs) { output.take($0) }
    var input = ByteInput(MemorySource(snapshot))
    let opening = try RDBOpening.read(&input)
    var reader = RDBReader(input, family: opening.family, version: opening.version)
    while true {
      switch try reader.next() {
      case .key(let header):
        guard case .commands = sink.beginKey(header) else {
          _ = try reader.skipValue()
          continue
        }
        try reader.readValue(into: &sink)
        _ = sink.endKey()
      case .function(let code): code.withBytes { sink.function(code: $0) }
      case .end:
        sink.finish()
        return output.bytes
      default: break
      }
    }
  }
}

extension RealServer {
  /// Which server this is.
  func modelVersion() throws -> ServerVersion? {
    let lines = try command("INFO", "server").split(whereSeparator: \.isNewline)
    func value(_ name: String) -> Substring? {
      lines.first { $0.hasPrefix("\(name):") }?.dropFirst(name.count + 1)
    }
    return value("redis_version").flatMap { ServerVersion(redis: $0) }
  }
}

extension ServerVersion {
  /// A release of Redis from text such as `7.0.15`.
  init?(redis text: Substring) {
    let numbers = text.split(separator: ".").compactMap { Int($0) }
    guard numbers.count == 3 else { return nil }
    self.init(.redis, numbers[0], numbers[1], numbers[2])
  }
}
