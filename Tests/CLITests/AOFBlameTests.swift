import Foundation
import TestSupport
import Testing

@Suite struct AOFBlameTests {
  static let lines = [
    "SET a 1", "#TS:1700000000", "MULTI", "RENAME a k", "SET other 1", "EXEC", "#TS:1700000060",
    "APPEND k x",
  ]

  static let bytes: [UInt8] = lines.flatMap { line -> [UInt8] in
    if line.hasPrefix("#") { return Array("\(line)\r\n".utf8) }
    let words = line.split(separator: " ")
    let bulks = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    return Array("*\(words.count)\r\n\(bulks)".utf8)
  }

  @Test func `each command comes with its place, its transaction and the times around it`() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.bytes, to: "a.aof").path
      let lines = try documents(redisops("aof", "blame", "k", path, "--format", "ndjson"))
      #expect(lines.map { $0["index"]?.int } == [1, 3, 6])
      #expect(lines.map { $0["tx"]?.int } == [nil, 1, nil])
      #expect(lines.map { $0["timestamp"]?.int } == [nil, 1_700_000_000, 1_700_000_060])
      #expect(lines.map { $0["timestampAfter"]?.int } == [1_700_000_000, 1_700_000_060, nil])
      #expect(lines.map { $0["key"]?.string } == ["a", "a", "k"])
      #expect(lines[1]["becomes"]?.elements.first?["key"]?.string == "k")
      #expect(lines[1]["argv"]?.elements.map(\.string) == ["RENAME", "a", "k"])
      let dump = try documents(redisops("aof", "dump", path))
      #expect(lines.map { $0["offset"]?.int } == [0, 2, 5].map { dump[$0]["offset"]?.int })
      let json = try document(redisops("aof", "blame", "k", path, "--format", "json"))
      #expect(json["schema"]?.string == "redisops/aof-blame/1")
      #expect(json["history"]?.elements.count == 3)
      #expect(json["names"]?.elements.count == 2)
      let text = try redisops("aof", "blame", "k", path).outputText
      #expect(text.contains("until command #3: \"a\" of db 0"))
      #expect(text.contains("from 2023-11-14T22:13:20Z to 2023-11-14T22:14:20Z"))
      #expect(text.contains("3 commands of 6 touched the key"))
      for input in [Self.bytes, gzipMember(Self.bytes)] {
        let piped = try documents(
          redisops("aof", "blame", "k", "-", "--format", "ndjson", input: input))
        #expect(piped.map { $0["offset"]?.int } == lines.map { $0["offset"]?.int })
        let packed = try folder.write(input, to: "packed").path
        #expect(
          try documents(redisops("aof", "blame", "k", packed, "--format", "ndjson")).count == 3)
      }
    }
  }

  @Test func `a snapshot in front tells whether the key was there`() throws {
    let tail = Self.bytes
    let result = try redisops(
      "aof", "blame", "k", "-", "--format", "ndjson", input: smallSnapshot() + tail)
    let lines = try documents(result)
    #expect(lines.count == 4)
    #expect(lines[0]["key"]?.string == "a")
    #expect(lines[0]["snapshot"]?["type"]?.string == "string")
    let absent = try redisops("aof", "blame", "nothing", "-", input: smallSnapshot() + tail)
    #expect(absent.outputText.contains("not in the snapshot of"))
    #expect(absent.outputText.contains("0 commands of 6 touched the key"))
  }

  @Test func `quoted keys are bytes`() throws {
    let bytes = Array("*3\r\n$3\r\nSET\r\n$2\r\n".utf8) + [0xFF, 0] + Array("\r\n$1\r\n1\r\n".utf8)
    let lines = try documents(
      redisops("aof", "blame", "\"\\xff\\x00\"", "-", "--format", "ndjson", input: bytes))
    #expect(lines.count == 1)
    #expect(try redisops("aof", "blame", "\"open", "-").exitStatus == 64)
  }

  @Test func `a damaged file gives what stands before the damage, once told`() throws {
    let result = try redisops(
      "aof", "blame", "k", "-", "--format", "ndjson", input: Self.bytes + [0, 0, 0])
    #expect(result.exitStatus == 1)
    #expect(try documents(result).count == 3)
    #expect(result.errorText.split(separator: "\n").count == 1)
  }
}
