import Foundation
import TestSupport
import Testing

@Suite struct AOFInfoTests {
  @Test(arguments: AOFCorpusCase.all)
  func `the files of a real server are told`(_ example: AOFCorpusCase) throws {
    let result = try redisops("aof", "info", "--format", "json", example.path.path)
    #expect(result.exitStatus == 0)
    #expect(result.errorOutput.isEmpty)
    let facts = try document(result)
    let files = facts["files"]?.elements ?? []
    if let lines = try example.manifest() {
      #expect(facts["layout"]?.string == "multipart")
      #expect(files.map { $0["name"]?.string } == lines.map { $0[1] })
      #expect(files.map { $0["type"]?.string } == lines.map { $0[5] })
      #expect(files.map { $0["sequence"]?.int } == lines.map { Int($0[3]) })
      #expect(facts["unnamedFiles"]?.elements.isEmpty == true)
    } else {
      let hasSnapshot = try readBytes(example.path).starts(with: "REDIS".utf8)
      #expect(facts["layout"]?.string == (hasSnapshot ? "preamble" : "single"))
      #expect(files.count == 1)
    }
    #expect(files.allSatisfy { $0["exists"]?.bool == true })
    var commands = 0
    for file in try example.loadedFiles() {
      let bytes = try readBytes(file)
      let facts = try #require(files.first { $0["name"]?.string == file.lastPathComponent })
      #expect(facts["size"]?.int == bytes.count)
      #expect(facts["soundBytes"]?.int == bytes.count)
      let found = try #require(splitCommands(bytes[(facts["snapshot"]?["size"]?.int ?? 0)...]))
      #expect(facts["commands"]?.int == found.count)
      commands += found.count
    }
    #expect(facts["commands"]?.int == commands)
  }

  @Test func `what is missing, unnamed or damaged is told`() throws {
    try withTemporaryFolder { folder in
      let manifest = "file b.aof seq 1 type b\n\nfile i.aof seq 1 type i\nfile h seq 1 type h\n"
      let path = try folder.write(Array(manifest.utf8), to: "a.manifest").path
      _ = try folder.write(Array("*1\r\n$5\r\nMULTI\r\n".utf8), to: "i.aof")
      _ = try folder.write([], to: "stray")
      let result = try redisops("aof", "info", "--format", "json", path)
      #expect(result.exitStatus == 1)
      let facts = try document(result)
      #expect(facts["unnamedFiles"]?.elements.map(\.string) == ["stray"])
      #expect(facts["files"]?.elements.map { $0["exists"]?.bool } == [false, true, false])
      #expect(facts["manifestProblems"]?.elements.first?["line"]?.int == 2)
      #expect(facts["transactions"]?.int == 1)
      #expect(
        facts["files"]?.elements[1]["failure"]?["id"]?.string == "aof-open-multi")
      #expect(result.errorText.contains("a.manifest:2: error: a blank line"))
      #expect(result.errorText.contains("b.aof: error: the file is missing"))
      #expect(result.errorText.contains("i.aof@0x0: error: the file ends within a transaction"))
    }
  }

  @Test func `what cannot be read is no verdict`() throws {
    #expect(try redisops("aof", "info", "/nonexistent").exitStatus == 2)
    try withTemporaryFolder { folder in
      let result = try redisops("aof", "info", folder.url.path)
      #expect(result.exitStatus == 2)
    }
  }

  @Test func `text names each file`() throws {
    let example = try #require(AOFCorpusCase.carried.first { $0.name == "aof-history" })
    let result = try redisops("aof", "info", example.path.path)
    #expect(result.exitStatus == 0)
    #expect(result.outputText.contains("several files and their manifest"))
    #expect(result.outputText.contains("appendonly.aof.2.incr.aof"))
    #expect(result.outputText.contains("not loaded"))
  }
}
