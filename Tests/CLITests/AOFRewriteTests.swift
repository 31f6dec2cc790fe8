import Foundation
import TestSupport
import Testing

@Suite struct AOFRewriteTests {
  private static func target(_ server: String) -> String {
    server.replacing("-", with: ":", maxReplacements: 1)
  }

  private static func request(_ words: [String]) -> [UInt8] {
    Array("*\(words.count)\r\n".utf8)
      + words.flatMap { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
  }

  /// The files of a folder and their bytes.
  private static func contents(_ folder: URL) throws -> [String: [UInt8]] {
    var contents: [String: [UInt8]] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let file = folder.appending(path: name, directoryHint: .checkFileSystem)
      if !file.hasDirectoryPath { contents[name] = try readBytes(file) }
    }
    return contents
  }

  @Test(arguments: AOFCorpusCase.carried)
  func `a rewrite has the digest of the server that loaded the source`(
    _ sample: AOFCorpusCase
  ) throws {
    let document = try JSONValue(parsing: readBytes(sample.folder.appending(path: "expected.json")))
    let digest = try #require(document["digest"]?.string) + "\n"
    let server = Self.target(sample.server)
    let before = try Self.contents(sample.folder)
    try withTemporaryFolder { folder in
      for (name, flags) in [("dump.rdb", []), ("new", []), ("commands", ["--no-preamble"])] {
        let output = folder.file(name).path
        let result = try redisops(
          ["aof", "rewrite", "--as", server, sample.path.path, "--output", output] + flags)
        if result.exitStatus == 2 {
          let says = result.errorText
          #expect(
            says.contains("was not executed") || says.contains("a vector set that commands"),
            "\(says)")
          #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
          continue
        }
        #expect(result.exitStatus == 0, "\(result.errorText)")
        #expect(result.outputText.hasPrefix("\(output): "), "\(result.outputText)")
        let area = name == "dump.rdb" ? "rdb" : "aof"
        let verified = try redisops(area, "verify", "--target", server, output)
        #expect(verified.exitStatus == 0, "\(verified.outputText)")
        let found = try redisops(area, "digest", "--as", server, output)
        #expect(found.outputText == digest, "\(name)")
      }
    }
    #expect(try Self.contents(sample.folder) == before)
  }

  @Test(.needsRedisServer, arguments: [[], ["--no-preamble"], ["--no-compression"]])
  func `a real server starts from the folder`(_ flags: [String]) throws {
    for sample in AOFCorpusCase.all where sample.server == "redis-7.0.15" {
      let document = try JSONValue(
        parsing: readBytes(sample.folder.appending(path: "expected.json")))
      try withTemporaryFolder { folder in
        let output = folder.file("appendonlydir").path
        let result = try redisops(
          ["aof", "rewrite", sample.path.path, "--as", "7.0", "--output", output] + flags)
        #expect(result.exitStatus == 0, "\(result.errorText)")
        let server = try RealServer(
          appendOnly: URL(filePath: output, directoryHint: .isDirectory))
        #expect(try server.digest() == document["digest"]?.string, "\(sample)")
      }
    }
  }

  @Test(.needsRedisServer)
  func `a real server starts from one file, and from a snapshot`() throws {
    let commands = [["SET", "k", "v"], ["RPUSH", "l", "a", "b"], ["ZADD", "z", "-0.5", "m"]]
    try withTemporaryFolder { folder in
      let source = try folder.write(commands.flatMap(Self.request), to: "appendonly.aof").path
      for flags in [["--target", "6.2"], ["--target", "6.2", "--no-preamble"]] {
        let output = folder.file("new.aof")
        let result = try redisops(
          ["aof", "rewrite", source, "--as", "7.0", "--output", output.path] + flags)
        #expect(result.exitStatus == 0, "\(result.errorText)")
        let server = try RealServer(appendOnly: output)
        #expect(try server.command("ZSCORE", "z", "m") == "-0.5")
        #expect(try server.command("DBSIZE") == "3")
      }
      let dump = folder.file("dump.rdb")
      let result = try redisops(
        "aof", "rewrite", source, "--as", "7.0", "-o", dump.path, "--format", "json")
      let report = try document(result)
      #expect(report["keys"]?.int == 3)
      #expect(report["layout"]?.string == "snapshot")
      #expect(report["target"]?.string == "redis:7.0.15")
      let server = try RealServer(loading: try readBytes(dump))
      #expect(try server.command("LRANGE", "l", "0", "-1") == "a\nb")
    }
  }

  /// What is not written.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var commands: [[String]] = [["SET", "k", "v"]]
    var cut = 0
    let arguments: [String]
    let status: Int32
    let says: String
  }

  @Test(arguments: [
    Case(
      testDescription: "the source itself", arguments: ["--output", "a.aof"], status: 64,
      says: "a.aof: error: is what is read"),
    Case(
      testDescription: "a damaged source", cut: 3, arguments: ["--output", "b.aof"], status: 1,
      says: "a.aof@0x"),
    Case(
      testDescription: "commands of modules", commands: [["BF.ADD", "k", "v"]],
      arguments: ["--output", "b.aof"], status: 2, says: "BF.ADD was not executed"),
    Case(
      testDescription: "a type that the target lacks", commands: [["XADD", "s", "1-1", "f", "v"]],
      arguments: ["--target", "4.0", "--output", "b.rdb"], status: 1,
      says: "error: a stream: Redis 4.0.14 knows none; nothing is written to b.rdb, in key \"s\""),
    Case(
      testDescription: "commands for a target that lacks the type",
      commands: [["XADD", "s", "1-1", "f", "v"]],
      arguments: ["--target", "4.0", "--no-preamble", "--output", "b.aof"], status: 1,
      says: "error: a stream: Redis 4.0.14 knows none"),
    Case(
      testDescription: "a folder for a server that knows none",
      arguments: ["--target", "6.2", "--layout", "folder", "--output", "b"], status: 64,
      says: "knows no append-only folders"),
    Case(
      testDescription: "commands as a snapshot", arguments: ["--no-preamble", "--output", "b.rdb"],
      status: 64, says: "a snapshot has no commands"),
    Case(
      testDescription: "a folder that is not empty", arguments: ["--output", "."], status: 2,
      says: "the folder is not empty"),
    Case(
      testDescription: "a place that is not there", arguments: ["--output", "none/b.rdb"],
      status: 2, says: "none/b.rdb"),
  ])
  func `nothing is written where that would be wrong`(_ test: Case) throws {
    var bytes = test.commands.flatMap(Self.request)
    bytes.removeLast(test.cut)
    try withTemporaryFolder { folder in
      _ = try folder.write(bytes, to: "a.aof")
      var settings = ProcessSettings()
      settings.workingDirectory = folder.url
      let result = try runProcess(
        try builtProduct(), ["aof", "rewrite", "a.aof", "--as", "7.2"] + test.arguments,
        settings: settings)
      #expect(result.exitStatus == test.status)
      #expect(result.errorText.contains(test.says), "\(result.errorText)")
      #expect(try Self.contents(folder.url) == ["a.aof": bytes])
    }
  }

  @Test func `a result may lie in the folder that is read only when that is said`() throws {
    let sample = try #require(AOFCorpusCase.carried.first { $0.manifestFolder != nil })
    try withTemporaryFolder { folder in
      let place = folder.file("appendonlydir")
      try FileManager.default.copyItem(at: sample.path, to: place)
      let output = place.appending(path: "dump.rdb").path
      let arguments = ["aof", "rewrite", place.path, "--as", Self.target(sample.server)]
      let refused = try redisops(arguments + ["--output", output])
      #expect(refused.exitStatus == 64)
      #expect(refused.errorText.contains("lies in the folder that is read"))
      let allowed = try redisops(arguments + ["--output", output, "--allow-inside"])
      #expect(allowed.exitStatus == 0, "\(allowed.errorText)")
    }
  }

  @Test func `standard input and output`() throws {
    let bytes = [["SET", "k", "v"], ["DEL", "k"], ["SET", "a", "1"]].flatMap(Self.request)
    let result = try redisops(
      "aof", "rewrite", "-", "--as", "7.2", "--no-preamble", "--output", "-", input: bytes)
    #expect(result.exitStatus == 0)
    #expect(result.output == [["SELECT", "0"], ["SET", "a", "1"]].flatMap(Self.request))
  }
}

