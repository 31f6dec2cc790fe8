import Foundation
import TestSupport
import Testing

/// `aof fix --skip-damage`.
@Suite struct AOFSkipTests {
  /// Records around damage, and what is kept of them with `--skip-damage`.
  struct Skip: Sendable {
    let front: [String]
    let damage: String
    let rest: [String]
    let kept: [String]
  }

  static let skips = [
    Skip(
      front: ["SET a 1"], damage: "garbage", rest: ["SET b 2", "DEL a"],
      kept: ["SET a 1", "SET b 2", "DEL a"]),
    Skip(
      front: ["SET a 1", "MULTI", "SET b 2"], damage: "\0\0\0", rest: ["SET c 3", "EXEC", "DEL a"],
      kept: ["SET a 1", "DEL a"]),
    Skip(
      front: ["SET a 1"], damage: "MULTI\r\n", rest: ["SET c 3", "EXEC", "MULTI", "EXEC"],
      kept: ["SET a 1", "MULTI", "EXEC"]),
    Skip(
      front: ["SET a 1", "MULTI", "SELECT 2", "SET b 2"], damage: "?", rest: ["EXEC", "SET c 3"],
      kept: ["SET a 1", "SELECT 2", "SET c 3"]),
    Skip(
      front: ["SET a 1"], damage: "MULTI\r\n", rest: ["SELECT 4", "EXEC", "SET c 3"],
      kept: ["SET a 1", "SELECT 4", "SET c 3"]),
    Skip(
      front: ["SELECT 1", "DEL a"], damage: "$1\r\nb\r\n", rest: ["SET c 3", "EXEC"],
      kept: ["SELECT 1"]),
    Skip(
      front: ["SET a 1"], damage: "?", rest: ["SET b 2", "MULTI", "SET c 3"],
      kept: ["SET a 1", "SET b 2"]),
  ]

  @Test(arguments: skips)
  func `behind damage goes on what can be read`(_ example: Skip) throws {
    try withTemporaryFolder { folder in
      let bytes =
        example.front.flatMap(AOFRewindTests.request) + Array(example.damage.utf8)
        + example.rest.flatMap(AOFRewindTests.request)
      let path = try folder.write(bytes, to: "a.aof").path
      let result = try redisops(
        "aof", "fix", path, "--skip-damage", "--output", folder.file("out").path)
      #expect(result.exitStatus == 0)
      #expect(result.errorText.contains("not those of one moment"))
      let kept = try readBytes(folder.file("out").appending(path: "a.aof"))
      let text = String(decoding: kept, as: UTF8.self)
      #expect(text == String(decoding: example.kept.flatMap(AOFRewindTests.request), as: UTF8.self))
      let list = try readBytes(folder.file("out").appending(path: "lost/commands.ndjson"))
      let lost = try list.split(separator: 0x0A).reduce(0) {
        $0 + (try JSONValue(parsing: $1)["bytes"]?.int ?? 0)
      }
      #expect(try readBytes(folder.file("out").appending(path: "lost/a.aof")).count == lost)
    }
  }
}
