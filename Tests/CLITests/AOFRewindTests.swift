import Foundation
import TestSupport
import Testing

@Suite struct AOFRewindTests {
  static let timestamps = AOFCorpusCase.all.filter { $0.name == "aof-timestamps" }
  static let incremental = "appendonly.aof.1.incr.aof"

  /// Where the first `#TS:` line that is later stands; the size where none is.
  static func cut(_ bytes: [UInt8], after timestamp: Int) -> Int {
    var offset = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("#TS:"), let time = Int(text.dropFirst(4).trimmingCharacters(in: ["\r"])),
        time > timestamp
      {
        return offset
      }
      offset += line.count + 1
    }
    return bytes.count
  }

  @Test(arguments: timestamps)
  func `a moment gives what the server's checker leaves`(_ example: AOFCorpusCase) throws {
    let source = try readBytes(
      try #require(example.manifestFolder).appending(path: Self.incremental))
    let truncations = try example.truncations()
    #expect(truncations.count > 5)
    for truncation in truncations {
      try withTemporaryFolder { folder in
        let output = folder.file("out")
        let result = try redisops(
          "aof", "rewind", example.path.path, "--at", "\(truncation.timestamp)", "--output",
          output.path, "--format", "json")
        #expect(result.exitStatus == 0)
        let size = Self.cut(source, after: truncation.timestamp)
        if truncation.isDone { #expect(size == truncation.byteCount) }
        let manifest = String(
          decoding: try readBytes(output.appending(path: "appendonly.aof.manifest")), as: UTF8.self)
        let base = "file appendonly.aof.1.base.rdb seq 1 type b"
        let file = output.appending(path: Self.incremental)
        if size == 0 {
          #expect(manifest == base + "\n")
          #expect(!FileManager.default.fileExists(atPath: file.path))
          #expect(try document(result)["kept"]?.string == "base")
          #expect(result.errorText.contains("nothing that was appended is as old as"))
        } else {
          #expect(try readBytes(file) == Array(source[..<size]))
          #expect(manifest == String(decoding: try original(example), as: UTF8.self))
        }
      }
    }
  }

  private func original(_ example: AOFCorpusCase) throws -> [UInt8] {
    try readBytes(try #require(example.manifestFolder).appending(path: "appendonly.aof.manifest"))
  }

  /// The base of newer servers cannot be loaded by 7.0; it is empty.
  @Test(.needsRedisServer, arguments: timestamps)
  func `a server loads it with the checker's digest`(_ example: AOFCorpusCase) throws {
    let sizes = try example.truncations().filter(\.isDone)
    for truncation in sizes {
      try withTemporaryFolder { folder in
        let output = folder.url.appending(path: "out", directoryHint: .isDirectory)
        _ = try redisops(
          "aof", "rewind", example.path.path, "--at", "\(truncation.timestamp)", "--output",
          output.path)
        if example.server != "redis-7.0.15" {
          let manifest = Array("file \(Self.incremental) seq 1 type i\n".utf8)
          try Data(manifest).write(to: output.appending(path: "appendonly.aof.manifest"))
        }
        let server = try RealServer(appendOnly: output)
        #expect(try server.digest() == truncation.digest)
        server.stop()
      }
    }
  }

  // MARK: history

  @Test(.needsRedisServer) func `before the last rewrite, history files are used`() throws {
    let example = try #require(AOFCorpusCase.all.first { $0.name == "aof-history" })
    let incremental = { (number: Int) in "appendonly.aof.\(number).incr.aof" }
    struct Point {
      var arguments: [String]
      var lines: [String]
      var keys: Int
    }
    // Each incremental file is SELECT 0 and a SET of 29 bytes.
    let points = [
      Point(
        arguments: ["--before-offset", incremental(1) + "@52"],
        lines: ["1.base.aof seq 1 type b", "1.incr.aof seq 1 type i"], keys: 1),
      Point(
        arguments: ["--before-command", "SET h:2 2"],
        lines: ["2.base.aof seq 2 type b", "2.incr.aof seq 2 type i"], keys: 1),
      Point(
        arguments: ["--before-offset", "52", "--file", incremental(2)],
        lines: ["2.base.aof seq 2 type b", "2.incr.aof seq 2 type i"], keys: 2),
      Point(
        arguments: ["--before-command", "set", "--match", "1"],
        lines: ["1.base.aof seq 1 type b", "1.incr.aof seq 1 type i"], keys: 0),
      Point(
        arguments: ["--before-command", "set", "--match", "last"],
        lines: ["3.base.aof seq 3 type b", "3.incr.aof seq 3 type i"], keys: 2),
    ]
    for point in points {
      try withTemporaryFolder { folder in
        let output = folder.url.appending(path: "out", directoryHint: .isDirectory)
        let result = try redisops(
          ["aof", "rewind", example.path.path, "--output", output.path] + point.arguments)
        #expect(result.exitStatus == 0, "\(result.errorText)")
        let manifest = try readBytes(output.appending(path: "appendonly.aof.manifest"))
        let lines = String(decoding: manifest, as: UTF8.self).split(separator: "\n").map {
          $0.replacing("file appendonly.aof.", with: "").split(separator: " startoffset").first
        }
        #expect(lines.map { String($0 ?? "") } == point.lines)
        let server = try RealServer(appendOnly: output)
        #expect(try server.command("DBSIZE") == "\(point.keys)")
        server.stop()
      }
    }
  }

  // MARK: points

  static let words = [
    "SELECT 0", "SET a 1", "MULTI", "SET b 2", "DEL a", "EXEC", "SET FLUSHALL x", "flushall async",
    "SELECT 2", "SET a 2", "FLUSHALL", "DEL a b",
  ]

  static func request(_ words: String) -> [UInt8] {
    let words = words.split(separator: " ")
    return Array(
      ("*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()).utf8)
  }

  static let bytes = words.flatMap(request)

  /// Flags, and how many of `words` are kept.
  struct Point: Sendable {
    let arguments: [String]
    let kept: Int
  }

  static let points = [
    Point(arguments: ["--before-command", "FLUSHALL"], kept: 10),
    Point(arguments: ["--before-command", "FLUSHALL", "--match", "first"], kept: 7),
    Point(arguments: ["--before-command", "FlushAll Async"], kept: 10),
    Point(arguments: ["--before-command", "FLUSHALL async"], kept: 7),
    Point(arguments: ["--before-command", "SET b"], kept: 2),
    Point(arguments: ["--before-command", "exec"], kept: 2),
    Point(arguments: ["--before-key", "a", "--command", "DEL,UNLINK"], kept: 11),
    Point(arguments: ["--before-key", "a", "--command", "DEL", "--db", "0"], kept: 2),
    Point(arguments: ["--before-key", "\"a\"", "--match", "1"], kept: 1),
    Point(arguments: ["--before-key", "a", "--db", "2", "--match", "1"], kept: 9),
    Point(arguments: ["--before-offset", "23"], kept: 1),
    Point(arguments: ["--before-offset", "0x18"], kept: 1),
    Point(arguments: ["--before-offset", "100"], kept: 2),
    Point(arguments: ["--before-offset", "0"], kept: 0),
    Point(arguments: ["--before-offset", "100000"], kept: 12),
  ]

  @Test(arguments: points)
  func `a point lies in front of a command and outside a transaction`(_ point: Point) throws {
    try withTemporaryFolder { folder in
      let expected = Self.words.prefix(point.kept).flatMap(Self.request)
      let file = try folder.write(Self.bytes, to: "old.aof")
      let packed = try folder.write(gzipMember(Self.bytes), to: "packed.aof.gz")
      let inputs = [(file.path, "old.aof"), (packed.path, "packed.aof"), ("-", "appendonly.aof")]
      for (index, (path, name)) in inputs.enumerated() {
        let output = folder.file("out\(index)")
        let result = try redisops(
          ["aof", "rewind", path, "--output", output.path] + point.arguments,
          input: path == "-" ? Self.bytes : [])
        if point.arguments.contains("FlushAll Async") {
          #expect(result.exitStatus == 1)
          continue
        }
        #expect(result.exitStatus == 0, "\(result.errorText)")
        #expect(try readBytes(output.appending(path: name)) == expected)
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path) == [name])
      }
    }
  }

  @Test(.needsRedisServer) func `a server takes a single file over`() throws {
    var snapshot = SnapshotBuilder("REDIS0009")
    snapshot.select(0)
    snapshot.key("k", "v")
    for front in [[], snapshot.finished] {
      try withTemporaryFolder { folder in
        let file = try folder.write(front + Self.bytes, to: "appendonly.aof")
        let output = folder.url.appending(path: "out", directoryHint: .isDirectory)
        let result = try redisops(
          "aof", "rewind", file.path, "--output", output.path, "--before-command", "FLUSHALL",
          "--match", "first")
        #expect(result.exitStatus == 0)
        let server = try RealServer(appendOnly: output.appending(path: "appendonly.aof"))
        #expect(try server.command("DBSIZE") == (front.isEmpty ? "2" : "3"))
        server.stop()
      }
    }
  }

  @Test func `what cannot be found is said, and nothing is written`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Self.bytes, to: "a.aof").path
      let broken = try folder.write(
        Array("*1\r\n$4\r\nPING\r\n????".utf8) + Self.bytes, to: "b.aof")
      struct Trouble {
        var path: String
        var arguments: [String]
        var status: Int32
        var word: String
      }
      let troubles = [
        Trouble(path: file, arguments: ["--at", "1700000000"], status: 1, word: "no #TS:"),
        Trouble(
          path: file, arguments: ["--before-command", "SAVE"], status: 1, word: "no command"),
        Trouble(
          path: file, arguments: ["--before-command", "FLUSHALL", "--match", "3"], status: 1,
          word: "only 2 commands match"),
        Trouble(
          path: file, arguments: ["--before-offset", "5", "--file", "x"], status: 64, word: "x"),
        Trouble(
          path: broken.path, arguments: ["--before-command", "FLUSHALL"], status: 1,
          word: "aof fix"),
        Trouble(
          path: broken.path, arguments: ["--before-offset", "99"], status: 1, word: "aof fix"),
        Trouble(path: file, arguments: [], status: 64, word: "One point"),
        Trouble(path: file, arguments: ["--at", "1", "--db", "2"], status: 64, word: "--db"),
        Trouble(path: "/nonexistent", arguments: ["--at", "1"], status: 2, word: "No such file"),
      ]
      for trouble in troubles {
        let output = folder.file("out").path
        let result = try redisops(
          ["aof", "rewind", trouble.path, "--output", output] + trouble.arguments)
        #expect(result.exitStatus == trouble.status, "\(trouble.arguments)")
        #expect(result.errorText.contains(trouble.word), "\(result.errorText)")
        #expect(result.output.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: output))
      }
      #expect(try readBytes(folder.file("a.aof")) == Self.bytes)
    }
  }

  @Test func `a torn tail behind the point is no trouble`() throws {
    try withTemporaryFolder { folder in
      let torn = Self.bytes + Array("#TS:1700000000\r\n*3\r\n$3\r\nSET".utf8)
      let file = try folder.write(torn, to: "a.aof").path
      for arguments in [["--at", "1800000000"], ["--before-offset", "99999"]] {
        let output = folder.file("out\(arguments[0])")
        let result = try redisops(["aof", "rewind", file, "--output", output.path] + arguments)
        #expect(result.exitStatus == 0, "\(result.errorText)")
        #expect(try readBytes(output.appending(path: "a.aof")).count == Self.bytes.count + 16)
        #expect(result.errorText.contains("warning"))
      }
    }
  }

  @Test func `what a server wrote behind an open transaction is not given up silently`() throws {
    let torn = ["SET a 1", "MULTI", "SET b 2", "SELECT 0", "SET c 3", "FLUSHALL"]
    try withTemporaryFolder { folder in
      let path = try folder.write(torn.flatMap(Self.request), to: "a.aof").path
      for arguments in [["--before-command", "FLUSHALL"], ["--before-offset", "1000"]] {
        let output = folder.file("out").path
        let result = try redisops(["aof", "rewind", path, "--output", output] + arguments)
        #expect(result.exitStatus == 1)
        #expect(result.errorText.contains("a.aof@0x1b: error: the point lies behind a transaction"))
        #expect(!FileManager.default.fileExists(atPath: output))
      }
      let before = try redisops(
        "aof", "rewind", path, "--before-command", "SET b", "--output", folder.file("out").path)
      #expect(before.exitStatus == 0)
      #expect(before.errorText.contains("lies in a transaction"))
      let repaired = folder.file("repaired")
      _ = try redisops("aof", "fix", path, "--output", repaired.path)
      let again = try redisops(
        "aof", "rewind", repaired.path + "/a.aof", "--before-command", "FLUSHALL", "--output",
        folder.file("again").path)
      #expect(again.exitStatus == 0)
      #expect(
        try readBytes(folder.file("again").appending(path: "a.aof"))
          == ["SET a 1", "SELECT 0", "SET c 3"].flatMap(Self.request))
    }
  }

  // MARK: places

  @Test func `nothing is overwritten, and the input's folder is not written to`() throws {
    let example = try #require(AOFCorpusCase.carried.first { $0.name == "aof-history" })
    try withTemporaryFolder { folder in
      let input = folder.file("appendonlydir")
      try FileManager.default.copyItem(at: try #require(example.manifestFolder), to: input)
      _ = try folder.write([], to: "file")
      func rewind(_ output: String, _ more: String...) throws -> ProcessResult {
        try redisops(
          ["aof", "rewind", input.path, "--before-command", "SET", "--output", output] + more)
      }
      #expect(try rewind(folder.url.path).exitStatus == 2)
      #expect(try rewind(folder.file("file").path).exitStatus == 2)
      #expect(try rewind(folder.file("gone").path + "/out").exitStatus == 2)
      #expect(try rewind(input.path).exitStatus == 2)
      #expect(try rewind(input.path + "/../appendonlydir/out").exitStatus == 64)
      #expect(try rewind(input.path + "/out", "--allow-inside").exitStatus == 0)
      try FileManager.default.createDirectory(
        at: folder.file("empty"), withIntermediateDirectories: false)
      #expect(try rewind(folder.file("empty").path + "/").exitStatus == 0)
      let dry = try rewind(folder.file("dry").path, "--dry-run")
      #expect(dry.exitStatus == 0)
      #expect(dry.outputText.contains("would be"))
      #expect(
        Set(try FileManager.default.contentsOfDirectory(atPath: folder.url.path))
          == ["appendonlydir", "file", "empty"])
    }
  }
}
