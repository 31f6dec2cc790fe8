import Foundation
import TestSupport
import Testing

@Suite struct AOFVerifyTests {
  static let sound = Array("*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*2\r\n$3\r\nDEL\r\n$1\r\nk\r\n".utf8)

  /// The `servers` entries of a document, as target and settings.
  static func servers(_ report: JSONValue) -> [String] {
    (report["servers"]?.elements ?? []).map { entry in
      let size = entry["aofLoadCorruptTailMaxSize"]?.int.map { " \($0)" } ?? ""
      let starts = entry["starts"]?.bool.map { $0 ? "starts" : "refuses" } ?? "unknown"
      return "\(entry["target"]?.string ?? "") \(entry["aofLoadTruncated"]?.bool == true)\(size): "
        + starts
    }
  }

  /// Errors that servers had as well when they wrote these, and have again when they load them.
  static func explained(_ example: AOFCorpusCase) -> [String] {
    // Scripts fail behind their first write. Servers from 7.0 on write what scripts did.
    if example.name == "aof-scripts", !example.server.hasPrefix("valkey"),
      !["redis-7", "redis-8"].contains(where: { example.server.hasPrefix($0) })
    {
      let isFirst = example.server.hasPrefix("redis-2.6")
      return Array(repeating: "replay-script-stopped", count: isFirst ? 2 : 1)
    }
    // Two streams without entries.
    if "\(example.server)/\(example.name)" == "redis-5.0.14/aof-rewritten" {
      return ["replay-empty-stream", "replay-empty-stream"]
    }
    return []
  }

  @Test(arguments: AOFCorpusCase.all)
  func `what a server wrote is good`(_ example: AOFCorpusCase) throws {
    let target = example.server.replacing("-", with: ":", maxReplacements: 1)
    let digest = try JSONValue(
      parsing: readBytes(example.folder.appending(path: "expected.json")))["digest"]?.string
    for arguments in [["--target", target], []] {
      let result = try redisops(
        ["aof", "verify", "--format", "json"] + arguments + [example.path.path])
      let report = try document(result)
      #expect(result.exitStatus == 0, "\(result.outputText)")
      #expect(report["schema"]?.string == "redisops/verify/1")
      #expect(report["verdict"]?.string == "good")
      let findings = report["findings"]?.elements ?? []
      #expect(findings.allSatisfy { $0["severity"]?.string == "warning" })
      #expect(findings.map { $0["id"]?.string } == Self.explained(example))
      #expect(report["lost"]?["bytes"]?.int == 0)
      let servers = report["servers"]?.elements ?? []
      #expect(servers.allSatisfy { $0["starts"]?.bool == true })
      if !arguments.isEmpty { #expect(servers.allSatisfy { $0["digest"]?.string == digest }) }
    }
  }

  @Test func `damage is a finding with its place, and each server has its say`() throws {
    let cut = Self.sound + Array("*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1".utf8)
    let result = try redisops(
      "aof", "verify", "--format", "json", "--target", "redis:7.0,valkey:9.1.2", "--target",
      "redis:8.6.3", "--corrupt-tail-max-size", "1kb", "-", input: cut)
    #expect(result.exitStatus == 1)
    let report = try document(result)
    #expect(report["verdict"]?.string == "bad")
    let findings = report["findings"]?.elements ?? []
    #expect(findings.map { $0["id"]?.string } == ["aof-open-multi", "aof-truncated"])
    #expect(findings.map { $0["offset"]?.int } == [43, 72])
    #expect(findings.allSatisfy { $0["file"]?.string == "<stdin>" })
    #expect(
      Self.servers(report) == [
        "redis:7.0 true: starts", "redis:7.0 false: refuses",
        "valkey:9.1.2 true: starts", "valkey:9.1.2 false: refuses",
        "redis:8.6.3 true: starts", "redis:8.6.3 false: refuses", "redis:8.6.3 true 1024: starts",
      ])
    let cuts = report["servers"]?.elements.map { $0["cut"]?["size"]?.int }
    #expect(cuts == [58, nil, 43, nil, 58, nil, 58])
    let later = report["servers"]?.elements.map { $0["losesLaterWrites"]?.bool }
    #expect(later == [true, false, false, false, true, false, true])
    #expect(report["lost"]?["bytes"]?.int == 31)
    #expect(report["lost"]?["transactions"]?.int == 1)
  }

