import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import RedisOpsCLI

/// Exit codes, streams, output files: what holds for every command.
@Suite struct ConventionTests {
  @Test func `the version is one line`() throws {
    let result = try redisops("--version")
    #expect(result.exitStatus == 0)
    #expect(result.outputText.hasPrefix("redisops "))
    #expect(result.output.filter { $0 == 0x0A }.count == 1)
    #expect(result.errorOutput.isEmpty)
  }

  @Test(arguments: ["info", "dump", "stats", "digest", "verify"])
  func `help goes to standard output and names an example`(_ verb: String) throws {
    let result = try redisops("rdb", verb, "--help")
    #expect(result.exitStatus == 0)
    #expect(result.outputText.contains("redisops rdb \(verb)"))
    #expect(result.outputText.contains("Example"))
    #expect(result.errorOutput.isEmpty)
  }

  @Test func `paragraphs of help fit themselves to the terminal`() {
    var commands: [any ParsableCommand.Type] = [RedisOpsCommand.self]
    while let command = commands.popLast() {
      commands += command.configuration.subcommands
      let text = command.configuration.discussion
      for paragraph in text.split(separator: "\n\n") {
        let free = paragraph.split(separator: "\n").filter { !$0.hasPrefix(" ") }
        #expect(free.count <= 1, "\(command): \(paragraph)")
      }
    }
  }

  /// A command line that is wrong.
  struct Usage: Sendable {
    let arguments: [String]
    /// What the message names.
    let word: String
  }

  @Test(arguments: [
    Usage(arguments: ["rdb", "frobnicate"], word: "frobnicate"),
    Usage(arguments: ["rdb", "info"], word: "file"),
    Usage(arguments: ["rdb", "info", "--format", "xml", "x"], word: "xml"),
    Usage(arguments: ["rdb", "dump", "--db", "minus", "x"], word: "minus"),
    Usage(arguments: ["rdb", "dump", "--type", "tuple", "x"], word: "tuple"),
    Usage(arguments: ["rdb", "dump", "--ttl", "soon", "x"], word: "soon"),
    Usage(arguments: ["rdb", "dump", "--regex", "(", "x"], word: "--regex"),
    Usage(arguments: ["rdb", "dump", "--slot", "16384", "x"], word: "16384"),
    Usage(arguments: ["rdb", "dump", "--min-size", "2", "--max-size", "1", "x"], word: "max-size"),
    Usage(arguments: ["rdb", "dump", "--limit", "-1", "x"], word: "limit"),
    Usage(arguments: ["rdb", "dump", "--at", "noon", "x"], word: "noon"),
    Usage(arguments: ["rdb", "dump", "--target", "redis:7.2", "x"], word: "resp"),
    Usage(
      arguments: ["rdb", "dump", "--format", "resp", "--target", "redis:7.3", "x"], word: "7.3"),
    Usage(arguments: ["rdb", "dump", "--format", "resp", "--no-values", "x"], word: "no-values"),
    Usage(arguments: ["rdb", "digest", "--format", "ndjson", "x"], word: "--keys"),
    Usage(arguments: ["rdb", "stats", "--top", "-1", "x"], word: "top"),
    Usage(arguments: ["rdb", "stats", "--threads", "0", "x"], word: "threads"),
    Usage(arguments: ["rdb", "verify", "--memory", "1", "x"], word: "memory"),
    Usage(arguments: ["rdb", "info", "-", "-"], word: "once"),
  ])
  func `wrong usage ends with 64 and names the word`(_ usage: Usage) throws {
    let result = try redisops(usage.arguments)
    #expect(result.exitStatus == 64)
    #expect(result.errorText.contains(usage.word), "\(result.errorText)")
    #expect(result.output.isEmpty)
  }

  @Test(arguments: ["info", "dump", "stats", "digest", "verify"])
  func `a missing file is no verdict`(_ verb: String) throws {
    let result = try redisops("rdb", verb, "/nonexistent/dump.rdb")
    #expect(result.exitStatus == 2)
    let said = result.errorText + result.outputText
    #expect(said.contains("/nonexistent/dump.rdb: error: cannot open: No such file"))
  }

