import AOF
import ByteKit
import Foundation
import RedisModel
import TestSupport
import Testing

/// The verdicts, and what is foretold of servers, against what servers did.
@Suite struct CheckTests {
  /// The server of a corpus folder.
  static func version(_ server: String) throws -> ServerVersion {
    try ServerVersion(target: server.replacing("-", with: ":", maxReplacements: 1))
  }

  /// Checks what is at `path` for `servers`.
  static func check(_ path: URL, _ servers: [String], corruptTail: Int = 4096) throws -> AOFCheck {
    var options = AOFCheckOptions()
    options.targets = try servers.map { try version($0) }
    options.corruptTailMaxSize = corruptTail
    return AOFCheck(try AOFSet(opening: path.path), options)
  }

  /// Compares a prediction with what the server did.
  static func expect(_ check: AOFCheck, _ server: String, did run: LoadRun) throws {
    let prediction = check.predictions.first {
      $0.server == (try? version(server)) && $0.loadTruncated == run.loadTruncated
        && $0.corruptTailMaxSize == run.corruptTailMaxSize
    }
    let found = try #require(prediction, "\(server) \(run)")
    #expect(found.starts == run.starts, "\(server) \(run): \(found.note)")
    #expect(found.cut?.byteCount == run.cutTo, "\(server) \(run): \(found.note)")
  }

  @Test(arguments: AOFCorpusCase.all)
  func `what a server wrote is good, for it and without a target`(_ example: AOFCorpusCase) throws {
    for targets in [[example.server], []] {
      let check = try Self.check(example.path, targets)
      #expect(check.verdict == .good)
      #expect(check.problems.filter { $0.kind != .missingHistory } == [])
      #expect(check.predictions.allSatisfy { $0.starts == true && $0.cut == nil })
      #expect(check.lost.byteCount == 0)
    }
  }

  /// Damage in which two builds of one version differ, as the corpus says.
  static let undefined: Set = ["bulk-huge", "bulk-negative", "argc-too-small", "wrong-arity"]
  /// Variants that are not damaged.
  static let sound: Set = [
    "base", "base-and-incr", "empty", "cut-between-commands", "flip-in-value", "last-empty",
    "preamble", "preamble-in-base-aof", "manifest-comment", "manifest-crlf", "manifest-history-ok",
    "manifest-incr-before-base", "manifest-keys-in-another-order", "manifest-quoted",
    "manifest-seq-gap", "manifest-spaces", "manifest-unknown-key", "manifest-unlisted-files",
    "manifest-upper-case-keys", "wrong-type",
  ]

  @Test(arguments: DamagedAOF.all)
  func `a damaged file is bad, and servers do what is foretold`(_ example: DamagedAOF) throws {
    let check = try Self.check(example.path, [example.server])
    var isSound = Self.sound.contains(example.name)
    // Lines that begin with '#' came with Redis 7.0.
    if example.name == "annotation" { isSound = try Self.version(example.server).major >= 7 }
    #expect(check.verdict == (isSound ? .good : .bad), "\(check.problems)")
    for run in example.runs {
      if Self.undefined.contains(example.name) {
        let starts = check.predictions.map(\.starts)
        #expect(!starts.contains(true))
      } else {
        try Self.expect(check, example.server, did: run)
      }
    }
  }

  /// Load cases without damage that form shows; with the first group servers see errors that only
  /// execution shows.
  static let soundCases: Set = [
    "syntax error", "WRONGTYPE", "EVALSHA unknown",
    "ok", "ok, base and incr", "empty incr", "all empty",
    "CRLF after a bulk replaced by two other bytes", "LF-only lines after counts",
    "count with trailing text", "first incr empty, second whole",
    "DB carries over? second incr without SELECT", "no SELECT at all", "read command", "PUBLISH",
    "BLPOP on an empty list", "BLPOP with data", "lower and mixed case", "past PXAT",
    "past PEXPIREAT", "past PEXPIREAT then append", "EVAL", "SCRIPT LOAD then EVALSHA",
    "EVAL with random write", "annotations", "annotation inside MULTI", "FLUSHALL inside",
    "DEBUG command in file", "RDB base", "RDB base followed by AOF tail", "RDB as incr",
    "manifest: base after incr", "manifest: history line", "manifest: history file missing",
    "manifest: gap in seq", "manifest: type word", "manifest: upper-case keys, tabs",
    "manifest: quoted name", "manifest: single quotes", "manifest: comment and extra key",
    "manifest: key order", "manifest: CRLF lines", "manifest: startoffset", "old style: ok",
    "old style: RDB preamble and tail", "old style file and manifest both there",
  ]

  @Test(arguments: AOFLoadCase.all)
  func `hand-made files are judged as they are, and servers do what is foretold`(
    _ example: AOFLoadCase
  ) throws {
    try withTemporaryFolder { folder in
      let path = try example.write(to: folder.url)
      let corruptTail = example.runs.map(\.run.corruptTailMaxSize).max() ?? 0
      for (server, run) in example.runs {
        let check = try Self.check(
          path, [server], corruptTail: corruptTail == 0 ? 4096 : corruptTail)
        let isSound = Self.soundCases.contains(example.name)
        #expect(check.verdict == (isSound ? .good : .bad), "\(server) \(check.problems)")
        try Self.expect(check, server, did: run)
      }
    }
  }
}
