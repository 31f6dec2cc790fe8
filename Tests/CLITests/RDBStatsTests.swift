import TestSupport
import Testing

@Suite struct RDBStatsTests {
  @Test func `files and their total are told`() throws {
    try withSnapshot(smallSnapshot()) { path in
      let result = try redisops("rdb", "stats", "--format", "json", "--top", "1", path, path)
      #expect(result.exitStatus == 0)
      let report = try document(result)
      #expect(report["schema"]?.string == "redisops/rdb-stats/1")
      #expect(report["files"]?.elements.map { $0["keys"]?.int } == [4, 4])
      #expect(report["total"]?["keys"]?.int == 8)
      #expect(report["total"]?["expires"]?.int == 2)
      #expect(report["total"]?["elements"]?.int == 12)
      #expect(report["total"]?["databases"]?.elements.map { $0["keys"]?.int } == [6, 2])
      #expect(report["total"]?["ttl"]?.elements.map { $0["class"]?.string } == ["none", ">=30d"])
      let largest = report["total"]?["largestByElements"]?.elements
      #expect(largest?.map { $0["key"]?.string } == ["l"])
      #expect(largest?.first?["file"]?.string == path)
    }
  }

  @Test(arguments: SelectionCase.all)
  func `only selected keys are counted`(_ test: SelectionCase) throws {
    let result = try redisops(
      ["rdb", "stats", "--format", "json"] + test.flags + ["-"], input: smallSnapshot())
    #expect(result.exitStatus == 0, "\(result.errorText)")
    let alone = try redisops("rdb", "stats", "--format", "json", "-", input: test.snapshot)
    let (found, expected) = (try document(result)["total"], try document(alone)["total"])
    #expect(found?["keys"]?.int == test.keys.count)
    for member in ["expires", "elements", "databases", "types", "encodings", "ttl"] {
      #expect(found?[member] == expected?[member], "\(member)")
    }
    let names = (found?["largestByBytes"]?.elements ?? []).map {
      "\($0["db"]?.int ?? -1) \($0["key"]?.string ?? "")"
    }
    #expect(names.sorted() == test.keys)
  }

  @Test func `a limit holds for all files together`() throws {
    try withSnapshot(smallSnapshot()) { path in
      let result = try redisops(
        "rdb", "stats", "--format", "json", "--limit", "5", "--threads", "2", path, path, path)
      #expect(result.exitStatus == 0)
      let report = try document(result)
      #expect(report["files"]?.elements.map { $0["keys"]?.int } == [4, 1])
      #expect(report["files"]?.elements.map { $0["complete"]?.bool } == [true, false])
    }
  }

  @Test(arguments: ["stats", "digest"])
  func `a pattern that cannot be decided is no answer`(_ verb: String) throws {
    var builder = SnapshotBuilder()
    builder.key(String(repeating: "a", count: 60) + "xd", "")
    let result = try redisops("rdb", verb, "--regex", "^(a|a)+d", "-", input: builder.finished)
    #expect(result.exitStatus == 2)
    #expect(result.errorText.contains("--regex"))
  }

  @Test func `text has a table for each question`() throws {
    let result = try redisops("rdb", "stats", "-", input: smallSnapshot())
    let lines = result.outputText.split(separator: "\n")
    #expect(lines.first == "<stdin>")
    for head in ["DB", "TYPE", "ENCODING", "TTL", "LARGEST BY BYTES", "LARGEST BY ELEMENTS"] {
      #expect(lines.contains { $0.hasPrefix(head) }, "\(head)")
    }
    #expect(lines.contains { $0.hasPrefix("list linkedlist     1        0         3") })
  }
}
