import Foundation
import TestSupport
import Testing

/// `verify --expect` and `verify --against`.
@Suite struct VerifyExpectationTests {
  /// Expectations about the example, and what is found.
  struct Case: Sendable, CustomTestStringConvertible {
    let yaml: String
    let findings: [String]
    var status: Int32 = 1
    var testDescription: String { yaml.replacing("\n", with: "; ") }
  }

  static func run(_ yaml: String, _ more: [String] = []) throws -> ProcessResult {
    try withTemporaryFolder { folder in
      let path = try folder.write(Array(yaml.utf8), to: "expect.yaml").path
      return try redisops(
        [
          "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--target", "redis:7.0.15",
          "--expect", path,
        ] + more)
    }
  }

  static let cases: [Case] = [
    Case(yaml: "keys: [{match: 'user:*', min: 2, max: 2}]", findings: [], status: 0),
    Case(yaml: "keys: [{match: 'user:*', min: 3}]", findings: ["expect-keys"]),
    Case(yaml: "keys: [{max: 4}]", findings: ["expect-keys"]),
    Case(yaml: "keys: [{db: 1, max: 0}]", findings: [], status: 0),
    Case(
      yaml: "required: [tags, {key: tags, db: 1}, none]",
      findings: ["expect-required", "expect-required"]),
    Case(yaml: "ttl-required: ['session:']", findings: [], status: 0),
    Case(yaml: "ttl-required: ['user:', 'session:']", findings: ["expect-ttl"]),
    Case(yaml: "digest: 0000000000000000000000000000000000000000", findings: ["expect-digest"]),
    Case(yaml: "rpo: 1s", findings: ["expect-rpo"]),
    Case(yaml: "rpo: 2s\nrto: 1h\nmemory: 1gb", findings: [], status: 0),
    Case(yaml: "memory: 1", findings: ["expect-memory"]),
    Case(yaml: "newest-write-within: 1ms", findings: ["expect-newest-write"]),
    Case(yaml: "newest-write-within: 100000d", findings: [], status: 0),
  ]

  @Test(arguments: cases)
  func `each expectation is a finding where it is not met`(_ example: Case) throws {
    let result = try Self.run(example.yaml, ["--format", "json"])
    #expect(result.exitStatus == example.status, "\(result.outputText)")
    let findings = try document(result)["findings"]?.elements ?? []
    #expect(findings.compactMap { $0["id"]?.string } == example.findings)
  }

