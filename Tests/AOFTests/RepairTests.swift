import AOF
import ByteKit
import Foundation
import TestSupport
import Testing

/// What is repaired can be read, whatever the damage.
@Suite struct RepairTests {
  private func repair(
    _ path: String, skipsDamage: Bool = false
  ) throws(AOFPlanError) -> AOFRepairPlan {
    var options = AOFRepairOptions()
    options.skipsDamage = skipsDamage
    let set: AOFSet
    do throws(InputError) { set = try AOFSet(opening: path) } catch {
      throw AOFPlanError(.unreadable, path, error.message)
    }
    return try AOFRepairPlanner(try set.mendingManifest(), options).plan()
  }

  /// The bytes of a file of the repaired set.
  private func bytes(_ file: AOFAssembly.File) throws -> [UInt8] {
    try file.pieces.flatMap { piece -> [UInt8] in
      switch piece {
      case .bytes(let bytes): bytes
      case .stretch(let part, let range): Array(try readBytes(URL(filePath: part.path))[range])
      }
    }
  }

  @Test func `a file that is cut anywhere keeps its whole transactions`() throws {
    var random = RepeatableRandom(seed: 44)
    let commands = RandomCommands(&random, units: 25, names: ["SET", "rpush"])
    try withTemporaryFolder { folder in
      for size in 0...commands.bytes.count {
        let file = try folder.write(Array(commands.bytes[..<size]), to: "a.aof")
        let plan = try repair(file.path)
        let kept = try bytes(plan.assembly.files[0])
        #expect(kept.count == commands.places.last { $0 <= size }, "seed \(random.seed)")
        #expect(plan.lostByteCount == size - kept.count)
      }
    }
  }

  @Test(arguments: [false, true])
  func `whatever byte is wrong, what is left can be read`(_ skipsDamage: Bool) throws {
    let words = [
      ["SELECT", "0"], ["SET", "a", "1"], ["MULTI"], ["RPUSH", "l", "x", "y"], ["EXEC"],
      ["DEL", "a"], ["MULTI"], ["SET", "b", "2"], ["SELECT", "0"], ["SET", "c", "3"],
    ]
    let whole = words.flatMap { request($0.map { Array($0.utf8) }) } + Array("#TS:17\r\n".utf8)
    try withTemporaryFolder { folder in
      for offset in whole.indices {
        for byte: UInt8 in [0, 0x0A, 0x24, 0x2A, whole[offset] ^ 1, whole[offset] ^ 0x80] {
          var bytes = whole
          bytes[offset] = byte
          let file = try folder.write(bytes, to: "a.aof")
          let plan = try repair(file.path, skipsDamage: skipsDamage)
          let kept = try self.bytes(plan.assembly.files[0])
          let reading = Reading(kept)
          #expect(reading.error == nil, "\(offset) \(byte)")
          #expect(reading.openTransactionOffset == nil, "\(offset) \(byte)")
          #expect(reading.soundOffset == kept.count, "\(offset) \(byte)")
          let wrong = reading.commands.flatMap { $0.oddities.contains(.nestedMulti) ? [1] : [] }
          #expect(wrong.isEmpty)
          for removal in plan.removals {
            var lost = try AOFLostCommands(removal)
            var count = 0
            try lost.read { item in
              switch item {
              case .command(let command): count += command.byteCount
              case .annotation(let line): count += line.byteCount
              case .unreadable(let range, _, _): count += range.count
              }
            }
            #expect(count == removal.range.count, "\(offset) \(byte)")
          }
        }
      }
    }
  }

