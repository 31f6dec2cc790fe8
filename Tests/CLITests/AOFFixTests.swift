import Foundation
import TestSupport
import Testing

@Suite struct AOFFixTests {
  /// What is left of a variant that no server starts from and that its checker does not repair, as
  /// the variant that has the same data; `nil` where nothing can be repaired.
  static let others: [String: String?] = [
    "argc-zero": "empty", "argc-negative": "empty", "argc-too-small": "empty",
    "wrong-arity": "base", "not-last-cut": "", "not-last-open-multi": "base-and-incr",
    "base-cut": nil, "base-bad-checksum": nil, "preamble-cut": nil,
    "preamble-bad-checksum": nil, "manifest-missing": "base-and-incr",
    "manifest-empty": "base-and-incr", "manifest-missing-incr-file": "manifest-only-base-line",
    "manifest-missing-base-file": nil, "manifest-two-bases": "base-and-incr",
    "manifest-seq-goes-back": "manifest-same-file-twice", "manifest-seq-zero": nil,
    "manifest-bad-type": nil, "manifest-missing-type": nil, "manifest-odd-fields": nil,
    "manifest-blank-line": "base-and-incr", "manifest-no-last-newline": "base-and-incr",
    "manifest-path-in-name": nil, "manifest-long-line": "base-and-incr",
    "manifest-nul-bytes": "base-and-incr", "manifest-history": "base-and-incr",
  ]

  /// Those that the real server of version 7.0 can load.
  static let damaged = DamagedAOF.all.filter {
    ["redis-5.0.14", "redis-6.2.16", "redis-7.0.15"].contains($0.server)
  }

  /// The data that are left; `nil` where nothing tells them.
  private static func digest(of variant: DamagedAOF) -> String? {
    let isOld = variant.server != "redis-7.0.15"
    switch variant.name {
    case "manifest-missing", "manifest-same-file-twice":
      return digest(named: "base-and-incr", variant.server)
    case "unknown-command", "unknown-command-in-middle", "wrong-arity":
      return digest(named: "base", variant.server)
    // Later servers know such lines.
    case "annotation" where isOld: return digest(named: "wrong-type", variant.server)
    // The old checkers leave too much, or too little.
    case "argc-too-small", "bulk-huge", "bulk-negative":
      return digest(named: "empty", variant.server)
    default: break
    }
    // Bytes that servers pass over do not end what is sound.
    if let digest = variant.serverDigest(loadsTruncated: false)
      ?? variant.serverDigest(loadsTruncated: true) ?? variant.fixedDigest
    {
      return digest
    }
    return others[variant.name].flatMap { $0 }.flatMap { digest(named: $0, variant.server) }
  }

  private static func digest(named name: String, _ server: String) -> String? {
    damaged.first { $0.name == name && $0.server == server }?.serverDigest(loadsTruncated: false)
  }

  @Test(.needsRedisServer, arguments: damaged)
  func `a server loads what is left, with the data of the sound part`(
    _ variant: DamagedAOF
  ) throws {
    try withTemporaryFolder { folder in
      let output = folder.url.appending(path: "out", directoryHint: .isDirectory)
      let before = try contents(of: variant.folder)
      let result = try redisops(
        "aof", "fix", variant.path.path, "--drop-unknown", "--output", output.path, "--format",
        "json")
      #expect(try contents(of: variant.folder) == before)
      if let other = Self.others[variant.name], other == nil {
        #expect(result.exitStatus == 1)
        #expect(!result.errorOutput.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: output.path))
        return
      }
      #expect(result.exitStatus == 0, "\(result.errorText)")
      let isFolder = variant.path.hasDirectoryPath
      let server = try RealServer(
        appendOnly: isFolder ? output : output.appending(path: "appendonly.aof"))
      let digest = try server.digest()
      server.stop()
      if variant.name != "not-last-cut" { #expect(digest == Self.digest(of: variant)) }
      // What is lost is kept, byte for byte.
      let report = try document(result)
      let lost = report["lost"]?["bytes"]?.int ?? 0
      let kept = try contents(of: output.appending(path: "lost"))
      #expect(
        kept.filter { $0.key != "commands.ndjson" }.values.reduce(0) { $0 + $1.count } == lost)
      #expect((report["removed"]?.elements.isEmpty == true) == kept.isEmpty)
      let lines = (kept["commands.ndjson"] ?? []).split(separator: 0x0A)
      let listed = try lines.reduce(0) { $0 + (try JSONValue(parsing: $1)["bytes"]?.int ?? 0) }
      #expect(listed == lost)
    }
  }