  /// A file that is no set of expectations, and what is said.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let yaml: String
    let message: String
    var testDescription: String { yaml }
  }

  static let mistakes: [Mistake] = [
    Mistake(yaml: "kyes: []", message: ":1:1: error: unknown member 'kyes'; did you mean 'keys'?"),
    Mistake(yaml: "keys:\n  - match: a\n    mni: 1", message: ":3:5: error: unknown member 'mni'"),
    Mistake(yaml: "keys: [{match: a}]", message: ":1:8: error: neither min nor max"),
    Mistake(yaml: "keys: [{min: 3, max: 2}]", message: "no number is both"),
    Mistake(yaml: "keys: [{min: many}]", message: ":1:14: error: 'many', where a whole number"),
    Mistake(yaml: "keys: {a: 1}", message: ":1:7: error: a map, where a list is expected"),
    Mistake(yaml: "rto: 5", message: "the unit is missing"),
    Mistake(yaml: "digest: abc", message: "40 hex digits"),
    Mistake(yaml: "memory: much", message: ":1:9: error:"),
    Mistake(yaml: "required: [{db: 1}]", message: "'key' is missing"),
    Mistake(yaml: "- a", message: "a list, where a map"),
    Mistake(yaml: "a: *b", message: "error:"),
    Mistake(yaml: "", message: "there is no document"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is named with its place`(_ mistake: Mistake) throws {
    let result = try Self.run(mistake.yaml)
    #expect(result.exitStatus == 2)
    #expect(result.errorText.contains(mistake.message), "\(result.errorText)")
  }

  @Test func `the example keeps its invariants`() throws {
    let yaml = VerifyTests.folder.appending(path: "invariants.yaml").path
    let result = try redisops(
      "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--expect", yaml, "--target",
      "redis:7.0.15")
    #expect(result.exitStatus == 0, "\(result.outputText)")
  }

  @Test func `nothing is expected of data that are not known`() throws {
    try withTemporaryFolder { folder in
      let data = try VerifyTests.write(["appendonly.aof": [1, 2, 3]], to: folder)
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      let yaml = try folder.write(Array("keys: [{max: 5}]".utf8), to: "e.yaml").path
      let result = try redisops("verify", data, "--conf", conf, "--expect", yaml)
      #expect(result.outputText.contains("[expect-unchecked]"))
    }
  }

  @Test func `another backup is compared key by key`() throws {
    try withTemporaryFolder { folder in
      let other = try folder.write(
        VerifyTests.request("SET", "config:version", "9")
          + VerifyTests.request("SADD", "tags", "b", "a")
          + VerifyTests.request("HSET", "user:1", "name", "Ada", "born", "1815")
          + VerifyTests.request("SET", "session:1", "x", "PXAT", "4102444800001")
          + VerifyTests.request("SET", "new", "1"), to: "other.aof"
      ).path
      let result = try redisops(
        "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--target", "redis:7.0.15",
        "--against", other, "--format", "json")
      #expect(result.exitStatus == 1)
      let comparison = try document(result)["comparison"]
      #expect(comparison?["equal"]?.bool == false)
      let keys = (comparison?["keys"]?.elements ?? []).map {
        "\($0["key"]?.string ?? "") \($0["change"]?.string ?? "")"
      }
      #expect(
        Set(keys) == ["config:version changed", "user:2 added", "session:1 ttl", "new removed"])
      let same = try redisops(
        "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--target", "redis:7.0.15",
        "--against", VerifyTests.data)
      #expect(same.exitStatus == 0)
      #expect(same.outputText.contains("equal to"))
      let none = try redisops(
        "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--against",
        folder.file("none").path)
      #expect(none.exitStatus == 2)
      #expect(none.outputText.contains("[start-not-compared]"))
    }
  }

  @Test(.needsRedisServer) func `a server is asked, by digest or key by key`() throws {
    let folder = VerifyTests.folder.appending(
      path: "data/appendonlydir", directoryHint: .isDirectory)
    let server = try RealServer(appendOnly: folder)
    func run() throws -> (Int32?, JSONValue?) {
      let result = try redisops(
        "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--target", "redis:7.0.15",
        "--against", "redis://127.0.0.1:\(server.port)", "--format", "json")
      return (result.exitStatus, try document(result)["comparison"])
    }
    let (status, equal) = try run()
    #expect(status == 0)
    #expect(equal?["equal"]?.bool == true)
    #expect(equal?["digest"]?.string == (try server.command("DEBUG", "DIGEST")))
    _ = try server.command("SET", "user:2", "other")
    _ = try server.command("DEL", "tags")
    _ = try server.command(["SET", "new", "1"], database: 3)
    let (differs, comparison) = try run()
    #expect(differs == 1)
    let keys = (comparison?["keys"]?.elements ?? []).map {
      "\($0["db"]?.int ?? -1) \($0["key"]?.string ?? "") \($0["change"]?.string ?? "")"
    }
    #expect(Set(keys) == ["0 user:2 changed", "0 tags added", "3 new removed"])
    // A server that wants a password says so, and one that is not there too.
    _ = try server.command("CONFIG", "SET", "requirepass", "secret")
    let refused = try redisops(
      "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--against",
      "redis://127.0.0.1:\(server.port)")
    #expect(refused.exitStatus == 2)
    #expect(refused.outputText.contains("NOAUTH"))
    let known = try redisops(
      "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--target", "redis:7.0.15",
      "--against", "redis://:secret@127.0.0.1:\(server.port)")
    #expect(known.exitStatus == 1)
    #expect(!known.outputText.contains("secret"))
  }

  @Test func `an address that is none is wrong usage`() throws {
    for address in ["rediss://h", "redis://", "redis://h:0", "redis://h:x"] {
      #expect(try redisops("verify", ".", "--against", address).exitStatus == 64, "\(address)")
    }
    let gone = try redisops(
      "verify", VerifyTests.data, "--conf", VerifyTests.conf, "--against", "redis://127.0.0.1:1")
    #expect(gone.exitStatus == 2)
  }
}