  @Test(arguments: ["info", "dump", "stats", "digest", "verify"])
  func `damage is reported with its place and ends with 1`(_ verb: String) throws {
    let bytes = Array(smallSnapshot().dropLast(20))
    try withSnapshot(bytes) { path in
      let result = try redisops("rdb", verb, path)
      #expect(result.exitStatus == 1)
      let said = verb == "verify" ? result.outputText : result.errorText
      #expect(said.hasPrefix("\(path)@0x"), "\(said)")
      #expect(said.contains(": error: "))
    }
  }

  @Test(arguments: ["info", "dump", "stats", "digest", "verify"])
  func `a directory is no verdict`(_ verb: String) throws {
    #expect(try redisops("rdb", verb, "/").exitStatus == 2)
  }

  @Test func `a certain bad outweighs a file that cannot be read`() throws {
    try withSnapshot([1, 2, 3]) { path in
      let verified = try redisops("rdb", "verify", "/nonexistent", path)
      let shown = try redisops("rdb", "info", path, "/nonexistent")
      #expect(verified.exitStatus == 1)
      #expect(shown.exitStatus == 1)
    }
  }

  @Test func `standard input is read like a file`() throws {
    let bytes = smallSnapshot()
    let piped = try redisops("rdb", "dump", "-", input: bytes)
    let fromFile = try withSnapshot(bytes) { try redisops("rdb", "dump", $0) }
    #expect(piped.exitStatus == 0)
    #expect(piped.output == fromFile.output)
    #expect(!piped.output.isEmpty)
  }

  @Test func `a key cannot drive the terminal`() throws {
    var builder = SnapshotBuilder()
    builder.raw([0])
    builder.string("\u{1B}[2Jkey".utf8)
    builder.raw([0x80])
    try withSnapshot(builder.bytes) { path in
      let result = try redisops("rdb", "info", path)
      #expect(result.errorText.contains("in key \"\\x1b[2Jkey\" of db 0"))
      #expect(!result.errorOutput.contains(0x1B))
    }
  }

  @Test func `an output file appears whole`() throws {
    try withTemporaryFolder { folder in
      let input = try folder.write(smallSnapshot(), to: "dump.rdb").path
      let target = folder.file("out.ndjson").path
      let result = try redisops("rdb", "dump", "--output", target, input)
      #expect(result.exitStatus == 0)
      #expect(result.output.isEmpty)
      let written = try readBytes(folder.file("out.ndjson"))
      #expect(written == (try redisops("rdb", "dump", input)).output)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
    }
  }

  @Test func `a full disk leaves the old file and is no verdict`() throws {
    try withTemporaryFolder { folder in
      var builder = SnapshotBuilder()
      for index in 0..<3000 { builder.key("key\(index)", String(repeating: "v", count: 100)) }
      let input = try folder.write(builder.finished, to: "dump.rdb").path
      let target = try folder.write(Array("old".utf8), to: "out").path
      // A limit on the size of files stands for a full disk.
      let result = try runProcess(
        "sh",
        [
          "-c", "ulimit -f 100; exec \"$0\" rdb dump --output \"$1\" \"$2\"", try builtProduct(),
          target, input,
        ])
      #expect(result.exitStatus == 2)
      #expect(result.errorText.contains("write failed"))
      #expect(try readBytes(folder.file("out")) == Array("old".utf8))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
    }
  }

  @Test func `a reader that goes away ends the program quietly`() throws {
    var builder = SnapshotBuilder()
    for index in 0..<20_000 { builder.key("key\(index)", String(repeating: "v", count: 100)) }
    try withSnapshot(builder.finished) { path in
      let result = try runProcess(
        "bash",
        [
          "-c", "\"$0\" rdb dump \"$1\" | head -n 1; echo ${PIPESTATUS[0]}", try builtProduct(),
          path,
        ])
      let lines = result.outputText.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines.first?.contains("\"key\":\"key0\"") == true)
      #expect(lines.last == "0")
      #expect(result.errorOutput.isEmpty)
    }
  }

  @Test func `machine formats carry no colour whatever is asked`() throws {
    try withSnapshot(smallSnapshot()) { path in
      for arguments in [["info"], ["stats"], ["verify"]] {
        let result = try redisops(
          ["rdb"] + arguments + ["--format", "json", "--color", "always", path])
        #expect(!result.output.contains(0x1B))
        #expect(result.errorOutput.isEmpty)
      }
      let text = try redisops("rdb", "info", "--color", "always", path)
      #expect(text.output.contains(0x1B))
      #expect(!(try redisops("rdb", "info", path)).output.contains(0x1B))
    }
  }
}