  /// The files below a folder, by their paths there.
  private func contents(of folder: URL) throws -> [String: [UInt8]] {
    var found: [String: [UInt8]] = [:]
    let names = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    for name in names {
      let file = folder.appending(path: name)
      if !file.hasDirectoryPath, let bytes = try? readBytes(file) { found[name] = bytes }
    }
    return found
  }

  // MARK: transactions

  static func request(_ words: String) -> [UInt8] { AOFRewindTests.request(words) }

  /// A server loads a file that ends within a record of a transaction, and is written to.
  @Test(.needsRedisServer)
  func `what a server wrote behind an open transaction is saved`() throws {
    let front = ["SELECT 0", "SET a 1", "MULTI", "SET b 2", "SET a 3"].flatMap(Self.request)
    let manifest =
      "file appendonly.aof.1.base.aof seq 1 type b\n"
      + "file appendonly.aof.1.incr.aof seq 1 type i\n"
    for writes in [[["SET", "late", "x"]], [["SET", "late", "x"], ["MULTI"], ["EXEC"]]] {
      try withTemporaryFolder { folder in
        let server = try RealServer(
          arguments: ["--appendonly", "yes", "--appendfsync", "always"]
        ) { folder in
          let inner = folder.file("appendonlydir")
          try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
          let torn = front + Array("*3\r\n$3\r\nSET".utf8)
          _ = try folder.write(torn, to: "appendonlydir/appendonly.aof.1.incr.aof")
          _ = try folder.write([], to: "appendonlydir/appendonly.aof.1.base.aof")
          _ = try folder.write(Array(manifest.utf8), to: "appendonlydir/appendonly.aof.manifest")
        }
        for words in writes { #expect(try !server.command(words).isEmpty) }
        let transaction = ["MULTI", "SET q 1", "SET r 2", "EXEC"].flatMap(Self.request)
        if writes.count > 1 { _ = try server.pipe(transaction) }
        let digest = try server.digest()
        let copy = folder.url.appending(path: "damaged", directoryHint: .isDirectory)
        try FileManager.default.copyItem(
          at: server.folder.file("appendonlydir"), to: copy)
        server.stop()
        let output = folder.url.appending(path: "out", directoryHint: .isDirectory)
        let result = try redisops(
          "aof", "fix", copy.path, "--output", output.path, "--format", "json")
        #expect(result.exitStatus == 0, "\(result.errorText)")
        let removed = try document(result)["removed"]?.elements ?? []
        #expect(removed.map { $0["reason"]?.string } == ["abandoned-transaction"])
        let repaired = try RealServer(appendOnly: output)
        #expect(try repaired.digest() == digest)
        #expect(try repaired.command("GET", "late") == "x")
        #expect(try repaired.command("GET", "a") == "1")
        repaired.stop()
        let closed = folder.url.appending(path: "closed", directoryHint: .isDirectory)
        _ = try redisops(
          "aof", "fix", copy.path, "--output", closed.path, "--close-transaction")
        let other = try RealServer(appendOnly: closed)
        #expect(try other.command("GET", "late") == "x")
        #expect(try other.command("GET", "a") == "3")
        other.stop()
      }
    }
  }

  /// A file, and what is kept of it.
  struct File: Sendable {
    let name: String
    let words: [String]
    let kept: [String]
    var tail = ""
    var reasons: [String] = []
  }

  static let files = [
    File(name: "sound", words: ["SET a 1", "MULTI", "EXEC"], kept: ["SET a 1", "MULTI", "EXEC"]),
    File(
      name: "another database within a transaction",
      words: ["MULTI", "SELECT 1", "SET a 1", "SELECT 0", "SET b 1", "EXEC"],
      kept: ["MULTI", "SELECT 1", "SET a 1", "SELECT 0", "SET b 1", "EXEC"]),
    File(
      name: "torn between two databases",
      words: ["SET a 1", "MULTI", "SELECT 1", "SET a 1", "SELECT 0", "SET b 1"],
      kept: ["SET a 1"], reasons: ["open-transaction"]),
    File(
      name: "begun again with the same database",
      words: ["MULTI", "SET b 1", "SELECT 0", "SET c 1"], kept: ["SELECT 0", "SET c 1"],
      reasons: ["abandoned-transaction"]),
    File(
      name: "begun again right behind MULTI",
      words: ["SELECT 2", "MULTI", "SELECT 2", "SET c 1"],
      kept: ["SELECT 2", "SELECT 2", "SET c 1"], reasons: ["abandoned-transaction"]),
    File(
      name: "begun again with another database, and another transaction",
      words: ["MULTI", "SET b 1", "SELECT 3", "SET c 1", "MULTI", "SET d 1", "EXEC"],
      kept: ["SELECT 3", "SET c 1", "MULTI", "SET d 1", "EXEC"],
      reasons: ["abandoned-transaction"]),
    File(
      name: "begun again twice",
      words: [
        "MULTI", "SET b 1", "SELECT 0", "SET c 1", "MULTI", "SET d 1", "SELECT 0", "SET e 1",
      ],
      kept: ["SELECT 0", "SET c 1", "SELECT 0", "SET e 1"],
      reasons: ["abandoned-transaction", "abandoned-transaction"]),
    File(
      name: "begun again, and torn",
      words: ["MULTI", "SET b 1", "SELECT 0", "SET c 1"], kept: ["SELECT 0", "SET c 1"],
      tail: "*3\r\n$3", reasons: ["abandoned-transaction", "torn-record"]),
    File(
      name: "a MULTI too many", words: ["MULTI", "SET a 1", "MULTI", "SET b 1", "EXEC"],
      kept: ["MULTI", "SET a 1", "SET b 1", "EXEC"], reasons: ["nested-multi"]),
    File(
      name: "an EXEC too many", words: ["SET a 1", "EXEC", "SET b 1"],
      kept: ["SET a 1", "SET b 1"], reasons: ["exec-without-multi"]),
    File(
      name: "a command too short", words: ["SET a 1", "SET b", "SET c 1"],
      kept: ["SET a 1", "SET c 1"], reasons: ["wrong-arity"]),
    File(
      name: "a count too small", words: ["SET a 1", "DEL a"], kept: ["SET a 1"],
      tail: "$1\r\nb\r\n*1\r\n$4\r\nPING\r\n", reasons: ["damage"]),
    File(
      name: "half an annotation", words: ["SET a 1"], kept: ["SET a 1"], tail: "#TS:17",
      reasons: ["torn-annotation"]),
    File(
      name: "commands that only harm",
      words: [
        "DISCARD", "MULTI", "WATCH a", "SET a 1", "DISCARD", "EXEC", "SELECT x", "SUBSCRIBE x",
      ],
      kept: ["MULTI", "SET a 1", "EXEC"], reasons: Array(repeating: "no-effect", count: 5)),
    File(
      name: "zeros in the last record", words: ["SET a 1"], kept: ["SET a 1"],
      tail: "*2\r\n$3\r\nDEL\r\n$1\r\n\0\0\0", reasons: ["damage"]),
    File(
      name: "zeros", words: ["SET a 1"], kept: ["SET a 1"], tail: "\0\0\0\0",
      reasons: ["damage"]),
  ]

  @Test(arguments: files)
  func `no more than needed is left out`(_ file: File) throws {
    try withTemporaryFolder { folder in
      let bytes = file.words.flatMap(Self.request) + Array(file.tail.utf8)
      let path = try folder.write(bytes, to: "a.aof").path
      let result = try redisops(
        "aof", "fix", path, "--output", folder.file("out").path, "--format", "json")
      #expect(result.exitStatus == 0)
      let kept = try readBytes(folder.file("out").appending(path: "a.aof"))
      #expect(kept == file.kept.flatMap(Self.request), "\(file.name)")
      let report = try document(result)
      #expect((report["removed"]?.elements ?? []).map { $0["reason"]?.string } == file.reasons)
      #expect(report["changed"]?.bool == !file.reasons.isEmpty)
      #expect(report["schema"]?.string == "redisops/aof-fix/1")
    }
  }

  @Test func `unknown commands are kept, unless they are not wanted`() throws {
    try withTemporaryFolder { folder in
      let words = ["SET a 1", "JSON.SET k . 1", "XGROUP NOSUCH k g"]
      let path = try folder.write(words.flatMap(Self.request), to: "a.aof").path
      let kept = try redisops("aof", "fix", path, "--output", folder.file("kept").path)
      #expect(kept.exitStatus == 1)
      #expect(kept.errorText.contains("JSON.SET is no command of any server (and 1 more"))
      let all = try readBytes(folder.file("kept").appending(path: "a.aof"))
      #expect(all == words.flatMap(Self.request))
      let dropped = try redisops(
        "aof", "fix", path, "--drop-unknown", "--output", folder.file("dropped").path)
      #expect(dropped.exitStatus == 0)
      let rest = try readBytes(folder.file("dropped").appending(path: "a.aof"))
      #expect(rest == Self.request("SET a 1"))
    }
  }

  @Test func `what may be wrong and cannot be repaired is said`() throws {
    try withTemporaryFolder { folder in
      let words = ["SET a 1", "SELECT 20", "SET b 2"].flatMap(Self.request)
      var bytes = words
      bytes.replaceSubrange(25..<27, with: [0, 0])
      let path = try folder.write(bytes, to: "a.aof").path
      let result = try redisops("aof", "fix", path, "--output", folder.file("out").path)
      #expect(result.exitStatus == 1)
      #expect(result.errorText.contains("a.aof@0x19: warning: zero bytes where CR LF"))
      #expect(result.errorText.contains("SELECT 20"))
      #expect(try readBytes(folder.file("out").appending(path: "a.aof")) == bytes)
    }
  }

  // MARK: lists

  @Test func `the list of what is lost goes on behind damage`() throws {
    try withTemporaryFolder { folder in
      let front = Self.request("SET a 1")
      let behind = ["SET b 2", "SELECT 3", "DEL a b"].flatMap(Self.request)
      let bytes = front + Array("garbage\r\n*".utf8) + behind + Array("*2\r\n$3\r\nGE".utf8)
      let path = try folder.write(bytes, to: "a.aof").path
      let output = folder.file("out")
      let result = try redisops("aof", "fix", path, "--output", output.path)
      #expect(result.exitStatus == 0)
      #expect(result.outputText.contains("\"DEL\" \"a\" \"b\""))
      #expect(result.outputText.contains("3 whole commands"))
      let list = try readBytes(output.appending(path: "lost/commands.ndjson"))
      let lines = try list.split(separator: 0x0A).map { try JSONValue(parsing: $0) }
      #expect(lines.map { $0["offset"]?.int } == [27, 37, 64, 87, 114])
      #expect(lines.map { $0["db"]?.int } == [nil, 0, 3, 3, nil])
      #expect(lines[3]["argv"]?.elements.map(\.string) == ["DEL", "a", "b"])
      #expect(lines[4]["front"]?.string == "*2\r\n$3\r\nGE")
      let lost = try readBytes(output.appending(path: "lost/a.aof"))
      #expect(lost == Array(bytes[27...]))
    }
  }

  // MARK: places

  @Test func `in place, the original stays as a backup`() throws {
    let variant = try #require(DamagedAOF.carried.first { $0.name == "last-cut" })
    try withTemporaryFolder { folder in
      let original = try contents(of: variant.path)
      let place = folder.url.appending(path: "appendonlydir", directoryHint: .isDirectory)
      try FileManager.default.copyItem(at: variant.path, to: place)
      let dry = try redisops("aof", "fix", place.path, "--dry-run")
      #expect(dry.exitStatus == 0)
      #expect(dry.outputText.contains("32 bytes") || dry.outputText.contains("bytes"))
      #expect(try contents(of: place) == original)
      let result = try redisops("aof", "fix", place.path, "--in-place")
      #expect(result.exitStatus == 0, "\(result.errorText)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
          == ["appendonlydir", "appendonlydir.backup-1"])
      #expect(try contents(of: folder.file("appendonlydir.backup-1")) == original)
      #expect(try contents(of: place)["appendonly.aof.2.incr.aof"] == [])
      let again = try redisops("aof", "fix", place.path, "--in-place")
      #expect(again.exitStatus == 0)
      #expect(again.outputText.contains("nothing to repair"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 2)
    }
  }