  @Test func `random damage to a set gives a plan or an error`() throws {
    let names = ["aof-multi-incr", "aof-history", "aof-timestamps", "aof-upgraded"]
    let sets = AOFCorpusCase.carried.filter { names.contains($0.name) }
    var random = RepeatableRandom(seed: 45)
    for round in 0..<60 {
      let example = sets[round % sets.count]
      try withTemporaryFolder { folder in
        let inner = folder.file("set")
        try FileManager.default.copyItem(at: try #require(example.manifestFolder), to: inner)
        for _ in 0...Int.random(in: 0...2, using: &random) {
          try damageAFile(in: inner, &random)
        }
        for skipsDamage in [false, true] {
          guard let plan = try? repair(inner.path, skipsDamage: skipsDamage) else { continue }
          #expect(!plan.assembly.files.isEmpty, "seed \(random.seed) round \(round)")
          for file in plan.assembly.files where file.entry?.role == .incremental {
            let reading = Reading(try bytes(file))
            #expect(reading.error == nil, "seed \(random.seed) round \(round)")
            #expect(reading.openTransactionOffset == nil, "seed \(random.seed) round \(round)")
          }
        }
        guard let set = try? AOFSet(opening: inner.path) else { return }
        let planner = AOFRewindPlanner(set, scanPart)
        var match = AOFCommandMatch()
        match.key = Array("a:1".utf8)
        let targets: [AOFRewindTarget] = [
          .time(1_795_224_083_000), .offset(40, file: nil), .command(match, .last),
          .command(match, .number(1)), .offset(60, file: set.parts.last?.name),
        ]
        for target in targets {
          guard let plan = try? planner.plan(target) else { continue }
          #expect(plan.assembly.files.contains { $0.source?.path == plan.file.path })
        }
      }
    }
  }

  /// Changes, cuts or fills a random file.
  private func damageAFile(in folder: URL, _ random: inout RepeatableRandom) throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let file = folder.appending(path: files[Int.random(in: 0..<files.count, using: &random)])
    var bytes = try readBytes(file)
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: bytes = Array(bytes[..<place])
    case 1: bytes.insert(contentsOf: random.bytes(count: 5), at: place)
    case 2: bytes.replaceSubrange(place..<min(bytes.count, place + 20), with: [])
    default:
      for index in place..<min(bytes.count, place + 9) { bytes[index] = 0 }
    }
    try Data(bytes).write(to: file)
  }

  // MARK: the check's verdict

  /// What no repair makes good without knowing more: `nil` for the check's verdict where nothing is
  /// written.
  static let hopeless: [String: AOFCheck.Verdict?] = [
    "base-cut": nil, "base-bad-checksum": nil, "manifest-missing-base-file": nil,
    "manifest-seq-zero": nil, "manifest-bad-type": nil,
    "manifest-missing-type": nil, "manifest-odd-fields": nil, "manifest-path-in-name": nil,
    "preamble-cut": nil, "preamble-bad-checksum": nil,
    "RDB base cut": nil, "RDB base, bad checksum": nil, "manifest: two bases": nil,
    "manifest: seq 0": nil, "manifest: unknown type": nil, "manifest: odd number of words": nil,
    "manifest: path in name": nil, "manifest: long line": nil,
    // A server with more databases takes it.
    "select-out-of-range": .bad, "SELECT out of range": .bad,
  ]

  private func verdict(of path: URL, _ name: String, target: String) throws {
    var options = AOFRepairOptions()
    options.dropsUnknown = true
    try withTemporaryFolder { folder in
      let output = folder.file("out")
      do throws(AOFPlanError) {
        let set: AOFSet
        do throws(InputError) { set = try AOFSet(opening: path.path) } catch {
          throw AOFPlanError(.unreadable, path.path, error.message)
        }
        let plan = try AOFRepairPlanner(try set.mendingManifest(), options).plan()
        try write(plan.assembly, to: output.path)
      } catch {
        #expect(Self.hopeless[name] == .some(nil), "\(name): \(error.message)")
        return
      }
      let repaired =
        path.hasDirectoryPath ? output : output.appending(path: path.lastPathComponent)
      let check = try CheckTests.check(repaired, [target])
      let expected = Self.hopeless[name].flatMap { $0 } ?? .good
      #expect(check.verdict == expected, "\(name): \(check.problems)")
    }
  }

  private func write(_ assembly: AOFAssembly, to path: String) throws(AOFPlanError) {
    do {
      let folder = try OutputFolder(path: path)
      try assembly.write(into: folder)
      try folder.commit()
    } catch {
      throw AOFPlanError(.unreadable, path, "\(error)")
    }
  }

  @Test(arguments: DamagedAOF.all)
  func `what was damaged is good`(_ example: DamagedAOF) throws {
    // Lines that begin with '#' came with Redis 7.0.
    if example.name == "annotation", !example.path.hasDirectoryPath { return }
    try verdict(of: example.path, example.name, target: example.server)
  }

  @Test(arguments: AOFLoadCase.all)
  func `what was made by hand is good`(_ example: AOFLoadCase) throws {
    try withTemporaryFolder { folder in
      let path = try example.write(to: folder.url)
      try verdict(of: path, example.name, target: "redis-7.0.15")
    }
  }

  // MARK: sets

  /// Files, and what is kept of them.
  struct Case: Sendable {
    let name: String
    let manifest: String?
    let files: [String: [UInt8]]
    /// Names and sizes; `nil` where nothing can be repaired.
    let kept: [String]?
    var usesHistory = false
  }

  static let set = request("SET", "a", "1")
  static let torn = set + Array("*1\r\n".utf8)
  static let snapshot: [UInt8] = {
    var builder = SnapshotBuilder()
    builder.select(0)
    builder.key("k", "v")
    return builder.finished
  }()
  static let lines = "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n"
  static let two = lines + "file a.2.incr.aof seq 2 type i startoffset 3 endoffset 5\n"
  static let history =
    [
      "file a.2.base.rdb seq 2 type b", "file a.1.incr.aof seq 1 type h",
      "file a.1.base.aof seq 1 type h", "file a.2.incr.aof seq 2 type i startoffset 7",
    ].joined(separator: "\n") + "\n"

  static let cases = [
    Case(
      name: "the last file is torn", manifest: lines,
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": torn],
      kept: ["b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27"]),
    Case(
      name: "an earlier file is torn", manifest: two,
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": torn, "a.2.incr.aof": set],
      kept: ["b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27"]),
    Case(
      name: "the base is torn", manifest: lines,
      files: ["a.1.base.rdb": Array(snapshot.dropLast(3)), "a.1.incr.aof": set], kept: nil),
    Case(
      name: "the base is torn, and history leads on", manifest: history,
      files: [
        "a.2.base.rdb": Array(snapshot.dropLast(3)), "a.1.base.aof": set, "a.1.incr.aof": set,
        "a.2.incr.aof": torn,
      ],
      kept: ["b a.1.base.aof 27", "i a.1.incr.aof 27", "i a.2.incr.aof 27 start 7"],
      usesHistory: true),
    Case(
      name: "the base is gone, and history leads on", manifest: history,
      files: ["a.1.base.aof": set, "a.1.incr.aof": set, "a.2.incr.aof": set],
      kept: ["b a.1.base.aof 27", "i a.1.incr.aof 27", "i a.2.incr.aof 27 start 7"],
      usesHistory: true),
    Case(
      name: "the base is torn, and so is history", manifest: history,
      files: [
        "a.2.base.rdb": Array(snapshot.dropLast(3)), "a.1.base.aof": set, "a.2.incr.aof": torn,
      ], kept: nil),
    Case(
      name: "history is there, and not needed", manifest: history,
      files: [
        "a.2.base.rdb": snapshot, "a.1.base.aof": set, "a.1.incr.aof": set, "a.2.incr.aof": set,
      ],
      kept: ["b a.2.base.rdb \(snapshot.count)", "i a.2.incr.aof 27 start 7"]),
    Case(
      name: "no manifest", manifest: nil,
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set, "a.2.incr.aof": set],
      kept: ["b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27", "i a.2.incr.aof 27"]),
    Case(
      name: "no manifest, and one rewrite", manifest: nil,
      files: ["a.2.base.rdb": snapshot, "a.2.incr.aof": set],
      kept: ["b a.2.base.rdb \(snapshot.count)", "i a.2.incr.aof 27"]),
    Case(
      name: "no manifest, and files of before a rewrite", manifest: nil,
      files: ["a.2.base.rdb": snapshot, "a.1.incr.aof": set, "a.2.incr.aof": set], kept: nil),
    Case(
      name: "no manifest, and a gap", manifest: nil,
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set, "a.3.incr.aof": set], kept: nil),
    Case(
      name: "no manifest, and two bases", manifest: nil,
      files: ["a.1.base.rdb": snapshot, "a.2.base.rdb": snapshot, "a.2.incr.aof": set], kept: nil),
    Case(
      name: "no manifest, and two sets", manifest: nil,
      files: ["a.1.base.rdb": snapshot, "b.1.incr.aof": set], kept: nil),
    Case(
      name: "blank lines, zeros, a long comment, double lines",
      manifest: "#" + String(repeating: "x", count: 2000) + "\n\n" + lines + lines + "\0\0",
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set],
      kept: ["b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27"]),
    Case(
      name: "the last line end is missing", manifest: String(two.dropLast()),
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set, "a.2.incr.aof": torn],
      kept: [
        "b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27", "i a.2.incr.aof 27 start 3",
      ]),
    Case(
      name: "half a line", manifest: lines + "file a.2.inc",
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set], kept: nil),
    Case(
      name: "an unreadable line about a history file",
      manifest: lines + "file a.0.incr.aof seq 0 type h\n",
      files: ["a.1.base.rdb": snapshot, "a.1.incr.aof": set],
      kept: ["b a.1.base.rdb \(snapshot.count)", "i a.1.incr.aof 27"]),
    Case(
      name: "numbers that fall",
      manifest: "file a.2.incr.aof seq 2 type i\nfile a.1.incr.aof seq 1 type i\n",
      files: ["a.2.incr.aof": set, "a.1.incr.aof": set],
      kept: ["i a.1.incr.aof 27", "i a.2.incr.aof 27"]),
    Case(
      name: "equal numbers, and names that do not tell",
      manifest: "file x seq 1 type i\nfile y seq 1 type i\n", files: ["x": set, "y": set],
      kept: nil),
    Case(
      name: "a file that is missing", manifest: two,
      files: ["a.1.base.rdb": snapshot, "a.2.incr.aof": set],
      kept: ["b a.1.base.rdb \(snapshot.count)"]),
    Case(
      name: "an old file that was taken over",
      manifest: "file a.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n",
      files: ["a.aof": snapshot + set, "a.1.incr.aof": torn],
      kept: ["b a.aof \(snapshot.count + 27)", "i a.1.incr.aof 27"]),
  ]

  @Test(arguments: cases)
  func `a set is repaired without a guess`(_ example: Case) throws {
    try withTemporaryFolder { folder in
      for (name, bytes) in example.files { _ = try folder.write(bytes, to: name) }
      if let manifest = example.manifest {
        _ = try folder.write(Array(manifest.utf8), to: "a.manifest")
      }
      if example.name == "a file that is missing" {
        let plan = try repair(folder.url.path, skipsDamage: true)
        #expect(
          plan.assembly.files.map(\.name) == ["a.1.base.rdb", "a.2.incr.aof"], "\(example.name)")
      }
      guard let kept = example.kept else {
        #expect(throws: AOFPlanError.self, "\(example.name)") { try repair(folder.url.path) }
        return
      }
      let plan = try repair(folder.url.path)
      let files = plan.assembly.files.filter { $0.entry != nil }
      let found = files.map { file in
        "\(file.entry?.role.letter ?? "-") \(file.name) \(file.byteCount)"
          + (file.entry?.startOffset.map { " start \($0)" } ?? "")
          + (file.entry?.endOffset.map { " end \($0)" } ?? "")
      }
      #expect(found == kept, "\(example.name)")
      #expect(plan.usesHistory == example.usesHistory)
      let manifest = AOFManifest(parsing: try #require(plan.assembly.manifest).bytes)
      #expect(manifest.problems.isEmpty)
      #expect(plan.assembly.manifestName == "a.manifest")
    }
  }
}
