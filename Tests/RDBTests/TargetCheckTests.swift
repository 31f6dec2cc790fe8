import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RDB

/// Whether a server would start from a snapshot, as the servers themselves showed it.
@Suite struct TargetCheckTests {
  /// A snapshot, a server, and what it said; `nil` where it started.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var target: String
    var magic = "REDIS0011"
    var reason: String?
    var make: @Sendable (inout SnapshotBuilder) -> Void = { _ in }

    init(
      _ testDescription: String, _ target: String, magic: String = "REDIS0011",
      refuses reason: String? = nil, _ make: @escaping @Sendable (inout SnapshotBuilder) -> Void
    ) {
      self.testDescription = testDescription
      self.target = target
      self.magic = magic
      self.reason = reason
      self.make = make
    }
  }

  private static let moduleReason =
    "The RDB file contains module data I can't load: no matching module type 'testmodul'"
  private static let nodeReason =
    "The RDB file contains module data for the module 'vectorset' that is not terminated by the "
    + "proper module value EOF marker"

  /// A module's value of these parts, whose encoding version is 0.
  private static func appendModule(
    _ name: String, _ parts: [UInt8], to builder: inout SnapshotBuilder
  ) {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    // Nine characters of six bits each, and the version in the last ten bits.
    let id = name.utf8.reduce(UInt64(0)) { $0 << 6 | UInt64(letters.firstIndex(of: $1) ?? 0) } << 10
    builder.raw([7])
    builder.string("m".utf8)
    builder.raw([0x81] + (0..<8).map { UInt8(truncatingIfNeeded: id >> (56 - 8 * $0)) })
    builder.raw(parts + [0])
  }

  /// A vector set of one element in two dimensions, whose node has this version.
  private static func appendVectorSet(nodeVersion: UInt8, to builder: inout SnapshotBuilder) {
    let head: [UInt8] = [2, 2, 2, 1, 2, 0, 2, 0]
    let strings: [UInt8] = [5, 1, 0x65, 5, 8] + [UInt8](repeating: 0, count: 8)
    let integers: [UInt8] = [2, 3, 2, 1, 2, 0x80, nodeVersion, 0, 0, 0, 2, 0]
    appendModule("vectorset", head + strings + integers, to: &builder)
  }

  static let cases = [
    Case("strings and lists of old", "redis:7.2") { $0.key("a", "1") },
    Case("a header too new", "redis:7.0", refuses: "Can't handle RDB format version 11") {
      $0.key("a", "1")
    },
    Case(
      "another family's magic", "redis:8.0", magic: "VALKEY080",
      refuses: "Wrong signature trying to load DB from file"
    ) { $0.key("a", "1") },
    Case(
      "a type too new", "redis:6.2", magic: "REDIS0009", refuses: "Unknown RDB encoding type 20"
    ) {
      $0.raw([20])
      $0.string("s".utf8)
      // A listpack of one element: the integer 1.
      $0.string([9, 0, 0, 0, 1, 0, 1, 1, 0xff])
    },
    Case("database 15 of 16", "redis:7.2") {
      $0.select(15)
      $0.key("a", "1")
    },
    Case(
      "database 16 of 16", "redis:7.2",
      refuses: "FATAL: Data file was created with a Redis server configured to handle more than 16 "
        + "databases (database 16)"
    ) {
      $0.select(16)
      $0.key("a", "1")
    },
    Case("an LFU counter", "redis:5.0", magic: "REDIS0009") {
      $0.raw([249, 7])
      $0.key("a", "1")
    },
    Case(
      "an LFU counter before there were any", "redis:4.0", magic: "REDIS0008",
      refuses: "Unknown RDB encoding type 249"
    ) {
      $0.raw([249, 7])
      $0.key("a", "1")
    },
    Case(
      "an idle time before there were any", "redis:4.0", magic: "REDIS0008",
      refuses: "Unknown RDB encoding type 248"
    ) {
      $0.raw([248, 7])
      $0.key("a", "1")
    },
    Case("slot sizes", "redis:7.4", magic: "REDIS0012") {
      $0.raw([244, 1, 1, 0])
      $0.key("a", "1")
    },
    Case(
      "slot sizes before there were any", "redis:7.0", magic: "REDIS0010",
      refuses: "Unknown RDB encoding type 244"
    ) {
      $0.raw([244, 1, 1, 0])
      $0.key("a", "1")
    },
    Case("a module's value", "redis:7.2", refuses: moduleReason) {
      appendModule("testmodul", [2, 5], to: &$0)
    },
    Case("vectors of the first servers that had them", "redis:8.0.2", magic: "REDIS0012") {
      appendVectorSet(nodeVersion: 0, to: &$0)
    },
    Case("vectors of now", "redis:8.0.4", magic: "REDIS0012") {
      appendVectorSet(nodeVersion: 1, to: &$0)
    },
    Case(
      "vectors of now for the first servers that had some", "redis:8.0.3", magic: "REDIS0012",
      refuses: nodeReason
    ) { appendVectorSet(nodeVersion: 1, to: &$0) },
  ]

  @Test(arguments: cases)
  func `a target refuses what it cannot load, and says what it logs`(_ test: Case) throws {
    var builder = SnapshotBuilder(test.magic)
    test.make(&builder)
    let target = try ServerVersion(target: test.target)
    let usual = try verify(builder.finished)
    #expect(usual.verdict == .good, "\(usual.findings)")
    let report = try verify(builder.finished) { $0.target = target }
    if let reason = test.reason {
      #expect(report.verdict == .bad)
      let message = "\(target.displayName) does not start: \(reason)"
      #expect(report.findings.map(\.error.message) == [message])
      #expect(report.findings.map(\.error.kind) == [.target])
    } else {
      #expect(report.verdict == .good)
      #expect(report.findings.isEmpty, "\(report.findings)")
    }
  }

  @Test func `the number of databases is the server's`() throws {
    var builder = SnapshotBuilder()
    builder.select(16)
    builder.key("a", "1")
    for (databases, verdict) in [(16, VerifyReport.Verdict.bad), (17, .good)] {
      let report = try verify(builder.finished) {
        $0.target = ServerVersion(.redis, 7, 2, 4)
        $0.databases = databases
      }
      #expect(report.verdict == verdict, "\(databases)")
    }
  }

  @Test(.needsSharedData)
  func `each server starts from what the check lets pass`() throws {
    let root = try #require(SharedData.root)
    let crossload = try JSONValue(
      parsing: readBytes(root.appending(path: "corpus/crossload.json")))
    var answers = [true: 0, false: 0]
    for snapshots in crossload.members {
      for writer in snapshots.value.members {
        let file = root.appending(path: "corpus/\(writer.name)/rdb-\(snapshots.name)/dump.rdb")
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        for reader in writer.value["readers"]?.members ?? [] {
          guard let loads = reader.value["loads"]?.bool else { continue }
          let name = reader.name.replacing("-", with: ":", maxReplacements: 1)
          let target = try ServerVersion(target: name)
          let report = try verify(file.path) { $0.target = target }
          answers[loads, default: 0] += 1
          #expect(
            (report.verdict == .good) == loads,
            "\(writer.name) \(snapshots.name) by \(reader.name): \(report.findings)")
        }
      }
    }
    #expect(answers.values.allSatisfy { $0 > 500 }, "\(answers)")
  }
}
