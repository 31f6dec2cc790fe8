import AOF
import Foundation
import TestSupport
import Testing

/// Points are found, and tear nothing.
@Suite struct RewindTests {
  @Test func `at no offset is a record or a transaction torn`() throws {
    var random = RepeatableRandom(seed: 42)
    for _ in 0..<6 {
      let commands = RandomCommands(&random, units: 12)
      try withTemporaryFolder { folder in
        let path = try folder.write(commands.bytes, to: "a.aof").path
        let planner = AOFRewindPlanner(try AOFSet(opening: path), scanPart)
        for offset in 0...commands.bytes.count {
          let plan = try planner.plan(.offset(offset, file: nil))
          let expected = commands.places.last { $0 <= offset }
          #expect(plan.offset == expected, "seed \(random.seed)")
          #expect(plan.assembly.byteCount == expected)
          #expect((plan.extent == .whole) == (expected == commands.bytes.count))
        }
      }
    }
  }

  @Test func `a torn file is cut where nothing is torn`() throws {
    var random = RepeatableRandom(seed: 43)
    let commands = RandomCommands(&random, units: 20)
    for size in 0..<commands.bytes.count {
      try withTemporaryFolder { folder in
        let path = try folder.write(Array(commands.bytes[..<size]), to: "a.aof").path
        let planner = AOFRewindPlanner(try AOFSet(opening: path), scanPart)
        let plan = try planner.plan(.offset(size, file: nil))
        #expect(plan.offset == commands.places.last { $0 <= size })
      }
    }
  }

  @Test func `a block that a header announces is not split`() throws {
    let block = request("SET", "a", "1") + request("DEL", "b")
    let header = Array("#HDR:v1;len:\(block.count);checksum:0;\r\n".utf8)
    let bytes = request("PING") + header + block + request("DEL", "c")
    try withTemporaryFolder { folder in
      let path = try folder.write(bytes, to: "a.aof").path
      let planner = AOFRewindPlanner(try AOFSet(opening: path), scanPart)
      var match = AOFCommandMatch()
      match.key = Array("b".utf8)
      #expect(try planner.plan(.command(match, .last)).offset == 14)
      match.key = Array("c".utf8)
      #expect(try planner.plan(.command(match, .last)).offset == 14 + header.count + block.count)
    }
  }

  // MARK: sets

  /// Files, a moment, and the files and sizes that are kept.
  struct Moment: Sendable {
    let name: String
    let manifest: String
    let files: [String: String]
    let time: Int64
    /// Names and sizes; `nil` where there is no plan.
    let kept: [String]?
  }

  static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  static let set = text(request("SET", "a", "1"))
  static let base = "#TS:100\r\n" + set
  static let history =
    [
      "file n.2.base.aof seq 2 type b", "file n.3.incr.aof seq 3 type h",
      "file n.2.incr.aof seq 2 type h", "file n.1.base.aof seq 1 type h",
      "file n.4.incr.aof seq 4 type i",
    ].joined(separator: "\n") + "\n"
  static let all = [
    "n.1.base.aof": "#TS:10\r\n" + set, "n.2.incr.aof": "#TS:20\r\n" + set,
    "n.3.incr.aof": "#TS:30\r\n" + set + "#TS:40\r\n" + set, "n.2.base.aof": base,
    "n.4.incr.aof": "#TS:110\r\n" + set + "#TS:120\r\n" + set,
  ]

