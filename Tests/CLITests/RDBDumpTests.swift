import TestSupport
import Testing

@Suite struct RDBDumpTests {
  /// Flags and the keys that they select, as `db:key`.
  struct Selection: Sendable {
    let arguments: [String]
    let keys: [String]
  }

  static let selections: [Selection] = [
    Selection(arguments: [], keys: ["0:a", "0:b", "0:l", "2:a"]),
    Selection(arguments: ["--db", "2"], keys: ["2:a"]),
    Selection(arguments: ["--db", "0,2", "--match", "a"], keys: ["0:a", "2:a"]),
    Selection(arguments: ["--type", "list"], keys: ["0:l"]),
    Selection(arguments: ["--not-match", "[ab]"], keys: ["0:l"]),
    Selection(arguments: ["--regex", "^[bl]$"], keys: ["0:b", "0:l"]),
    Selection(arguments: ["--ttl", "any"], keys: ["0:b"]),
    Selection(arguments: ["--ttl", ">1d", "--at", "2099-12-30T00:00:00Z"], keys: ["0:b"]),
    Selection(arguments: ["--ttl", "expired", "--at", "2100-01-02T00:00:00Z"], keys: ["0:b"]),
    Selection(arguments: ["--min-elements", "2"], keys: ["0:l"]),
    Selection(arguments: ["--max-elements", "1"], keys: ["0:a", "0:b", "2:a"]),
    Selection(arguments: ["--min-size", "6", "--max-size", "6b"], keys: ["2:a"]),
    Selection(arguments: ["--slot", "15495"], keys: ["0:a", "2:a"]),
    Selection(arguments: ["--limit", "2"], keys: ["0:a", "0:b"]),
    Selection(arguments: ["--limit", "0"], keys: []),
    Selection(arguments: ["--limit", "1", "--min-elements", "2"], keys: ["0:l"]),
  ]

  private func names(_ documents: [JSONValue]) -> [String] {
    documents.map { "\($0["db"]?.int ?? -1):\($0["key"]?.string ?? "")" }
  }

