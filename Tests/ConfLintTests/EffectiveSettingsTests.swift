import RedisConf
import RedisModel
import Testing

@testable import ConfLint

@Suite struct EffectiveSettingsTests {
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var kind = ConfFileKind.conf
    let before: String
    let after: String
    /// `NAME: BEFORE → AFTER` as people see them.
    let changes: [String]
    var testDescription: String { "\(before.debugDescription) \(after.debugDescription)" }
  }

  private static let cases = [
    Case(before: "maxmemory 1gb", after: "MaxMemory 1073741824", changes: []),
    Case(before: "", after: "timeout 0\nsave 3600 1 300 100 60 10000", changes: []),
    Case(before: "hz 10", after: "hz 5000", changes: ["hz: 10 → 500"]),
    Case(before: "slaveof a 1", after: "replicaof a 1", changes: []),
    Case(
      before: "client-output-buffer-limit slave 1mb 1mb 1",
      after: "client-output-buffer-limit replica 1mb 1mb 1", changes: []),
    Case(
      before: "save 60 5", after: "save \"\"",
      changes: ["save: 60 5 → \"\""]),
    Case(before: "requirepass abc", after: "requirepass abd", changes: ["requirepass: *** → ***"]),
    Case(
      before: "user a on >secret1 +get", after: "user a on >secret2 +get",
      changes: ["user a passwords: *** → ***"]),
    Case(
      kind: .acl, before: "user a on nopass +get", after: "user a on nopass +set",
      changes: ["user a: on nopass +get → on nopass +set"]),
    Case(
      before: "rename-command KEYS \"\"", after: "rename-command KEYS K",
      changes: ["rename-command: KEYS  → KEYS K"]),
    Case(
      kind: .sentinel,
      before: "sentinel monitor m 10.0.0.1 6379 2\nsentinel down-after-milliseconds m 30000",
      after: "sentinel monitor m 10.0.0.1 6379 1\nsentinel parallel-syncs m 1",
      changes: ["sentinel m monitor: 10.0.0.1 6379 2 → 10.0.0.1 6379 1"]),
    Case(
      kind: .sentinel, before: "sentinel monitor m 10.0.0.1 6379 2\nsentinel auth-pass m abc",
      after: "sentinel monitor m 10.0.0.1 6379 2\nsentinel auth-pass m abd",
      changes: ["sentinel m auth-pass: *** → ***"]),
  ]

  private func settings(_ text: String, _ kind: ConfFileKind) throws -> [String: String] {
    let target = try ServerVersion(target: "redis:7.2")
    let bytes = Array(text.utf8)
    return EffectiveSettings.all(
      kind == .acl
        ? ServerReading(acl: ConfDocument(aclName: "x", bytes: bytes), target: target)
        : ServerReading(
          ConfDocument(name: "x", bytes: bytes), target: target, isSentinel: kind == .sentinel,
          files: NoFiles()))
  }

  @Test(arguments: cases)
  func `what differs in effect is told, and nothing else`(_ pair: Case) throws {
    let changes = SettingChange.between(
      try settings(pair.before, pair.kind), try settings(pair.after, pair.kind))
    #expect(
      changes.map { "\($0.name): \($0.shown($0.before)) → \($0.shown($0.after))" }
        == pair.changes)
  }
}