  static let moments = [
    Moment(
      name: "later than all", manifest: history, files: all, time: 130,
      kept: ["b n.2.base.aof 36", "i n.4.incr.aof 72"]),
    Moment(
      name: "within the last file", manifest: history, files: all, time: 119,
      kept: ["b n.2.base.aof 36", "i n.4.incr.aof 36"]),
    Moment(
      name: "behind the rewrite", manifest: history, files: all, time: 105,
      kept: ["b n.2.base.aof 36"]),
    Moment(
      name: "at the end of the history", manifest: history, files: all, time: 50,
      kept: ["b n.2.base.aof 36"]),
    Moment(
      name: "within the history", manifest: history, files: all, time: 39,
      kept: ["b n.1.base.aof 35", "i n.2.incr.aof 35", "i n.3.incr.aof 35"]),
    Moment(
      name: "in an earlier file of the history", manifest: history, files: all, time: 29,
      kept: ["b n.1.base.aof 35", "i n.2.incr.aof 35"]),
    Moment(
      name: "at the history's base", manifest: history, files: all, time: 15,
      kept: ["b n.1.base.aof 35"]),
    Moment(
      name: "older than all", manifest: history, files: all, time: 5,
      kept: ["b n.1.base.aof 35"]),
    Moment(
      name: "the history has lost a file", manifest: history,
      files: all.filter { $0.key != "n.3.incr.aof" }, time: 29,
      kept: ["b n.2.base.aof 36"]),
    Moment(
      name: "the history has lost its base", manifest: history,
      files: all.filter { $0.key != "n.1.base.aof" }, time: 29,
      kept: ["b n.2.base.aof 36"]),
    Moment(
      name: "the base is gone, the history leads on", manifest: history,
      files: all.filter { $0.key != "n.2.base.aof" }, time: 119,
      kept: [
        "b n.1.base.aof 35", "i n.2.incr.aof 35", "i n.3.incr.aof 70", "i n.4.incr.aof 36",
      ]),
    Moment(
      name: "no base at all", manifest: "file n.4.incr.aof seq 4 type i\n", files: all, time: 1,
      kept: ["i n.4.incr.aof 0"]),
    Moment(
      name: "a base that is missing",
      manifest: "file gone.base.aof seq 1 type b\nfile n.4.incr.aof seq 4 type i\n", files: all,
      time: 119, kept: nil),
    Moment(
      name: "an old file that was taken over",
      manifest: "file n.aof seq 1 type b\nfile n.4.incr.aof seq 4 type i endoffset 5\n",
      files: all.merging(["n.aof": set + "#TS:90\r\n" + set]) { $1 }, time: 80,
      kept: ["b n.aof 27"]),
    Moment(
      name: "no times", manifest: "file n.1.incr.aof seq 1 type i\n",
      files: ["n.1.incr.aof": set], time: 80, kept: nil),
    Moment(
      name: "offsets of closed files stay",
      manifest:
        "file n.2.incr.aof seq 2 type i startoffset 5 endoffset 9\n"
        + "file n.4.incr.aof seq 4 type i startoffset 9 endoffset 12\n",
      files: all, time: 119,
      kept: ["i n.2.incr.aof 35 start 5 end 9", "i n.4.incr.aof 36 start 9"]),
  ]

  @Test(arguments: moments)
  func `a moment selects files`(_ moment: Moment) throws {
    try withTemporaryFolder { folder in
      for (name, text) in moment.files { _ = try folder.write(Array(text.utf8), to: name) }
      let path = try folder.write(Array(moment.manifest.utf8), to: "n.manifest").path
      let planner = AOFRewindPlanner(try AOFSet(opening: path), scanPart)
      guard let kept = moment.kept else {
        #expect(throws: AOFPlanError.self) { try planner.plan(.time(moment.time * 1000)) }
        return
      }
      let plan = try planner.plan(.time(moment.time * 1000))
      let files = plan.assembly.files.map { file in
        "\(file.entry?.role.letter ?? "-") \(file.name) \(file.byteCount)"
          + (file.entry?.startOffset.map { " start \($0)" } ?? "")
          + (file.entry?.endOffset.map { " end \($0)" } ?? "")
      }
      #expect(files == kept, "\(moment.name)")
      let manifest = AOFManifest(parsing: try #require(plan.assembly.manifest).bytes)
      #expect(manifest.problems.isEmpty)
      #expect(manifest.entries.map(\.name) == plan.assembly.files.map(\.name))
    }
  }
}
