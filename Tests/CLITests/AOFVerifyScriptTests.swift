import Foundation
import TestSupport
import Testing

/// Scripts that stand in an append-only file as they were sent.
@Suite struct AOFVerifyScriptTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var commands: [[String]]
    var target = "redis:6.2.16"
    var status: Int32
    /// The ids of the findings.
    var findings: [String]
    /// Part of the first message.
    var message: String
    /// The keys that the server holds; `nil` where that is not known.
    var keys: Int?
  }

  static let cases: [Case] = [
    Case(
      testDescription: "an error behind a write",
      commands: [
        ["EVAL", "redis.call('SET', 'a', 'x') return redis.call('INCR', 'a')", "0"],
        ["SET", "b", "1"],
      ], status: 0, findings: ["replay-script-stopped"],
      message: "EVAL: a script wrote 1 time and then stopped with an error", keys: 2),
    Case(
      testDescription: "an error in the answer behind two writes",
      commands: [
        [
          "EVAL", "redis.call('SET', 'a', 1) redis.call('SET', 'b', 1) return {err = 'no'}", "0",
        ]
      ], status: 0, findings: ["replay-script-stopped"], message: "wrote 2 times", keys: 2),
    Case(
      testDescription: "an error before any write",
      commands: [
        ["RPUSH", "l", "x"], ["EVAL", "redis.call('INCR', 'l') redis.call('SET', 'a', 1)", "0"],
      ], status: 1, findings: ["replay-error"], message: "EVAL is answered by an error", keys: 1),
    Case(
      testDescription: "an error behind what only reads",
      commands: [["EVAL", "redis.call('GET', 'a') error('x')", "0"]], status: 1,
      findings: ["replay-error"], message: "EVAL is answered by an error", keys: 0),
    Case(
      testDescription: "a script that is not there",
      commands: [["EVALSHA", String(repeating: "0", count: 40), "0"]], status: 1,
      findings: ["replay-error"], message: "NOSCRIPT", keys: 0),
    Case(
      testDescription: "an error behind a write in a transaction",
      commands: [
        ["MULTI"], ["EVAL", "redis.call('SET', 'a', 1) error('x')", "0"], ["SET", "b", "1"],
        ["EXEC"],
      ], status: 0, findings: ["replay-script-stopped"], message: "EXEC: a script wrote 1 time",
      keys: 2),
    Case(
      testDescription: "such an error and another one in a transaction",
      commands: [
        ["MULTI"], ["EVAL", "redis.call('SET', 'a', 'x') error('x')", "0"], ["INCR", "a"],
        ["EXEC"],
      ], status: 1, findings: ["replay-error"], message: "EXEC is answered by an error", keys: 1),
    Case(
      testDescription: "a function that stops",
      commands: [
        [
          "FUNCTION", "LOAD",
          "#!lua name=l\nredis.register_function('f', function() redis.call('SET', 'a', 1) "
            + "error('x') end)",
        ],
        ["FCALL", "f", "0"],
      ], target: "redis:7.0.15", status: 1, findings: ["replay-error"],
      message: "FCALL is answered by an error", keys: 1),
    Case(
      testDescription: "an error behind a write, on a server that never wrote scripts",
      commands: [["EVAL", "redis.call('SET', 'a', 'x') return redis.call('INCR', 'a')", "0"]],
      target: "redis:7.0.15", status: 1, findings: ["replay-error"],
      message: "EVAL is answered by an error", keys: 1),
    Case(
      testDescription: "the same in the other family",
      commands: [["EVAL", "redis.call('SET', 'a', 'x') return redis.call('INCR', 'a')", "0"]],
      target: "valkey:8.1.1", status: 1, findings: ["replay-error"],
      message: "EVAL is answered by an error", keys: 1),
    Case(
      testDescription: "a script without end",
      commands: [
        ["EVAL", "redis.call('SET', 'a', 1) while true do end", "0"]
      ], status: 2, findings: ["replay-skipped"], message: "script beyond the limits"),
    Case(
      testDescription: "too much memory, caught by the script",
      commands: [
        [
          "EVAL",
          "pcall(string.rep, 'x', 1e9) redis.call('SET', 'a', 1) return redis.call('INCR', 'l')",
          "0",
        ]
      ], status: 2, findings: ["replay-skipped"], message: "script beyond the limits"),
    Case(
      testDescription: "the order of a hash table, and an error behind it",
      commands: [
        ["SADD", "s", "a", "b", "c"],
        [
          "EVAL", "redis.call('SET', 'a', redis.call('SMEMBERS', 's')[1]) error('x')", "0",
        ],
      ], status: 2, findings: ["replay-skipped"],
      message: "script that writes behind SMEMBERS was not executed"),
    Case(
      testDescription: "errors behind a script of unknown effect",
      commands: [
        ["SADD", "s", "1", "b"],
        ["EVAL", "redis.call('SET', 'a', redis.call('SPOP', 's'))", "0"], ["INCR", "a"],
        ["RPUSH", "a", "x"],
      ], status: 2,
      findings: ["replay-skipped", "replay-error"], message: "SPOP in a script was not executed"),
  ]

  static func bytes(_ commands: [[String]]) -> [UInt8] {
    commands.flatMap { words in
      words.reduce(into: Array("*\(words.count)\r\n".utf8)) {
        $0 += Array("$\($1.utf8.count)\r\n\($1)\r\n".utf8)
      }
    }
  }

  @Test(arguments: cases)
  func `a script's error is judged by what it had written`(_ sample: Case) throws {
    let input = Self.bytes([["SELECT", "0"]] + sample.commands)
    let result = try redisops(
      "aof", "verify", "--format", "json", "--target", sample.target, "-", input: input)
    #expect(result.exitStatus == sample.status, "\(result.outputText)")
    let report = try document(result)
    let findings = report["findings"]?.elements ?? []
    let ids = Set(findings.compactMap { $0["id"]?.string })
    #expect(ids == Set(sample.findings))
    let messages = findings.compactMap { $0["message"]?.string }
    #expect(messages.contains { $0.contains(sample.message) }, "\(messages)")
    #expect(sample.status == 1 || findings.allSatisfy { $0["severity"]?.string == "warning" })
    let server = report["servers"]?.elements.first
    #expect((server?["digest"] != nil) == (sample.keys != nil))
    if let keys = sample.keys { #expect(server?["keys"]?["0"]?.int ?? 0 == keys) }
    try checkFolder(sample, input)
  }

  /// The same for a data folder, and for the digest.
  private func checkFolder(_ sample: Case, _ input: [UInt8]) throws {
    try withTemporaryFolder { folder in
      _ = try folder.write(input, to: "appendonly.aof")
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      let result = try redisops(
        "verify", folder.url.path, "--conf", conf, "--target", sample.target, "--format", "json")
      #expect(result.exitStatus == sample.status, "\(result.outputText)")
      let digest = try redisops(
        "aof", "digest", "--as", sample.target, folder.file("appendonly.aof").path)
      #expect(digest.exitStatus == (sample.keys == nil ? 2 : 0), "\(digest.errorText)")
    }
  }

  static let oldFile = bytes([
    ["SELECT", "0"],
    ["EVAL", "redis.call('SELECT', '3')", "0"],
    ["EVAL", "redis.call('SET', 'a', 'x') return redis.call('INCR', 'a')", "0"],
  ])

  @Test func `a file with scripts is taken for one of a server that writes them`() throws {
    let result = try redisops("aof", "verify", "-", input: Self.oldFile)
    #expect(result.exitStatus == 0, "\(result.outputText)")
    #expect(
      result.outputText.contains(
        "Redis 6.2.16 (assumed: nothing names a server, and only Redis before 7.0 writes scripts)"))
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.oldFile, to: "appendonly.aof").path
      let digest = try redisops("aof", "digest", path)
      let expected = try redisops("aof", "digest", "--as", "redis:6.2.16", path)
      #expect(digest.exitStatus == 0 && digest.outputText == expected.outputText)
      #expect(digest.errorText.contains("taken for Redis 6.2.16, for only Redis before 7.0"))
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      let text = try redisops("verify", folder.url.path, "--conf", conf)
      #expect(text.exitStatus == 0, "\(text.outputText)")
      #expect(text.outputText.contains("Redis 6.2.16 (assumed"))
      // A configuration that only newer servers take names one after all.
      _ = try folder.write(
        Array("appendonly yes\nappenddirname d\n".utf8), to: "redis.conf")
      let newer = try redisops("verify", folder.url.path, "--conf", conf)
      #expect(newer.outputText.contains("Redis 8.6.3 (assumed"), "\(newer.outputText)")
    }
  }
}
