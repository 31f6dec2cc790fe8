import TestSupport
import Testing

@Suite struct RDBVerifyTests {
  @Test(arguments: CorpusCase.all)
  func `what a server wrote is good`(_ snapshot: CorpusCase) throws {
    let result = try redisops("rdb", "verify", "--format", "json", snapshot.snapshot.path)
    #expect(result.exitStatus == 0, "\(result.outputText)")
    let report = try document(result)
    #expect(report["schema"]?.string == "redisops/verify/1")
    #expect(report["verdict"]?.string == "good")
    #expect(report["files"]?.elements.first?["keys"] == (try snapshot.layout())["keys"])
  }

  @Test func `damage is a finding with its place and key`() throws {
    var builder = SnapshotBuilder()
    builder.key("sound", "1")
    builder.raw([0])
    builder.string("broken".utf8)
    builder.raw([0x80])
    let result = try redisops("rdb", "verify", "--format", "json", "-", input: builder.bytes)
    #expect(result.exitStatus == 1)
    let report = try document(result)
    #expect(report["verdict"]?.string == "bad")
    let finding = try #require(report["findings"]?.elements.first)
    #expect(finding["id"]?.string == "rdb-truncated")
    #expect(finding["severity"]?.string == "error")
    #expect(finding["file"]?.string == "<stdin>")
    #expect(finding["key"]?.string == "broken")
    #expect(finding["db"]?.int == 0)
    let file = try #require(report["files"]?.elements.first)
    #expect(file["keys"]?.int == 1)
    #expect(file["lastSoundOffset"]?.int == 18)
    #expect(file["reading"]?.string == "a value")
  }

  @Test func `a file that cannot be read has the verdict unknown`() throws {
    let result = try redisops("rdb", "verify", "--format", "json", "/nonexistent")
    #expect(result.exitStatus == 2)
    #expect(try document(result)["verdict"]?.string == "unknown")
  }

  @Test func `without a temporary folder what needs one is not checked`() throws {
    var keys = SnapshotBuilder()
    for index in 0..<200_000 { keys.key("key:\(index)", "1") }
    var members = SnapshotBuilder()
    members.raw([2])
    members.string("set".utf8)
    members.raw([0x80, 0, 1, 0x86, 0xa0])
    for index in 0..<100_000 { members.string("member \(index)".utf8) }
    for bytes in [keys.finished, members.finished] {
      try withSnapshot(bytes) { path in
        let arguments = ["rdb", "verify", "--memory", "1mb", "--format", "json", path]
        let result = try redisops(arguments, environment: ["TMPDIR": "/nonexistent"])
        #expect(result.exitStatus == 2)
        let report = try document(result)
        #expect(report["verdict"]?.string == "unknown")
        let finding = try #require(report["findings"]?.elements.first)
        #expect(finding["id"]?.string == "rdb-unreadable")
        #expect(finding["message"]?.string?.contains("set TMPDIR or raise --memory") == true)
        #expect(try redisops(arguments).exitStatus == 0)
      }
    }
  }

  @Test func `a duplicate key is bad and a target has its own say`() throws {
    var builder = SnapshotBuilder()
    builder.key("twice", "1")
    builder.key("twice", "2")
    let result = try redisops("rdb", "verify", "-", input: builder.finished)
    #expect(result.exitStatus == 1)
    #expect(result.outputText.contains("duplicate key"))

    var newer = SnapshotBuilder("REDIS0013")
    newer.key("a", "1")
    #expect(try redisops("rdb", "verify", "-", input: newer.finished).exitStatus == 0)
    let refused = try redisops(
      "rdb", "verify", "--target", "redis:7.0.15", "-", input: newer.finished)
    #expect(refused.exitStatus == 1)
    #expect(refused.outputText.contains("Redis 7.0.15 does not start"))
  }

  @Test(arguments: ["sarif", "junit", "github", "gitlab", "markdown"])
  func `findings have the formats of other tools`(_ format: String) throws {
    let result = try redisops("rdb", "verify", "--format", format, "-", input: [1, 2, 3])
    #expect(result.exitStatus == 1)
    #expect(result.outputText.contains("rdb-magic"))
  }

  @Test func `warnings fail where the command line says so`() throws {
    let input = smallSnapshot() + [0]
    #expect(try redisops("rdb", "verify", "-", input: input).exitStatus == 0)
    let strict = try redisops("rdb", "verify", "--fail-on", "warning", "-", input: input)
    #expect(strict.exitStatus == 1)
    // A file that cannot be read is no verdict, whatever fails.
    #expect(
      try redisops("rdb", "verify", "--fail-on", "info", "/nonexistent/dump.rdb").exitStatus == 2)
  }
}
