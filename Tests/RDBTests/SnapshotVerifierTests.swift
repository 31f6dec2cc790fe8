import ByteKit
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RDB

/// Verdicts on snapshots whose state is known.
@Suite struct SnapshotVerifierTests {
  /// What was done to a file that breaks no rule of the format: other servers' opcodes, data of
  /// modules, bytes that do not belong to the snapshot.
  private static let soundNames: Set<String> = [
    "base.rdb", "version-next-fixed.rdb", "opcode-freq-fixed.rdb", "opcode-idle-fixed.rdb",
    "opcode-slot-info-fixed.rdb", "slot-import-fixed.rdb", "unknown-module-fixed.rdb",
    "select-db-999-fixed.rdb", "unknown-aux-fixed.rdb", "expiretime-seconds-fixed.rdb",
    "zero-checksum.rdb", "garbage-after-end.rdb", "zeros-after-end.rdb",
  ]
  /// Damage that only the checksum tells.
  private static let checksumNames: Set<String> = [
    "wrong-checksum.rdb", "flip-in-string.rdb", "version-next.rdb",
  ]

  @Test func `what servers wrote is good`() throws {
    try withEach(CorpusCase.all) { test in
      let report = try verify(test.snapshot.path)
      #expect(report.verdict == .good, "\(test.testDescription)")
      #expect(report.findings.isEmpty, "\(test.testDescription): \(report.findings)")
      #expect(report.keyCount == (try test.layout())["keys"]?.int, "\(test.testDescription)")
    }
  }

  @Test func `foreign files are good and damaged ones bad`() throws {
    try withEach(DamagedFile.all) { file in
      let report = try verify(file.file.path)
      if Self.soundNames.contains(file.name) {
        #expect(report.verdict == .good, "\(file.testDescription): \(report.findings)")
      } else if file.serverStarts != true,
        report.checksum != .absent || !Self.checksumNames.contains(file.name)
      {
        #expect(report.verdict == .bad, "\(file.testDescription)")
        #expect(!report.errors.isEmpty, "\(file.testDescription)")
      }
    }
  }

  @Test func `bytes behind the end are a warning unless strictness is asked for`() throws {
    let files = DamagedFile.all.filter { $0.name.hasSuffix("-after-end.rdb") }
    try withEach(files) { file in
      let usual = try verify(file.file.path)
      #expect(usual.findings.map(\.error.kind) == [.trailing], "\(file.testDescription)")
      #expect(usual.findings.map(\.isWarning) == [true], "\(file.testDescription)")
      let strict = try verify(file.file.path) { $0.isStrict = true }
      #expect(strict.verdict == .bad, "\(file.testDescription)")
      #expect(strict.findings.map(\.isWarning) == [false], "\(file.testDescription)")
    }
  }

  @Test func `what a server does not start from is bad for it as a target`() throws {
    let files = DamagedFile.all.filter { $0.serverStarts == false }
    try withEach(files) { file in
      let name = file.server.replacing("-", with: ":", maxReplacements: 1)
      let target = try ServerVersion(target: name)
      let report = try verify(file.file.path) { $0.target = target }
      #expect(report.verdict == .bad, "\(file.testDescription)")
    }
  }

  // MARK: the place

