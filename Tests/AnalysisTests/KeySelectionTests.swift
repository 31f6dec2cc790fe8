import ByteKit
import RDB
import RedisModel
import TestSupport
import Testing

@testable import Analysis

@Suite struct KeySelectionTests {
  static let nowMs: Int64 = 1_000_000

  /// A selection and the keys that it lets through.
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let selection: @Sendable () throws -> KeySelection
    let keys: [String]

    init(
      _ name: String, _ keys: [String],
      _ change: @escaping @Sendable (inout KeySelection) throws -> Void
    ) {
      testDescription = name
      self.keys = keys
      selection = {
        var selection = KeySelection(nowMs: KeySelectionTests.nowMs)
        try change(&selection)
        return selection
      }
    }
  }

  /// Slots: `{a}1` and `{a}2` are in 15495, the slot of `a`.
  static var snapshot: [UInt8] {
    var builder = SnapshotBuilder()
    builder.select(0)
    builder.key("{a}1", "short")
    builder.key("{a}2", String(repeating: "x", count: 100), expireAtMs: nowMs + 5000)
    builder.list("list", ["one", "two", "three"])
    builder.select(3)
    builder.key("old", "gone", expireAtMs: nowMs - 1)
    builder.list("empty", [])
    return builder.finished
  }

  static let cases: [Case] = [
    Case("everything", ["{a}1", "{a}2", "list", "old", "empty"]) { _ in },
    Case("a database", ["old", "empty"]) { $0.databases = [3] },
    Case("two databases", ["{a}1", "{a}2", "list", "old", "empty"]) { $0.databases = [0, 3] },
    Case("a type", ["list", "empty"]) { $0.kinds = [.list] },
    Case("a glob", ["{a}1", "{a}2"]) { $0.globs = [GlobPattern("{a}?".utf8)] },
    Case("one of two globs", ["list", "old"]) {
      $0.globs = [GlobPattern("l*".utf8), GlobPattern("o*".utf8)]
    },
    Case("none of two globs", ["{a}1", "{a}2", "empty"]) {
      $0.excludedGlobs = [GlobPattern("l*".utf8), GlobPattern("o*".utf8)]
    },
    Case("a regular expression, anywhere in the key", ["{a}1", "list", "empty"]) {
      $0.pattern = try BytePattern("1|i|mp")
    },
    Case("a slot", ["{a}1", "{a}2"]) { $0.slots = try SlotSet("15495") },
    Case("no expiry", ["{a}1", "list", "empty"]) { $0.expiry = ExpiryFilter.none },
    Case("any expiry", ["{a}2", "old"]) { $0.expiry = .any },
    Case("an expiry that is past", ["old"]) { $0.expiry = .expired },
    Case("less than six seconds left", ["{a}2"]) { $0.expiry = .within(6000) },
    Case("less than five seconds left", []) { $0.expiry = .within(5000) },
    Case("more than four seconds left", ["{a}2"]) { $0.expiry = .after(4000) },
    Case("at least two elements", ["list"]) { $0.elementCounts = 2...Int.max },
    Case("at most one element", ["{a}1", "{a}2", "old", "empty"]) { $0.elementCounts = 0...1 },
    Case("at least 100 bytes", ["{a}2"]) { $0.byteCounts = 100...Int.max },
    Case("at most 5 bytes, which the length byte is one of", ["old", "empty"]) {
      $0.byteCounts = 0...5
    },
    Case("several at once", ["{a}1"]) {
      $0.kinds = [.string]
      $0.expiry = ExpiryFilter.none
      $0.globs = [GlobPattern("*1".utf8)]
    },
  ]

  @Test(arguments: cases)
  func `a selection lets the right keys through`(_ testCase: Case) throws {
    let selection = try testCase.selection()
    #expect(selection.isEverything == (testCase.testDescription == "everything"))
    let selected = try scan(Self.snapshot, SelectingHandler(KeySelector(selection))) { $0.keys }
    #expect(selected == testCase.keys)
  }

  @Test func `a pattern that gives up is no answer`() throws {
    var builder = SnapshotBuilder()
    builder.key(String(repeating: "a", count: 60) + "xd", "")
    var selection = KeySelection(nowMs: 0)
    selection.pattern = try BytePattern("^(a|a)+d")
    let failures = try scan(builder.finished, SelectingHandler(KeySelector(selection))) {
      $0.failures
    }
    #expect(failures == 1)
  }

  @Test func `absurd expiries do not overflow`() {
    #expect(ExpiryFilter.after(1000).accepts(.max, nowMs: -5000))
    #expect(!ExpiryFilter.within(1000).accepts(.max, nowMs: -5000))
    #expect(ExpiryFilter.expired.accepts(.min, nowMs: .max))
    #expect(!ExpiryFilter.expired.accepts(7, nowMs: 7))
    #expect(ExpiryFilter.within(1).accepts(7, nowMs: 7))
  }
}

/// Remembers the keys that a selection lets through.
private struct SelectingHandler: RDBChunkHandler {
  private let selector: KeySelector
  private(set) var keys: [String] = []
  private(set) var failures = 0

  init(_ selector: KeySelector) { self.selector = selector }

  mutating func record(_ record: RDBRecord, offset: Int) {}

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    let decision: KeySelector.Decision
    do throws(BytePatternError) { decision = try selector.decide(header) } catch {
      failures += 1
      decision = .no
    }
    let name = String(decoding: header.key, as: UTF8.self)
    let summary = try reader.skipValue()
    let isAccepted = selector.accepts(elements: summary.elements, byteCount: summary.byteCount)
    if decision == .yes || decision == .undecided && isAccepted { keys.append(name) }
  }
}
