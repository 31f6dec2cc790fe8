import Foundation
import TestSupport
import Testing

@Suite struct AOFStatsTests {
  @Test(arguments: AOFCorpusCase.all)
  func `the sums are those of the files`(_ example: AOFCorpusCase) throws {
    let info = try document(redisops("aof", "info", "--format", "json", example.path.path))
    let result = try redisops("aof", "stats", "--format", "json", example.path.path)
    #expect(result.exitStatus == 0)
    #expect(result.errorOutput.isEmpty)
    let stats = try document(result)
    #expect(stats["schema"]?.string == "redisops/aof-stats/1")
    #expect(stats["commands"]?.int == info["commands"]?.int)
    #expect(stats["transactions"]?.int == info["transactions"]?.int)
    var bytes = 0
    var baseKeys = 0
    for file in info["files"]?.elements ?? [] where file["commands"] != nil {
      let snapshot = file["snapshot"]?["size"]?.int ?? 0
      baseKeys += file["snapshot"]?["keys"]?.int ?? 0
      let path =
        example.manifestFolder?.appending(path: file["name"]?.string ?? "") ?? example.path
      let found = try #require(splitCommands(try readBytes(path)[snapshot...]))
      bytes += found.reduce(0) { $0 + $1.count }
    }
    #expect(stats["bytes"]?.int == bytes)
    #expect(stats["baseKeys"]?.int == baseKeys)
    func sum(_ list: String, _ member: String) -> Int {
      (stats[list]?.elements ?? []).reduce(0) { $0 + ($1[member]?.int ?? 0) }
    }
    #expect(sum("byCommand", "bytes") == bytes)
    #expect(sum("databases", "bytes") == bytes)
    #expect(sum("databases", "baseKeys") == baseKeys)
    #expect(sum("prefixes", "baseKeys") == baseKeys)
    #expect(sum("prefixes", "bytes") + (stats["keyless"]?["bytes"]?.int ?? 0) == bytes)
    #expect(sum("byCommand", "keys") == stats["keys"]?.int)
    let buckets = stats["times"]?["buckets"]?.elements ?? []
    let timed = buckets.reduce(0) { $0 + ($1["commands"]?.int ?? 0) }
    #expect(timed + (stats["times"]?["untimed"]?["commands"]?.int ?? 0) == stats["commands"]?.int)
    let rewrite = try #require(stats["rewrite"])
    let parts = ["liveBytes", "overwrittenBytes", "deletedBytes", "flushedBytes", "tracelessBytes"]
    #expect(rewrite["exact"]?.bool == true)
    #expect(parts.reduce(0) { $0 + (rewrite[$1]?.int ?? 0) } == rewrite["bytes"]?.int)
  }

  static let example = Array(
    ("*3\r\n$3\r\nSET\r\n$6\r\nuser:1\r\n$2\r\nab\r\n#TS:1700000000\r\n"
      + "*2\r\n$4\r\nINCR\r\n$4\r\nhits\r\n*2\r\n$4\r\nINCR\r\n$4\r\nhits\r\n").utf8)

  @Test func `people get tables, of several paths one total`() throws {
    try withTemporaryFolder { folder in
      let first = try folder.write(Self.example, to: "a.aof").path
      let second = try folder.write(gzipMember(Self.example), to: "b.aof").path
      let result = try redisops("aof", "stats", first, second)
      #expect(result.exitStatus == 0)
      let text = result.outputText
      #expect(text.contains("6 commands of 162 B"))
      #expect(text.contains("INCR            4"))
      #expect(text.contains("2023-11-14T22:13:20Z         4"))
      #expect(text.contains("hits       0      4"))
      #expect(text.contains("Distinct keys: 4."))
    }
  }

  @Test func `a selection counts what it selects, and says nothing of a rewrite`() throws {
    let result = try redisops(
      "aof", "stats", "--format", "json", "--key", "user:*", "-", input: Self.example)
    let stats = try document(result)
    #expect(stats["commands"]?.int == 1)
    #expect(stats["rewrite"] == nil)
  }

  @Test func `of a damaged file the sound part is counted`() throws {
    let result = try redisops(
      "aof", "stats", "--format", "json", "-", input: Self.example + Array("*2\r\n$3".utf8))
    #expect(result.exitStatus == 1)
    let stats = try document(result)
    #expect(stats["commands"]?.int == 3)
    #expect(stats["files"]?.elements.first?["complete"]?.bool == false)
  }

  @Test(arguments: [
    ["--top", "-1"], ["--depth", "0"], ["--delimiter", "ab"], ["--bucket", "500ms"], ["-", "-"],
  ])
  func `wrong usage is told`(_ arguments: [String]) throws {
    #expect(try redisops(["aof", "stats", "x"] + arguments).exitStatus == 64)
  }
}
