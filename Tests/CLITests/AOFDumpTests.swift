import TestSupport
import Testing

@Suite struct AOFDumpTests {
  @Test(arguments: AOFCorpusCase.all)
  func `the commands of a real server come out as they went in`(_ example: AOFCorpusCase) throws {
    let info = try document(redisops("aof", "info", "--format", "json", example.path.path))
    var commands: [ArraySlice<UInt8>] = []
    for file in try example.loadedFiles() {
      let facts = info["files"]?.elements.first { $0["name"]?.string == file.lastPathComponent }
      let bytes = try readBytes(file)
      commands += try #require(splitCommands(bytes[(facts?["snapshot"]?["size"]?.int ?? 0)...]))
    }
    let dump = try redisops("aof", "dump", "--format", "resp", example.path.path)
    #expect(dump.exitStatus == 0)
    #expect(dump.output == commands.flatMap { $0 })
    let lines = try documents(redisops("aof", "dump", example.path.path))
    #expect(lines.count == commands.count)
    let text = try redisops("aof", "dump", "--format", "commands", example.path.path)
    #expect(text.output.count { $0 == 0x0A } == commands.count)
    guard example.manifestFolder == nil else { return }
    let bytes = try readBytes(example.path)
    for input in [bytes, gzipMember(bytes)] {
      let piped = try redisops("aof", "dump", "--format", "resp", "-", input: input)
      #expect(piped.exitStatus == 0)
      #expect(piped.output == dump.output)
    }
  }

  /// Flags and the numbers of the commands that they select.
  struct Selection: Sendable {
    let arguments: [String]
    let commands: [Int]
  }

  static let words: [String] = [
    "SELECT 0", "SET a 1", "#TS:1700000000", "MULTI", "INCR n", "EXEC", "SELECT 3", "SET b 2",
    "#TS:1700000060", "rename a c", "DEL b",
  ]

  /// The commands; number 1 stands at 0, number 2 at 23.
  static let bytes: [UInt8] = words.flatMap { words -> [UInt8] in
    if words.hasPrefix("#") { return Array("\(words)\r\n".utf8) }
    let words = words.split(separator: " ")
    let bulks = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    return Array("*\(words.count)\r\n\(bulks)".utf8)
  }

  static let selections: [Selection] = [
    Selection(arguments: [], commands: Array(1...9)),
    Selection(arguments: ["--from", "#3", "--to", "#5"], commands: [3, 4, 5]),
    Selection(arguments: ["--from", "23", "--to", "0x42"], commands: [2]),
    Selection(arguments: ["--to", "<stdin>@23"], commands: [1]),
    Selection(arguments: ["--from", "@1700000060"], commands: [8, 9]),
    Selection(arguments: ["--to", "2023-11-14T22:13:59Z"], commands: Array(1...7)),
    Selection(arguments: ["--key", "[ac]"], commands: [2, 8]),
    Selection(arguments: ["--key", "b", "--key", "n"], commands: [4, 7, 9]),
    Selection(arguments: ["--command", "RENAME,del"], commands: [8, 9]),
    Selection(arguments: ["--db", "3"], commands: [6, 7, 8, 9]),
    Selection(arguments: ["--limit", "2", "--db", "0"], commands: [1, 2]),
    Selection(arguments: ["--limit", "0"], commands: []),
  ]

  @Test(arguments: selections)
  func `flags select commands`(_ selection: Selection) throws {
    let result = try redisops(["aof", "dump"] + selection.arguments + ["-"], input: Self.bytes)
    #expect(result.exitStatus == 0)
    let all = Self.words.filter { !$0.hasPrefix("#") }
    let found = try documents(result).map { line in
      (line["argv"]?.elements ?? []).compactMap(\.string).joined(separator: " ")
    }
    #expect(found == selection.commands.map { all[$0 - 1] })
  }

  @Test func `a line has file, offset, database, time and transaction`() throws {
    let result = try redisops("aof", "dump", "--from", "#4", "--to", "#4", "-", input: Self.bytes)
    let offset = Self.bytes.count - 1
    #expect(offset > 0)
    #expect(
      result.outputText
        == #"{"file":"<stdin>","offset":81,"db":0,"timestamp":1700000000,"tx":1,"#
        + #""argv":["INCR","n"]}"# + "\n")
  }

  @Test func `commands without their SELECT choose the database anew`() throws {
    let text = try redisops(
      "aof", "dump", "--format", "commands", "--command", "set", "-", input: Self.bytes)
    #expect(
      text.outputText == """
        "SET" "a" "1"
        "SELECT" "3"
        "SET" "b" "2"

        """)
    let resp = try redisops(
      "aof", "dump", "--format", "resp", "--key", "b", "--limit", "1", "-", input: Self.bytes)
    #expect(
      resp.outputText
        == "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$1\r\nb\r\n$1\r\n2\r\n")
  }

  @Test func `a file begins at database 0, whatever the one before has chosen`() throws {
    try withTemporaryFolder { folder in
      let select = "*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n"
      let set = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n"
      _ = try folder.write(Array((select + set).utf8), to: "1")
      _ = try folder.write(Array(set.utf8), to: "2")
      let manifest = "file 1 seq 1 type i\nfile 2 seq 2 type i\n"
      let path = try folder.write(Array(manifest.utf8), to: "m.manifest").path
      let lines = try documents(redisops("aof", "dump", path))
      #expect(lines.map { $0["db"]?.int } == [3, 3, 0])
      #expect(lines.map { $0["file"]?.string } == ["1", "1", "2"])
      let resp = try redisops("aof", "dump", "--format", "resp", path)
      let zero = select.replacing("$1\r\n3", with: "$1\r\n0")
      #expect(resp.outputText == select + set + zero + set)
      let last = try redisops("aof", "dump", "--to", "1@0x17", path)
      #expect(try documents(last).count == 1)
      #expect(try redisops("aof", "dump", "--from", "gone@5", path).exitStatus == 64)
    }
  }

  @Test func `damage is told, and what stands before it is written`() throws {
    let result = try redisops("aof", "dump", "-", input: Self.bytes + Array("*2\r\n$3\r".utf8))
    #expect(result.exitStatus == 1)
    #expect(try documents(result).count == 9)
    #expect(result.errorText.contains("the file ends within the length of an argument"))
    #expect(result.errorText.contains("everything before \(Self.bytes.count) "))
  }

  @Test func `a place that is none is wrong usage`() throws {
    for place in ["#0", "x", "-1", "f@", "0x", "#x"] {
      #expect(try redisops("aof", "dump", "--from=\(place)", "-").exitStatus == 64)
    }
  }

  @Test func `a time that no command has selects nothing, and that is said`() throws {
    let input = Array("*1\r\n$4\r\nPING\r\n".utf8)
    let result = try redisops("aof", "dump", "--from", "@1700000000", "-", input: input)
    #expect(result.exitStatus == 0)
    #expect(result.output.isEmpty)
    #expect(result.errorText.contains("no #TS: annotation"))
  }
}