  @Test func `in place, a single file keeps its name`() throws {
    try withTemporaryFolder { folder in
      let bytes = Self.request("SET a 1") + Array("*1".utf8)
      let file = try folder.write(bytes, to: "a.aof")
      let result = try redisops("aof", "fix", file.path, "--in-place", "--format", "json")
      #expect(result.exitStatus == 0, "\(result.errorText)")
      #expect(try document(result)["backup"]?.string?.hasSuffix("/a.aof.backup-1") == true)
      #expect(try readBytes(file) == Self.request("SET a 1"))
      #expect(try readBytes(folder.file("a.aof.backup-1")) == bytes)
      let lost = try contents(of: folder.file("a.aof.backup-1.lost"))
      #expect(lost["a.aof"] == Array("*1".utf8))
      #expect(lost["commands.ndjson"] != nil)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 3)
    }
  }

  @Test func `wrong usage and places that are taken are refused`() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.request("PING"), to: "a.aof").path
      let packed = try folder.write(gzipMember(Self.request("PING")), to: "a.gz").path
      #expect(try redisops("aof", "fix", path).exitStatus == 64)
      #expect(try redisops("aof", "fix", path, "--output", "x", "--in-place").exitStatus == 64)
      #expect(try redisops("aof", "fix", "-", "--in-place").exitStatus == 64)
      #expect(try redisops("aof", "fix", packed, "--in-place").exitStatus == 64)
      #expect(try redisops("aof", "fix", path, "--output", folder.url.path).exitStatus == 2)
      #expect(try redisops("aof", "fix", "/nonexistent", "--dry-run").exitStatus == 2)
      let piped = try redisops(
        "aof", "fix", "-", "--output", folder.file("out").path, input: Self.request("PING"))
      #expect(piped.exitStatus == 0)
      #expect(
        try readBytes(folder.file("out").appending(path: "appendonly.aof")) == Self.request("PING"))
    }
  }
}

extension DamagedAOF {
  /// The digest of the server that started with `aof-load-truncated` so; `nil` where it did not.
  fileprivate func serverDigest(loadsTruncated: Bool) -> String? {
    let state = document["server"]?["aof-load-truncated \(loadsTruncated ? "yes" : "no")"]
    return state?["starts"]?.bool == true ? state?["digest"]?.string : nil
  }

  /// The digest of the server that started from what the checker's `--fix` left; `nil` where it
  /// was not called, or the server did not start.
  fileprivate var fixedDigest: String? {
    let state = document["fix"]?["server"]
    return state?["starts"]?.bool == true ? state?["digest"]?.string : nil
  }
}
