import TestSupport
import Testing

/// The house style that no formatter checks.
struct TidyTests {
  static let lineLengthMax = 100
  static let lineCountMax = 400

  @Test func `no line is longer than 100 columns`() throws {
    let long = try SourceFile.all().filter { !$0.saysGeneratedOrTable }.flatMap { file in
      // A regex literal has no place where it could be broken.
      file.places { $0.count > Self.lineLengthMax && !$0.contains(/^\s*\/[^\/].*\/$/) }
    }
    #expect(long == [])
  }

  @Test func `no file is longer than 400 lines unless it is generated or a table`() throws {
    // The text after the last newline counts as a line of its own.
    let long = try SourceFile.all().filter {
      !$0.saysGeneratedOrTable && $0.lines.count > Self.lineCountMax + 1
    }
    #expect(long.map(\.path) == [])
  }

  @Test func `no work is left for later in a comment`() throws {
    // Spelled so that this file does not hold the words itself.
    let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
    let debts = try SourceFile.all().flatMap { file in
      file.places { line in words.contains { line.contains($0) } }
    }
    #expect(debts == [])
  }

  @Test func `each file with tests expects something`() throws {
    let idle = try SourceFile.all(below: "Tests").filter {
      $0.contains(/^\s*@Test/) && !$0.contains(/#expect|#require|Issue\.record/)
    }
    #expect(idle.map(\.path) == [])
  }

  @Test func `the files of the project are found`() throws {
    let files = try SourceFile.all()
    #expect(files.contains { $0.path == "Tests/ProjectTests/TidyTests.swift" })
    #expect(files.contains { $0.path.hasPrefix("Sources/ByteKit/") })
  }
}