  @Test func `what stands before a type of a later version is dumped, the type is named`() throws {
    var builder = SnapshotBuilder("REDIS0016")
    builder.key("a", "1")
    builder.key("b", "2")
    let offset = builder.bytes.count
    builder.raw([34, 1, UInt8(ascii: "c"), 1, UInt8(ascii: "3")])
    let result = try redisops("rdb", "dump", "--format", "keys", "-", input: builder.finished)
    #expect(result.exitStatus == 1)
    #expect(result.outputText == "a\nb\n")
    #expect(result.errorText.contains("error: REDIS version 16; known up to 15"))
    #expect(
      result.errorText.contains("unknown type 34 at offset \(offset), RDB 16; known up to 15"))
  }

  @Test(arguments: selections)
  func `flags select the same keys in every format`(_ selection: Selection) throws {
    try withSnapshot(smallSnapshot()) { path in
      func run(_ format: String, _ more: [String] = []) throws -> ProcessResult {
        let result = try redisops(
          ["rdb", "dump", "--format", format] + more + selection.arguments + [path])
        #expect(result.exitStatus == 0)
        #expect(result.errorOutput.isEmpty)
        return result
      }
      #expect(names(try documents(try run("ndjson"))) == selection.keys)
      #expect(names(try documents(try run("ndjson", ["--no-values"]))) == selection.keys)
      #expect(names(try document(try run("json")).elements) == selection.keys)
      let rows = try run("csv").outputText.split(separator: "\n").dropFirst()
      #expect(
        rows.map { $0.split(separator: ",").prefix(2).joined(separator: ":") } == selection.keys)
      let keys = try run("keys").outputText.split(separator: "\n").map(String.init)
      #expect(keys == selection.keys.map { String($0.dropFirst(2)) })
    }
  }

  @Test func `a key has its attributes and its value`() throws {
    let result = try redisops("rdb", "dump", "--match", "b", "-", input: smallSnapshot())
    let key = try #require(try documents(result).first)
    #expect(key["type"]?.string == "string")
    #expect(key["encoding"]?.string == "raw")
    #expect(key["rdbType"]?.int == 0)
    #expect(key["expireAtMs"]?.int == 4_102_444_800_000)
    #expect(key["slot"]?.int == 3300)
    #expect(key["value"]?.string == "second")
    #expect(key["expired"] == nil)
  }

  @Test func `what is due is marked, by the clock that is given`() throws {
    let result = try redisops(
      "rdb", "dump", "--at", "2100-01-02T00:00:00Z", "-", input: smallSnapshot())
    let expired = try documents(result).filter { $0["expired"]?.bool == true }
    #expect(names(expired) == ["0:b"])
  }

  @Test func `several files make one document`() throws {
    try withSnapshot(smallSnapshot()) { path in
      let json = try redisops("rdb", "dump", "--format", "json", path, path)
      #expect(try document(json).elements.count == 8)
      let csv = try redisops("rdb", "dump", "--format", "csv", path, path)
      #expect(csv.outputText.split(separator: "\n").count { $0.hasPrefix("db,key") } == 1)
      #expect(
        try redisops("rdb", "dump", "--limit", "5", path, path).outputText.split(
          separator: "\n"
        ).count == 5)
    }
  }

  @Test func `an array without keys is an array`() throws {
    let result = try redisops(
      "rdb", "dump", "--format", "json", "-", input: SnapshotBuilder().finished)
    #expect(result.outputText == "[]\n")
  }

  @Test func `commands choose the database of the keys that are selected by size`() throws {
    let result = try redisops(
      "rdb", "dump", "--format", "resp", "--min-size", "6", "-", input: smallSnapshot())
    let commands = result.outputText.split(separator: "\r\n").filter {
      !"*$".contains($0.prefix(1))
    }
    #expect(
      commands == [
        "SELECT", "0", "SET", "b", "second", "PXAT", "4102444800000", "RPUSH", "l", "x", "y", "z",
        "SELECT", "2", "SET", "a", "other",
      ])
  }

  @Test func `commands name on standard error what the target cannot take`() throws {
    let result = try redisops(
      "rdb", "dump", "--format", "resp", "--at", "2100-01-02T00:00:00Z", "-",
      input: smallSnapshot())
    #expect(result.exitStatus == 0)
    #expect(
      result.errorText
        == "<stdin>: warning: left out 1 key that has expired; first seen, in key \"b\" of db 0\n"
    )
  }

  @Test func `a pattern that cannot be decided is no answer`() throws {
    var builder = SnapshotBuilder()
    builder.key(String(repeating: "a", count: 60) + "xd", "")
    let result = try redisops(
      "rdb", "dump", "--regex", "^(a|a)+d", "-", input: builder.finished)
    #expect(result.exitStatus == 2)
    #expect(result.errorText.contains("--regex"))
    #expect(result.output.isEmpty)
  }

  @Test(arguments: ["ndjson", "json", "csv", "keys", "resp"])
  func `threads do not change the result`(_ format: String) throws {
    var builder = SnapshotBuilder()
    for index in 0..<200_000 {
      if index % 50_000 == 0 { builder.select(UInt8(index / 50_000)) }
      builder.key("key:\(index)", String(repeating: "\(index) ", count: 20))
      if index % 100 == 0 { builder.list("list:\(index)", ["a", "b", "\(index)"]) }
    }
    try withSnapshot(builder.finished) { path in
      let one = try redisops("rdb", "dump", "--format", format, "--threads", "1", path)
      let four = try redisops("rdb", "dump", "--format", format, "--threads", "4", path)
      #expect(one.exitStatus == 0)
      #expect(four.exitStatus == 0)
      if format != "resp" {
        #expect(one.output == four.output)
      } else {
        // A chunk may choose its database once more; all else is the same.
        let one = one.outputText.replacing(Self.select, with: "")
        let four = four.outputText.replacing(Self.select, with: "")
        #expect(one == four)
      }
    }
  }

  @Test func `huge elements do not make threads write a key twice`() throws {
    var builder = SnapshotBuilder()
    let huge = [UInt8](repeating: 0x42, count: 9_000_000)
    for index in 0..<60_000 {
      builder.key("key:\(index)", String(repeating: "v", count: 100))
      guard index % 25_000 == 24_000 else { continue }
      builder.raw([0])
      builder.string("huge:\(index)".utf8)
      builder.raw([0x80])
      builder.raw((0..<4).map { UInt8(truncatingIfNeeded: huge.count >> (24 - 8 * $0)) })
      builder.raw(huge)
    }
    try withSnapshot(builder.finished) { path in
      let one = try redisops("rdb", "dump", "--threads", "1", path)
      let four = try redisops("rdb", "dump", "--threads", "4", path)
      #expect(one.output.count { $0 == 0x0A } == 60_002)
      #expect(one.output == four.output)
    }
  }

  nonisolated(unsafe) private static let select = /\*2\r\n\$6\r\nSELECT\r\n\$1\r\n.\r\n/
}
