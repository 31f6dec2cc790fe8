import Foundation
import TestSupport
import Testing

/// Options that stand in a `redisops.yaml`.
@Suite struct OptionsFileTests {
  /// A folder with a snapshot, a configuration, and options.
  private static func inFolder(
    options: String, _ body: (TemporaryFolder) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      _ = try folder.write(smallSnapshot(), to: "dump.rdb")
      _ = try folder.write(Array("appendonly yes\n".utf8), to: "redis.conf")
      _ = try folder.write(Array(options.utf8), to: "redisops.yaml")
      try FileManager.default.createDirectory(
        at: folder.file("below"), withIntermediateDirectories: true)
      try body(folder)
    }
  }

  private static func run(_ arguments: String..., in folder: URL) throws -> ProcessResult {
    var settings = ProcessSettings()
    settings.workingDirectory = folder
    return try runProcess(try builtProduct(), arguments, settings: settings)
  }

  private static func isJSON(_ result: ProcessResult) -> Bool { result.outputText.hasPrefix("{") }

  @Test func `a file in the working directory or a parent is read, and the command line wins`()
    throws
  {
    let options = try Data(
      contentsOf: ProjectFolders.fixtures.appending(path: "configuration/redisops.yaml"))
    try Self.inFolder(options: String(decoding: options, as: UTF8.self)) { folder in
      let here = try Self.run("rdb", "stats", "dump.rdb", in: folder.url)
      #expect(here.exitStatus == 0 && Self.isJSON(here))
      let below = try Self.run("rdb", "stats", "../dump.rdb", in: folder.file("below"))
      #expect(below.exitStatus == 0 && Self.isJSON(below))
      let named = try Self.run(
        "rdb", "stats", "dump.rdb", "--format", "text", in: folder.url)
      #expect(named.exitStatus == 0 && !Self.isJSON(named))
      let without = try Self.run("rdb", "--no-config", "stats", "dump.rdb", in: folder.url)
      #expect(without.exitStatus == 0 && !Self.isJSON(without))
      // Other commands of the area are not meant.
      let other = try Self.run("rdb", "info", "dump.rdb", in: folder.url)
      #expect(other.exitStatus == 0 && !Self.isJSON(other))
    }
  }

  @Test func `a command that is understood takes its options too, and lists are repeated`() throws {
    let options = "lint:\n  target: [redis:7.2, valkey:8.1]\n  format: json\n"
    try Self.inFolder(options: options) { folder in
      let result = try Self.run("lint", "redis.conf", in: folder.url)
      let targets = try document(result)["targets"]?.elements.map { $0["target"]?.string }
      #expect(targets == ["redis:7.2", "valkey:8.1"])
      let one = try Self.run("lint", "--target", "redis:7.0", "redis.conf", in: folder.url)
      let only = try document(one)["targets"]?.elements.map { $0["target"]?.string }
      #expect(only == ["redis:7.0"])
    }
  }

  @Test func `paths are taken from where the file is`() throws {
    let options = "lint: {policy: team.yaml, target: redis:7.2, fail-on: never}\n"
    try Self.inFolder(options: options) { folder in
      let missing = try Self.run("lint", "../redis.conf", in: folder.file("below"))
      #expect(missing.exitStatus == 2)
      #expect(missing.errorText.contains("\(folder.url.lastPathComponent)/team.yaml"))
      let policy = "redisops-policy: 1\nname: team\nextends: [builtin:recommended]\n"
      _ = try folder.write(Array(policy.utf8), to: "team.yaml")
      let result = try Self.run("lint", "../redis.conf", in: folder.file("below"))
      #expect(result.exitStatus == 0, "\(result.errorText)")
    }
  }

  @Test func `another file can be named, and a missing one is no verdict`() throws {
    try Self.inFolder(options: "rdb: {format: csv}\n") { folder in
      _ = try folder.write(Array("rdb: {stats: {format: json}}\n".utf8), to: "other.yaml")
      for form in [["--config", "other.yaml"], ["--config=other.yaml"]] {
        let result = try runProcess(
          try builtProduct(), form + ["rdb", "stats", "dump.rdb"],
          settings: Self.settings(folder.url))
        #expect(result.exitStatus == 0 && Self.isJSON(result))
      }
      let missing = try Self.run(
        "--config", "absent.yaml", "rdb", "stats", "dump.rdb", in: folder.url)
      #expect(missing.exitStatus == 2)
      #expect(missing.errorText.contains("absent.yaml: error: cannot open"))
      let help = try Self.run("rdb", "stats", "--help", "--config", "absent.yaml", in: folder.url)
      #expect(help.exitStatus == 0)
    }
  }

  private static func settings(_ folder: URL) -> ProcessSettings {
    var settings = ProcessSettings()
    settings.workingDirectory = folder
    return settings
  }

  /// A file that is wrong, and what is said of it.
  struct Wrong: Sendable {
    let options: String
    let says: String
  }

  @Test(arguments: [
    Wrong(options: "quit: true", says: ":1:1: error: unknown option 'quit'"),
    Wrong(options: "quit: true", says: "did you mean 'quiet'?"),
    Wrong(
      options: "lint: {polcy: x}", says: ":1:8: error: unknown option 'polcy' of 'redisops lint'"),
    Wrong(options: "rdb:\n  output: x", says: ":2:3: error: 'output' has its place on the command"),
    Wrong(
      options: "rdb: 5", says: ":1:6: error: a value, where a map with options of 'redisops rdb'"),
    Wrong(options: "- quiet", says: ":1:1: error: a list, where a map"),
    Wrong(options: "quiet: yes", says: ":1:8: error: 'quiet' is a flag: true or false"),
    Wrong(options: "rdb: {stats: {top: [1, {a: b}]}}", says: ":1:24: error: a map, where a value"),
    Wrong(options: "rdb: {stats: {format: xml}}", says: "redisops.yaml: note: adds --format=xml"),
    Wrong(options: "rdb: {", says: "redisops.yaml:"),
  ])
  func `what is wrong in the file is wrong usage, with its place`(_ wrong: Wrong) throws {
    try Self.inFolder(options: wrong.options) { folder in
      let result = try Self.run("rdb", "stats", "dump.rdb", in: folder.url)
      #expect(result.exitStatus == 64)
      #expect(result.errorText.contains(wrong.says), "\(result.errorText)")
      #expect(result.output.isEmpty)
    }
  }

  @Test func `a file of comments says nothing`() throws {
    try Self.inFolder(options: "# nothing yet\n") { folder in
      let result = try Self.run("rdb", "stats", "dump.rdb", in: folder.url)
      #expect(result.exitStatus == 0)
    }
  }
}