  @Test func `text has findings, verdict and servers, and says what was not looked for`() throws {
    let result = try redisops(
      "aof", "verify", "--no-replay", "-", input: Self.sound + Array("*3\r\n$3".utf8))
    #expect(result.exitStatus == 1)
    let lines = result.outputText.split(separator: "\n").map(String.init)
    #expect(lines.count == 7)
    #expect(lines.first?.hasPrefix("<stdin>@0x2f: error: the file ends within the length") == true)
    #expect(lines.first?.hasSuffix("[aof-truncated]") == true)
    #expect(lines.dropFirst().first?.hasPrefix("<stdin>: bad: 2 commands; ") == true)
    #expect(lines.contains { $0.contains("assumed: nothing names a server") })
    #expect(
      lines.contains(
        "    aof-load-truncated yes: starts; cuts <stdin> to 43 bytes, "
          + "which drops 6"))
    #expect(lines.last?.contains("of form") == true)
  }

  /// Good without execution, and bad with it: a list is no string.
  static let wrongType =
    sound + Array("*3\r\n$5\r\nRPUSH\r\n$1\r\nl\r\n$1\r\nx\r\n".utf8)
    + Array("*2\r\n$4\r\nINCR\r\n$1\r\nl\r\n".utf8)

  @Test func `a command that is answered by an error is bad, and only execution shows it`() throws {
    let form = try redisops("aof", "verify", "--no-replay", "-", input: Self.wrongType)
    #expect(form.exitStatus == 0)
    let result = try redisops(
      "aof", "verify", "--format", "json", "--target", "redis:7.0", "-", input: Self.wrongType)
    #expect(result.exitStatus == 1)
    let report = try document(result)
    #expect(report["scope"]?.string == "replay")
    let finding = report["findings"]?.elements.first
    #expect(finding?["id"]?.string == "replay-error")
    #expect(finding?["offset"]?.int == 72)
    #expect(finding?["message"]?.string?.contains("WRONGTYPE") == true)
    let server = report["servers"]?.elements.first
    #expect(server?["errorReplies"]?.int == 1)
    #expect(server?["keys"]?["0"]?.int == 1)
    #expect(server?["digest"]?.string?.count == 40)
    let text = try redisops("aof", "verify", "--target", "redis:7.0", "-", input: Self.wrongType)
    #expect(text.outputText.contains("starts; 1 command is answered by an error; holds 1 key"))
  }

  @Test func `options say which databases and commands there are`() throws {
    let select = Array("*2\r\n$6\r\nSELECT\r\n$2\r\n20\r\n".utf8)
    #expect(try redisops("aof", "verify", "-", input: select).exitStatus == 1)
    #expect(try redisops("aof", "verify", "--databases", "21", "-", input: select).exitStatus == 0)
    let module = Array("*2\r\n$8\r\nJSON.SET\r\n$1\r\nk\r\n".utf8)
    let refused = try redisops("aof", "verify", "-", input: module)
    #expect(refused.exitStatus == 1)
    #expect(refused.outputText.contains("unknown command JSON.SET"))
    #expect(
      try redisops("aof", "verify", "--allow-command", "json.set", "-", input: module).exitStatus
        == 2)
    #expect(
      try redisops(
        "aof", "verify", "--no-replay", "--allow-command", "json.set", "-", input: module
      ).exitStatus == 0)
    for arguments in [
      ["--target", "redis:1"], ["--databases", "0"], ["--corrupt-tail-max-size", "0"],
      ["--memory", "1kb"], ["--target", ""],
    ] {
      #expect(try redisops(["aof", "verify"] + arguments + ["-"]).exitStatus == 64)
    }
  }

  @Test func `a command that a newer server may know is not judged`() throws {
    let unknown = Array("*2\r\n$7\r\nNEWNAME\r\n$1\r\nk\r\n".utf8)
    let result = try redisops(
      "aof", "verify", "--format", "json", "--target", "redis:8.10", "-", input: unknown)
    #expect(result.exitStatus == 2)
    #expect(try document(result)["verdict"]?.string == "unknown")
  }

  @Test func `what cannot be read is no verdict, and what is no such file is bad`() throws {
    try withTemporaryFolder { folder in
      #expect(try redisops("aof", "verify", folder.file("none").path).exitStatus == 2)
      #expect(try redisops("aof", "verify", folder.url.path).exitStatus == 2)
      let locked = try folder.write(Self.sound, to: "locked").path
      chmod(locked, 0)
      let isLocked = access(locked, R_OK) != 0
      #expect(try redisops("aof", "verify", locked).exitStatus == (isLocked ? 2 : 0))
      let empty = try folder.write([], to: "empty").path
      #expect(try redisops("aof", "verify", empty).exitStatus == 0)
      let binary = try folder.write((0...255).map { $0 }, to: "binary").path
      #expect(try redisops("aof", "verify", binary).exitStatus == 1)
      let packed = try folder.write(gzipMember(Self.sound), to: "packed").path
      #expect(try redisops("aof", "verify", packed).exitStatus == 0)
      let torn = try folder.write(gzipMember(Self.sound).dropLast(9), to: "torn").path
      #expect(try redisops("aof", "verify", torn).exitStatus == 1)
      let pipe = folder.file("pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      let writer = try runProcess(
        "sh",
        [
          "-c", "cat \"$1\" > \"$2\" & \"$3\" aof verify \"$2\"", "sh", empty, pipe,
          try builtProduct(),
        ])
      #expect(writer.exitStatus == 0)
    }
  }

  @Test func `several paths have one verdict`() throws {
    try withTemporaryFolder { folder in
      let good = try folder.write(Self.sound, to: "good").path
      let bad = try folder.write(Self.sound + [0, 0], to: "bad").path
      let result = try redisops("aof", "verify", "--format", "json", good, bad)
      #expect(result.exitStatus == 1)
      let report = try document(result)
      #expect(report["inputs"]?.elements.map { $0["verdict"]?.string } == ["good", "bad"])
      #expect(report["inputs"]?.elements.map { $0["input"]?.string } == [good, bad])
      #expect(report["lost"]?["bytes"]?.int == 2)
    }
  }

  @Test func `warnings fail where that is asked for`() throws {
    let odd = Self.sound + Array("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n".utf8)
    for (flags, status) in [
      ([], 0), (["--fail-on", "error"], 0), (["--fail-on", "never"], 0), (["--strict"], 1),
      (["--fail-on", "warning"], 1), (["--fail-on", "info"], 1),
    ] as [([String], Int32)] {
      let arguments = ["aof", "verify", "--no-replay", "--format", "json"] + flags + ["-"]
      let result = try redisops(arguments, input: odd)
      #expect(result.exitStatus == status, "\(flags)")
      #expect(try document(result)["verdict"]?.string == "good")
    }
    // What is bad is bad.
    let bad = try redisops("aof", "verify", "--fail-on", "never", "-", input: Self.sound + [0])
    #expect(bad.exitStatus == 1)
  }

  @Test func `an old file beside the folder is named, or taken over as servers do`() throws {
    try withTemporaryFolder { folder in
      let old = try folder.write(Self.sound, to: "appendonly.aof").path
      let path = folder.file("appendonlydir").path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
      func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
      }
      try write("appendonly.aof.1.incr.aof", Self.sound)
      // Without a manifest the server reads the old file, whichever way it is named.
      for input in [path, folder.url.path] {
        let taken = try redisops("aof", "verify", "--format", "json", input)
        #expect(try document(taken)["inputs"]?.elements.first?["layout"]?.string == "single")
        let findings = try document(taken)["findings"]?.elements ?? []
        #expect(findings.map { $0["id"]?.string } == ["aof-no-manifest"])
      }
      // A server was stopped before it had moved the file.

      try FileManager.default.removeItem(atPath: path + "/appendonly.aof.1.incr.aof")
      try write("appendonly.aof.manifest", Array("file appendonly.aof seq 1 type b\n".utf8))
      let moved = try redisops("aof", "verify", "--format", "json", path)
      #expect(moved.exitStatus == 0)
      #expect(try document(moved)["inputs"]?.elements.first?["layout"]?.string == "multipart")
      try write("appendonly.aof.1.incr.aof", Self.sound)
      let entries = "file appendonly.aof.1.incr.aof seq 1 type i\n"
      try write("appendonly.aof.manifest", Array(entries.utf8))
      let result = try redisops("aof", "verify", "--format", "json", path)
      #expect(result.exitStatus == 0)
      let finding = try #require(try document(result)["findings"]?.elements.first)
      #expect(finding["id"]?.string == "aof-old-file")
      #expect(finding["severity"]?.string == "warning")
      #expect(finding["file"]?.string == old)
    }
  }

  @Test func `a snapshot on standard input is checked for all targets`() throws {
    var builder = SnapshotBuilder()
    builder.aux("redis-ver", "7.2.4")
    builder.select(0)
    builder.key("a", "1st")
    let result = try redisops(
      "aof", "verify", "--no-replay", "--format", "json", "--target", "redis:7.2,redis:6.2", "-",
      input: builder.finished + Self.sound)
    let report = try document(result)
    #expect(
      Self.servers(report) == [
        "redis:7.2 true: starts", "redis:7.2 false: starts", "redis:6.2 true: refuses",
        "redis:6.2 false: refuses",
      ])
  }

  @Test(arguments: ["sarif", "junit", "github", "gitlab", "markdown"])
  func `findings have the formats of other tools`(_ format: String) throws {
    let result = try redisops("aof", "verify", "--format", format, "-", input: [1, 2, 3])
    #expect(result.exitStatus == 1)
    #expect(result.outputText.contains("aof-garbage"))
  }
}
