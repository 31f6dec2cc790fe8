import Foundation
import TestSupport
import Testing

/// `redisops verify`: what is loaded, what is in the way, and what comes of it.
@Suite struct VerifyTests {
  static let folder = ProjectFolders.fixtures.appending(path: "verify")
  static var data: String { folder.appending(path: "data").path }
  static var conf: String { folder.appending(path: "redis.conf").path }

  static func request(_ words: String...) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
    return bytes
  }

  static let log = request("SELECT", "0") + request("SET", "k", "1") + request("RPUSH", "l", "a")

  /// Files of a data folder, a configuration, and what is said of them.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var files: [String: [UInt8]] = [:]
    var conf = "appendonly yes\n"
    var target = "redis:7.0.15"
    var verdict = "bad"
    var starts: Bool? = true
    var keys: Int?
    var findings: Set<String> = []
  }

  static let manifest = Array(
    "file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n".utf8)
  static let parts = [
    "appendonlydir/a.1.base.aof": log, "appendonlydir/a.1.incr.aof": request("DEL", "l"),
  ]

  static func folder(_ manifestName: String = "a.manifest") -> [String: [UInt8]] {
    parts.merging(["appendonlydir/\(manifestName)": manifest]) { $1 }
  }

  static let named = "appendonly yes\nappendfilename a\n"

  static let cases: [Case] = [
    Case(
      testDescription: "a manifest and its files", files: folder(), conf: named, verdict: "good",
      keys: 1),
    Case(
      testDescription: "a manifest of another name", files: folder("b.manifest"), conf: named,
      keys: 0, findings: ["start-manifest-name"]),
    Case(
      testDescription: "no manifest", files: parts, conf: named, keys: 0,
      findings: ["start-no-manifest"]),
    Case(
      testDescription: "no manifest, and a file of before",
      files: parts.merging(["a": log]) { $1 }, conf: named, keys: 2,
      findings: ["start-no-manifest"]),
    Case(
      testDescription: "another folder",
      files: ["other/a.manifest": manifest, "other/a.1.base.aof": log], conf: named, keys: 0,
      findings: ["start-folder-name"]),
    Case(
      testDescription: "no base file",
      files: ["appendonlydir/a.manifest": manifest, "appendonlydir/a.1.incr.aof": log],
      conf: named, starts: false, findings: ["aof-missing-file"]),
    Case(
      testDescription: "a late increment without a base",
      files: [
        "appendonlydir/a.manifest": Array("file a.3.incr.aof seq 3 type i\n".utf8),
        "appendonlydir/a.3.incr.aof": log,
      ], conf: named, keys: 2, findings: ["start-no-base"]),
    Case(
      testDescription: "a folder for a server that knows none", files: folder(), conf: named,
      target: "redis:6.2.16", keys: 0, findings: ["start-unknown-folder"]),
    Case(
      testDescription: "a single file of before", files: ["appendonly.aof": log],
      verdict: "good", keys: 2),
    Case(
      testDescription: "a snapshot without its log", files: ["dump.rdb": smallSnapshot()],
      keys: 0, findings: ["start-hidden-dump"]),
    Case(
      testDescription: "a snapshot", files: ["dump.rdb": smallSnapshot()], conf: "port 6379\n",
      target: "redis:7.2", verdict: "good", keys: 4),
    Case(
      testDescription: "a snapshot of a newer version", files: ["dump.rdb": smallSnapshot()],
      conf: "port 6379\n", target: "redis:2.4", starts: false, findings: ["rdb-target"]),
    Case(
      testDescription: "a snapshot of another name", files: ["backup.rdb": smallSnapshot()],
      conf: "port 6379\n", keys: 0, findings: ["start-dump-name"]),
    Case(
      testDescription: "a log that is switched off", files: ["appendonly.aof": log],
      conf: "appendonly no\n", keys: 0, findings: ["start-hidden-log"]),
    Case(testDescription: "nothing", conf: "port 6379\n", keys: 0, findings: ["start-nothing"]),
    Case(
      testDescription: "a tail that is lost", files: ["appendonly.aof": log + Array("*2\r\n".utf8)],
      keys: 2, findings: ["aof-truncated"]),
    Case(
      testDescription: "a tail that keeps the server from starting",
      files: ["appendonly.aof": log + Array("*2\r\n".utf8)],
      conf: "appendonly yes\naof-load-truncated no\n", starts: false,
      findings: ["aof-truncated"]),
    Case(
      testDescription: "a wrong type", files: ["appendonly.aof": log + request("INCR", "l")],
      keys: 2, findings: ["replay-error"]),
    Case(
      testDescription: "a configuration that is refused", files: ["appendonly.aof": log],
      conf: "appendonly maybe\n", starts: false, findings: ["conf-refused", "start-hidden-log"]),
    Case(
      testDescription: "relative expiries",
      files: ["appendonly.aof": log + request("EXPIRE", "k", "100")], target: "redis:6.2.16",
      verdict: "good", keys: 2, findings: ["start-relative-expiry"]),
    Case(
      testDescription: "a command of another name",
      files: ["appendonly.aof": log + request("GONE", "k")],
      conf: "appendonly yes\nrename-command DEL gone\n", verdict: "unknown", starts: true,
      findings: ["replay-skipped"]),
    Case(
      testDescription: "a database that is not there",
      files: ["appendonly.aof": log + request("SELECT", "3")],
      conf: "appendonly yes\ndatabases 2\n", findings: ["aof-select"]),
    Case(
      testDescription: "bytes of no file", files: ["appendonly.aof": (0...255).map { $0 }],
      starts: false, findings: ["aof-zeros"]),
    Case(
      testDescription: "an empty snapshot file", files: ["dump.rdb": []], conf: "port 6379\n",
      starts: false, findings: ["rdb-truncated"]),
    Case(
      testDescription: "a binary configuration", files: ["dump.rdb": smallSnapshot()],
      conf: "\u{1}\u{2}\u{0}\n", starts: false, findings: ["conf-refused"]),
  ]

  /// Writes files below `folder`.
  static func write(_ files: [String: [UInt8]], to folder: TemporaryFolder) throws -> String {
    let data = folder.file("data")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    for (path, bytes) in files {
      let file = data.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    return data.path
  }

  @Test(arguments: cases)
  func `the verdict names the trap`(_ example: Case) throws {
    try withTemporaryFolder { folder in
      let data = try Self.write(example.files, to: folder)
      let conf = try folder.write(Array(example.conf.utf8), to: "redis.conf").path
      let result = try redisops(
        "verify", data, "--conf", conf, "--target", example.target, "--format", "json")
      let report = try document(result)
      #expect(report["schema"]?.string == "redisops/verify/1")
      #expect(report["verdict"]?.string == example.verdict, "\(result.outputText)")
      let status: [String: Int32] = ["good": 0, "bad": 1, "unknown": 2]
      #expect(result.exitStatus == status[example.verdict])
      #expect(report["starts"]?.bool == example.starts, "\(result.outputText)")
      let ids = Set((report["findings"]?.elements ?? []).compactMap { $0["id"]?.string })
      #expect(ids.isSuperset(of: example.findings), "\(ids)")
      if example.verdict == "good" { #expect(ids == example.findings, "\(ids)") }
      guard let keys = example.keys else { return }
      let counts = (report["databases"]?.elements ?? []).compactMap { $0["keys"]?.int }
      #expect(counts.reduce(0, +) == keys, "\(result.outputText)")
      #expect(report["digest"]?.string?.count == 40)
    }
  }

  @Test func `an older snapshot that hides a newer log is bad, a newer one only odd`() throws {
    for (isNewer, status) in [(true, Int32(1)), (false, 0)] {
      try withTemporaryFolder { folder in
        let data = try Self.write(
          ["appendonly.aof": Self.log, "dump.rdb": smallSnapshot()], to: folder)
        let older = data + (isNewer ? "/dump.rdb" : "/appendonly.aof")
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: -3600)], ofItemAtPath: older)
        let result = try redisops("verify", data, "--target", "redis:7.2")
        #expect(result.exitStatus == status, "\(result.outputText)")
        #expect(result.outputText.contains("[start-hidden-log]"))
        let strict = try redisops("verify", data, "--target", "redis:7.2", "--fail-on", "warning")
        #expect(strict.exitStatus == 1)
      }
    }
  }

  @Test func `the example loads, in text and JSON, to what a server has`() throws {
    let text = try redisops("verify", Self.data, "--conf", Self.conf, "--target", "redis:7.0.15")
    #expect(text.exitStatus == 0, "\(text.outputText)")
    #expect(text.outputText.contains("good"))
    let result = try redisops(
      "verify", Self.data, "--conf", Self.conf, "--target", "redis:7.0.15", "--format", "json")
    let report = try document(result)
    #expect(report["databases"]?.elements.first?["keys"]?.int == 5)
    #expect(report["commands"]?.int == 12)
    #expect(report["recovery"]?["lastWriteMs"]?.int == 1_795_262_520_000)
    #expect(report["recovery"]?["lossSecondsMax"]?.int == 2)
    guard RealServer.isInstalled else { return }
    let server = try RealServer(
      appendOnly: Self.folder.appending(
        path: "data/appendonlydir", directoryHint: .isDirectory))
    #expect(report["digest"]?.string == (try server.command("DEBUG", "DIGEST")))
  }

  @Test func `stop points cut the commands`() throws {
    func keys(_ arguments: String...) throws -> Int? {
      let result = try redisops(
        ["verify", Self.data, "--conf", Self.conf, "--target", "redis:7.0", "--format", "json"]
          + arguments)
      return try document(result)["databases"]?.elements.first?["keys"]?.int
    }
    #expect(try keys("--at", "1795262400") == 5)
    #expect(try keys("--at", "1795262460") == 6)
    #expect(try keys("--until-offset", "0") == 4)
    #expect(try keys("--until-offset", "appendonly.aof.1.base.aof@23") == nil)
    #expect(try redisops("verify", Self.data, "--at", "1", "--until-offset", "1").exitStatus == 64)
    // Without annotations nothing can be said of times.
    try withTemporaryFolder { folder in
      let data = try Self.write(["appendonly.aof": Self.log], to: folder)
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      let result = try redisops("verify", data, "--conf", conf, "--at", "1795262400")
      #expect(result.exitStatus == 2)
      #expect(result.outputText.contains("[start-stop-point]"))
    }
  }

  @Test func `what cannot be read is no verdict`() throws {
    try withTemporaryFolder { folder in
      #expect(try redisops("verify", folder.file("none").path).exitStatus == 2)
      let file = try folder.write(Self.log, to: "file").path
      #expect(try redisops("verify", file).exitStatus == 2)
      let none = folder.file("none.conf").path
      #expect(try redisops("verify", folder.url.path, "--conf", none).exitStatus == 2)
      #expect(try redisops("verify", folder.url.path, "--expect", none).exitStatus == 2)
      #expect(try redisops("verify", folder.url.path, "--target", "redis:1").exitStatus == 64)
    }
    // A pipe in the place of a file is not opened: that could last for ever.
    try withTemporaryFolder { folder in
      let data = try Self.write(
        ["appendonlydir/appendonly.aof.manifest": Array("file a seq 1 type b\n".utf8)], to: folder)
      #expect(mkfifo(data + "/appendonlydir/a", 0o600) == 0)
      #expect(mkfifo(data + "/dump.rdb", 0o600) == 0)
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      for arguments in [["--conf", conf], []] {
        let result = try redisops(["verify", data] + arguments)
        #expect(result.exitStatus == 1)
        #expect(result.outputText.contains("[start-not-a-file]"))
      }
    }
  }

  @Test func `a file that the folder's owner cannot read is a warning, or an error`() throws {
    try withTemporaryFolder { folder in
      let data = try Self.write(["appendonly.aof": Self.log], to: folder)
      let conf = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf").path
      chmod(data + "/appendonly.aof", 0)
      let result = try redisops("verify", data, "--conf", conf)
      #expect(result.exitStatus == 1)
      #expect(result.outputText.contains("[start-permission]"))
    }
  }

  @Test(arguments: ["junit", "prometheus", "sarif", "github", "gitlab", "markdown"])
  func `findings have the formats of other tools`(_ format: String) throws {
    try withTemporaryFolder { folder in
      let data = try Self.write(["appendonly.aof": Self.log], to: folder)
      let result = try redisops("verify", data, "--format", format)
      #expect(result.exitStatus == 1)
      let sign = format == "prometheus" ? "redisops_verify_verdict{folder=" : "start-hidden-log"
      #expect(result.outputText.contains(sign))
    }
  }
}