  @Test func `damage is placed inside the record that breaks the rule`() throws {
    let files = DamagedFile.all.filter {
      !Self.soundNames.contains($0.name) && !Self.checksumNames.contains($0.name)
    }
    try withEach(files) { file in
      let bytes = try file.bytes()
      let base = file.file.deletingLastPathComponent().appending(path: "base.rdb")
      guard FileManager.default.fileExists(atPath: base.path) else { return }
      let sound = try readBytes(base)
      let report = try verify(file.file.path)
      guard let finding = report.errors.first, finding.error.kind != .checksum else { return }
      let offset = finding.error.offset
      #expect(finding.recordOffset <= offset, "\(file.testDescription): \(finding)")
      #expect(offset <= bytes.count, "\(file.testDescription): \(finding)")

      // Where the bytes begin to differ from those of the sound file.
      let shared = zip(sound, bytes).prefix { $0 == $1 }.count
      let borders = Self.borders(sound)
      #expect(borders.last == sound.count, "\(file.testDescription)")
      let before = borders.last { $0 <= shared } ?? 0
      let isInserted = bytes.count > sound.count
      if file.name == "zero-filled-tail.rdb" {
        // Zeros can be a record: the first that is not stands behind the first change.
        #expect(finding.recordOffset >= before, "\(file.testDescription): \(finding)")
      } else {
        #expect(finding.recordOffset == before, "\(file.testDescription): \(finding)")
        let end = borders.first { $0 > before } ?? bytes.count
        let room = isInserted ? bytes.count - sound.count : 0
        #expect(offset <= end + room, "\(file.testDescription): \(finding)")
        if bytes.count == sound.count { #expect(offset < end, "\(file.testDescription)") }
      }
    }
  }

  @Test func `damage that only the checksum tells is placed at the footer`() throws {
    let files = DamagedFile.all.filter { Self.checksumNames.contains($0.name) }
    try withEach(files) { file in
      let report = try verify(file.file.path)
      guard let finding = report.errors.first else { return }
      guard finding.error.kind == .checksum else {
        // The next version of some servers is beyond what is known.
        #expect(finding.error.kind == .unknownVersion, "\(file.testDescription): \(finding)")
        return
      }
      #expect(report.errors.count == 1, "\(file.testDescription)")
      let size = try file.bytes().count
      #expect(finding.error.offset == size - 8, "\(file.testDescription)")
      #expect(finding.error.message.contains("the place is unknown"), "\(file.testDescription)")
    }
  }

  /// The end of the header and of each record of a sound file.
  private static func borders(_ bytes: [UInt8]) -> [Int] {
    var borders = [0]
    var input = ByteInput(MemorySource(bytes))
    do throws(RDBError) {
      let opening = try RDBOpening.read(&input)
      var reader = RDBReader(input, family: opening.family, version: opening.version)
      borders.append(reader.input.offset)
      while true {
        let record = try reader.next()
        if case .key = record { _ = try reader.skipValue() }
        borders.append(reader.input.offset)
        if case .end = record { return borders }
      }
    } catch {
      return borders
    }
  }

  // MARK: vectors

  @Test(arguments: VectorTests.files)
  func `vectors have the verdict that is stated`(_ vector: VectorTests.Vector) throws {
    let report = try verify(vector.bytes)
    #expect(report.verdict == (vector.decoded == nil ? .bad : .good), "\(report.findings)")
  }

  // MARK: warnings

  /// A string that begins like a HyperLogLog, and whether something is odd about it.
  struct HyperLogLogCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var encoding: UInt8
    var body: [UInt8]
    var isOdd: Bool

    static let all = [
      HyperLogLogCase(
        testDescription: "dense", encoding: 0, body: Array(repeating: 0, count: 12_288),
        isOdd: false),
      HyperLogLogCase(
        testDescription: "dense, a byte short", encoding: 0,
        body: Array(repeating: 0, count: 12_287), isOdd: true),
      // XZERO of 16,384.
      HyperLogLogCase(
        testDescription: "sparse, empty", encoding: 1, body: [0x7f, 0xff], isOdd: false),
      // XZERO of 16,379, VAL of 1, ZERO of 4.
      HyperLogLogCase(
        testDescription: "sparse, three runs", encoding: 1, body: [0x7f, 0xfa, 0x80, 0x03],
        isOdd: false),
      HyperLogLogCase(
        testDescription: "sparse, a register short", encoding: 1, body: [0x7f, 0xfe],
        isOdd: true),
      HyperLogLogCase(
        testDescription: "sparse, beyond the end", encoding: 1, body: [0x7f, 0xff, 0x83],
        isOdd: true),
      HyperLogLogCase(
        testDescription: "sparse, half a run", encoding: 1, body: [0x7f], isOdd: true),
      HyperLogLogCase(testDescription: "sparse, no runs", encoding: 1, body: [], isOdd: true),
      HyperLogLogCase(
        testDescription: "an encoding that does not exist", encoding: 2, body: [], isOdd: false),
    ]
  }

  @Test(arguments: HyperLogLogCase.all)
  func `an odd HyperLogLog is a warning`(_ test: HyperLogLogCase) throws {
    var builder = SnapshotBuilder()
    builder.raw([0])
    builder.string("h".utf8)
    builder.string(
      Array("HYLL".utf8) + [test.encoding] + [UInt8](repeating: 0, count: 11) + test.body)
    builder.key("short", "HYLL")
    let report = try verify(builder.finished)
    #expect(report.verdict == .good)
    #expect(report.warnings.map(\.key) == (test.isOdd ? [Array("h".utf8)] : []))
    #expect(report.errors.isEmpty)
  }

  @Test(arguments: PlainCollection.allCases)
  func `an empty collection is a warning`(_ plain: PlainCollection) throws {
    // A path of a path hash without fields breaks a rule of that type.
    guard plain != .pathHash else { return }
    var builder = SnapshotBuilder(plain.magic)
    builder.collection(plain, "empty", [])
    builder.key("sound", "1")
    let report = try verify(builder.finished)
    #expect(report.verdict == .good)
    #expect(report.warnings.map(\.key) == [Array("empty".utf8)])
    #expect(report.keyCount == 2)
  }

  @Test(arguments: [1, 2])
  func `warnings do not hide damage`(_ threads: Int) throws {
    for isLast in [false, true] {
      var builder = SnapshotBuilder()
      let empty = 350
      if !isLast { builder.collection(.set, "broken", ["a", "a"]) }
      for index in 0..<empty { builder.collection(.set, "empty \(index)", []) }
      if isLast { builder.collection(.set, "broken", ["a", "a"]) }
      let report = try verify(builder.finished) {
        $0.scan.threads = threads
        $0.scan.chunkByteCount = 1000
      }
      #expect(report.verdict == .bad)
      #expect(report.errors.map(\.key) == [Array("broken".utf8)])
      #expect(report.warnings.count == RDBLimits.violationsKeptMax)
      #expect(report.findingsLeftOut == empty - RDBLimits.violationsKeptMax)
    }
  }

  @Test func `findings beyond those kept are counted`() throws {
    var builder = SnapshotBuilder()
    for index in 0..<250 { builder.collection(.set, "broken \(index)", ["a", "a"]) }
    let report = try verify(builder.finished)
    #expect(report.errors.count == RDBLimits.violationsKeptMax)
    #expect(report.findingsLeftOut == 150)
  }
}