/// What is left where `aof rewrite` is killed, or the disk is full.
@Suite struct AOFRewriteInterruptionTests {
  /// 20 MB in 20,000 keys.
  private static let bytes: [UInt8] = {
    var bytes: [UInt8] = []
    let value = String(repeating: "x", count: 1000)
    for number in 0..<20_000 {
      bytes += Array(
        "*3\r\n$3\r\nSET\r\n$6\r\n\(100_000 + number)\r\n$1000\r\n\(value)\r\n".utf8)
    }
    return bytes
  }()

  private static let flags = [
    "--as", "7.0", "--at", "2026-11-24T00:00:00Z", "--no-compression", "--output",
  ]

  @Test func `killed at any moment, it leaves the old file or the new one`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof")
      let whole = folder.file("whole.rdb")
      let arguments = ["aof", "rewrite", file.path] + Self.flags
      #expect(try redisops(arguments + [whole.path]).exitStatus == 0)
      let expected = try readBytes(whole)
      var random = RepeatableRandom(seed: 7)
      for _ in 0..<16 {
        let output = try folder.write([1, 2, 3], to: "out.rdb")
        var settings = ProcessSettings()
        settings.timeoutSeconds = Double.random(in: 0.01...0.6, using: &random)
        _ = try runProcess(try builtProduct(), arguments + [output.path], settings: settings)
        let found = try readBytes(output)
        #expect(found == [1, 2, 3] || found == expected)
        let made = folder.file("out")
        _ = try runProcess(try builtProduct(), arguments + [made.path], settings: settings)
        if FileManager.default.fileExists(atPath: made.path) {
          #expect(try redisops("aof", "digest", made.path).exitStatus == 0)
          try FileManager.default.removeItem(at: made)
        }
      }
      #expect(try readBytes(file) == Self.bytes)
    }
  }

  @Test(arguments: ["out.rdb", "out.aof", "out"])
  func `a full disk is an error, and the old file stays`(_ name: String) throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof")
      if name != "out" { _ = try folder.write([1, 2, 3], to: name) }
      let before = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      // Blocks of 512 bytes.
      let result = try runProcess(
        "sh",
        ["-c", "ulimit -f 10000; exec \"$@\"", "sh", try builtProduct(), "aof", "rewrite"]
          + [file.path] + Self.flags + [folder.file(name).path])
      #expect(result.exitStatus == 2, "\(result.errorText)")
      #expect(result.errorText.contains("File too large"))
      let after = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(Set(after) == Set(before))
      if name != "out" { #expect(try readBytes(folder.file(name)) == [1, 2, 3]) }
    }
  }
}
