import Foundation
import TestSupport
import Testing

/// SARIF of `redisops lint`, as its standard wants it.
@Suite struct LintSARIFTests {
  /// Every kind of finding: with fixes, notes, suppressions, without a line, of an included file.
  private let text = """
    # redisops:ignore MEM002 -- measured
    maxmemory 1gb
    timeout 10
    timeout 20
    logfile "/tmp/é𝄞" extra
    requirepass "pässword𝄞" # é
    slave-read-only yes
    max-memory 2gb
    save 900 1 300

    """

  private func sarif(_ arguments: [String]) throws -> Data {
    Data(try redisops(["lint", "--format", "sarif"] + arguments).output)
  }

  @Test func `a report holds to the schema`() throws {
    try withTemporaryFolder { folder in
      let file = try folder.write(Array(text.utf8), to: "redis.conf")
      for paths in [[file.path], [ProjectFolders.fixtures.appending(path: "conf").path]] {
        var settings = ProcessSettings()
        settings.input = Array(try sarif(paths))
        let check = """
          import json, sys, jsonschema
          schema = json.load(open(sys.argv[1]))
          errors = list(jsonschema.Draft7Validator(schema).iter_errors(json.load(sys.stdin)))
          print([f"{list(error.path)}: {error.message[:200]}" for error in errors[:5]])
          """
        let schema = ProjectFolders.fixtures.appending(path: "schemas/sarif-2.1.0.json").path
        let result = try runProcess(
          "python3", ["-c", check, schema],
          settings: settings)
        #expect(String(decoding: result.output, as: UTF8.self) == "[]\n")
      }
    }
  }

  @Test func `columns count utf-16 code units`() throws {
    struct Report: Decodable {
      struct Run: Decodable {
        var columnKind: String
        var results: [Result]
      }
      struct Result: Decodable {
        var ruleId: String
        var locations: [Location]
      }
      struct Location: Decodable { var physicalLocation: Physical }
      struct Physical: Decodable { var region: Region? }
      struct Region: Decodable {
        var startLine: Int?
        var startColumn: Int?
        var endColumn: Int?
      }
      var runs: [Run]
    }
    try withTemporaryFolder { folder in
      // An e with an acute is two bytes and one unit, a clef four bytes and two units.
      let file = try folder.write(Array("replicaof é𝄞 port\n".utf8), to: "redis.conf")
      let run = try #require(
        JSONDecoder().decode(
          Report.self, from: sarif(["--target", "redis:7.2", file.path])
        ).runs.first)
      #expect(run.columnKind == "utf16CodeUnits")
      let regions = run.results.compactMap { $0.locations.first?.physicalLocation.region }
      let port = regions.first { $0.startLine == 1 && $0.startColumn == 15 }
      #expect(port?.endColumn == 19, "\(regions)")
    }
  }
}
