import Foundation
import TestSupport
import Testing

@Suite struct AOFDigestTests {
  private static func target(_ server: String) -> String {
    server.replacing("-", with: ":", maxReplacements: 1)
  }

  @Test(arguments: AOFCorpusCase.all)
  func `the digest is that of the server which loaded the file`(_ sample: AOFCorpusCase) throws {
    let expected = try JSONValue(parsing: readBytes(sample.folder.appending(path: "expected.json")))
    let result = try redisops(
      "aof", "digest", "--as", Self.target(sample.server), sample.path.path)
    if result.exitStatus == 2 {
      // What is not executed here is named, and nothing is printed that may be wrong.
      #expect(result.output.isEmpty)
      #expect(result.errorText.contains("was not executed"), "\(result.errorText)")
    } else {
      #expect(result.exitStatus == 0, "\(result.errorText)")
      #expect(result.outputText == "\(expected["digest"]?.string ?? "")\n")
    }
  }

  /// A file of a few commands.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let commands: [[String]]
    var cut = 0
    var flags: [String] = []
    let status: Int32
    /// What the message says.
    var says = ""
  }

  @Test(arguments: [
    Case(
      testDescription: "a command of a module leaves no digest",
      commands: [["SET", "a", "1"], ["BF.ADD", "b", "x"]], status: 2,
      says: "BF.ADD was not executed, 1 time"),
    Case(
      testDescription: "a command that no server knows is damage",
      commands: [["SET", "a", "1"], ["FROBNICATE", "b"]], status: 1,
      says: "appendonly.aof@0x1b: error: the server does not know this command"),
    Case(
      testDescription: "a command that is allowed leaves no digest",
      commands: [["FROBNICATE", "b"]], flags: ["--allow-command", "frobnicate"], status: 2,
      says: "FROBNICATE was not executed"),
    Case(
      testDescription: "a torn file has no digest",
      commands: [["SET", "a", "1"], ["SET", "b", "2"]], cut: 3, status: 1,
      says: "appendonly.aof@0x"),
    Case(
      testDescription: "an open transaction has no digest",
      commands: [["SET", "a", "1"], ["MULTI"], ["SET", "b", "2"]], status: 1,
      says: "appendonly.aof@0x1b: error: the file ends within the transaction"),
    Case(
      testDescription: "a refused command is a warning",
      commands: [["SET", "a", "1"], ["LPUSH", "a", "x"]], status: 0,
      says: "appendonly.aof@0x1b: warning: LPUSH is answered by an error"),
    Case(
      testDescription: "a database beyond the configured ones is refused",
      commands: [["SELECT", "16"], ["SET", "a", "1"]], status: 0, says: "SELECT is answered by"),
    Case(
      testDescription: "more databases can be configured",
      commands: [["SELECT", "16"], ["SET", "a", "1"]], flags: ["--databases", "17"], status: 0),
  ])
  func `what cannot be told has no digest`(_ test: Case) throws {
    var bytes = test.commands.flatMap(Self.request)
    bytes.removeLast(test.cut)
    try withTemporaryFolder { folder in
      let path = try folder.write(bytes, to: "appendonly.aof").path
      let result = try redisops(["aof", "digest", "--as", "7.2"] + test.flags + [path])
      #expect(result.exitStatus == test.status)
      #expect(
        test.says.isEmpty || result.errorText.contains(test.says), "\(result.errorText)")
      #expect(result.output.count == (test.status == 0 ? 41 : 0))
    }
  }

  /// The digests are those of redis-server 7.0.15.
  @Test func `several files are printed as sha1sum does, and JSON says more`() throws {
    let bytes = [["SET", "k", "v"], ["SELECT", "3"], ["RPUSH", "l", "a", "b"]].flatMap(Self.request)
    let digest = "4bbf8e898917ca53918377cadc0c501c74a8d7b1"
    try withTemporaryFolder { folder in
      let path = try folder.write(bytes, to: "a.aof").path
      let text = try redisops("aof", "digest", "--target", "7.0", path, path)
      #expect(text.outputText == "\(digest)  \(path)\n\(digest)  \(path)\n")
      let piped = try redisops("aof", "digest", "-", input: bytes)
      #expect(piped.outputText == "\(digest)\n")
      #expect(piped.errorText.contains("nothing names the server"))
      let json = try document(
        redisops("aof", "digest", "--format", "json", "--as", "7.0", path, "/nonexistent"))
      let files = try #require(json["files"]?.elements)
      #expect(files[0]["digest"]?.string == digest)
      #expect(files[0]["databases"]?.elements.map { $0["db"]?.int } == [0, 3])
      #expect(files[1]["file"]?.string == "/nonexistent")
      #expect(files[1]["digest"] == nil)
    }
  }

  @Test func `what is due at the moment of loading is not counted`() throws {
    let bytes = [["SET", "k", "v", "PXAT", "4102444800000"]].flatMap(Self.request)
    let late = try redisops("aof", "digest", "--at", "2100-01-02T00:00:00Z", "-", input: bytes)
    #expect(late.outputText == String(repeating: "0", count: 40) + "\n")
    let now = try redisops("aof", "digest", "-", input: bytes)
    #expect(now.outputText != late.outputText)
  }

  @Test func `a folder without a manifest has no digest`() throws {
    try withTemporaryFolder { folder in
      _ = try folder.write(Self.request(["SET", "k", "v"]), to: "appendonly.aof.1.incr.aof")
      let result = try redisops("aof", "digest", folder.url.path)
      #expect(result.exitStatus == 1)
      #expect(result.errorText.contains("no manifest: servers ignore"))
    }
  }

  private static func request(_ words: [String]) -> [UInt8] {
    Array("*\(words.count)\r\n".utf8)
      + words.flatMap { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
  }
}
