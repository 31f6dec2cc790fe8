import AOF
import ByteKit
import Foundation
import RedisModel
import TestSupport
import Testing

/// What is foretold, against a real server.
@Suite(.needsRedisServer) struct CheckServerTests {
  static let sound =
    request("SELECT", "0") + request("SET", "a", "1") + Array("#TS:1700000000\r\n".utf8)
    + request("RPUSH", "l", "x", "y\r\n*") + request("MULTI") + request("INCR", "n")
    + request("SADD", "s", "m") + request("EXEC") + request("DEL", "a")

  /// A file of sound records, damaged at random.
  static func damaged(_ random: inout RepeatableRandom) -> [UInt8] {
    var bytes = sound
    let position = Int.random(in: 1..<bytes.count, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0...1: bytes.removeLast(position)
    case 2: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 3: bytes.removeSubrange(position..<min(bytes.count, position + 9))
    case 4: bytes += [UInt8](repeating: 0, count: position)
    default: bytes.insert(contentsOf: Array("$3\r\n*".utf8), at: position)
    }
    return bytes
  }

  /// The server that is installed; these tests are about Redis 7.0.
  static func version() throws -> ServerVersion? {
    let text = try runProcess("redis-server", ["--version"]).outputText
    let numbers = text.split(separator: " ").first { $0.hasPrefix("v=") }?.dropFirst(2)
    return numbers.flatMap { try? ServerVersion(target: String($0)) }
  }

  @Test func `a server starts or refuses, and cuts, as foretold`() throws {
    guard let version = try Self.version() else { return }
    var random = RepeatableRandom(seed: 70)
    for round in 0..<24 {
      let bytes = round == 0 ? Self.sound : Self.damaged(&random)
      let truncated = round.isMultiple(of: 3) ? "no" : "yes"
      try withTemporaryFolder { folder in
        let file = try folder.write(bytes, to: "appendonly.aof")
        var options = AOFCheckOptions()
        options.targets = [version]
        let check = AOFCheck(try AOFSet(opening: file.path), options)
        let prediction = try #require(
          check.predictions.first { $0.loadTruncated == (truncated == "yes") })
        let server = try? RealServer(arguments: [
          "--dir", folder.url.path, "--appendonly", "yes", "--aof-load-truncated", truncated,
        ])
        defer { server?.stop() }
        // What crashes one build may pass in another.
        guard let starts = prediction.starts, !prediction.note.contains("crash") else { return }
        #expect(starts == (server != nil), "\(prediction.note): \(bytes)")
        guard server != nil else { return }
        let left = try readBytes(folder.file("appendonlydir/appendonly.aof"))
        #expect(left.count == prediction.cut?.byteCount ?? bytes.count, "\(prediction.note)")
      }
    }
  }

  @Test(arguments: ["yes", "no"])
  func `what is appended to an annotation that is cut keeps the server from starting`(
    _ truncated: String
  ) throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.sound + Array("#TS:17".utf8), to: "appendonly.aof").path
      var options = AOFCheckOptions()
      options.targets = [ServerVersion(.redis, 7, 0, 15)]
      let check = AOFCheck(try AOFSet(opening: path), options)
      #expect(check.verdict == .bad)
      #expect(check.predictions.allSatisfy { $0.losesLaterWrites && $0.starts == true })
      let arguments = [
        "--dir", folder.url.path, "--appendonly", "yes", "--aof-load-truncated", truncated,
      ]
      // The file is taken over as base; what is written goes into a file of its own, so that the
      // cut file has to be the incremental one.
      let inner = folder.file("appendonlydir")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      try FileManager.default.moveItem(
        at: folder.file("appendonly.aof"), to: inner.appending(path: "a.1.incr.aof"))
      _ = try folder.write(
        Array("file a.1.incr.aof seq 1 type i\n".utf8), to: "appendonlydir/appendonly.aof.manifest")
      let server = try RealServer(arguments: arguments)
      #expect(try server.command("SET", "later", "1") == "OK")
      _ = try? server.command("SHUTDOWN", "SAVE")
      server.stop()
      #expect(throws: ProcessFailure.self) { try RealServer(arguments: arguments) }
      let after = AOFCheck(try AOFSet(opening: inner.path), options)
      #expect(after.predictions.allSatisfy { $0.starts == false })
    }
  }
}
