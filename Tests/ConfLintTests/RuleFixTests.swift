import Findings
import RedisConf
import RedisModel
import Testing

@testable import ConfLint

/// Fixes of rules, tried on the rules' own bad examples.
@Suite struct RuleFixTests {
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }

  private static func findings(
    _ text: [UInt8], _ rule: String, kind: ConfFileKind, facts: Facts, target: String?
  ) throws -> [Finding] {
    let policy = try #require(RuleBook.loaded.policy)
    let targets = try target.map {
      [LintTarget(name: $0, version: try ServerVersion(target: $0))]
    }
    let session = LintSession(
      policy: policy, targets: targets ?? LintTarget.usual, isExplicit: target != nil,
      facts: facts, environment: LintEnvironment(files: { _ in NoFiles() }, today: "2026-11-24"),
      rules: [rule])
    return session.lint([LintSource(name: "x", kind: kind, bytes: text)]).flatMap(\.findings)
      .filter { $0.id == rule }
  }

  @Test func `a fix settles the bad examples of its rule, and nothing is left to fix`() throws {
    for rule in RuleBook.rules {
      for example in rule.examples where !example.isGood {
        let kind = ConfFileKind(rawValue: example.kind) ?? .conf
        var text = Array(example.text.utf8)
        var rounds = 0
        var found = try Self.findings(
          text, rule.id, kind: kind, facts: example.facts, target: example.target)
        guard found.contains(where: { $0.fix != nil }) else { continue }
        while found.contains(where: { $0.fix != nil }), rounds < 4 {
          text = FixPlan.apply(found, to: "x", text, allowsUnsafe: true).bytes
          found = try Self.findings(
            text, rule.id, kind: kind, facts: example.facts, target: example.target)
          rounds += 1
        }
        // A default of nothing cannot be written down.
        let left = rule.id == "VER007" ? found.filter { $0.directive != "bind" } : found
        #expect(
          left.isEmpty, "\(rule.id): \(String(decoding: text, as: UTF8.self).debugDescription)")
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let rule: String
    var kind = ConfFileKind.conf
    let text: String
    var facts: [String: String] = [:]
    var target: String?
    /// The file with the fix; nil where there must be none.
    let fixed: String?
    var testDescription: String { "\(rule) \(text.debugDescription)" }
  }

  private static let monitor = "sentinel monitor m 10.0.0.1 6379"
  private static let cases = [
    Case(
      rule: "MEM002", text: "maxmemory 1gb\n", facts: ["workload": "cache"],
      fixed: "maxmemory 1gb\nmaxmemory-policy allkeys-lru\n"),
    Case(
      rule: "MEM002", text: "maxmemory 1gb\n", facts: ["workload": "session"],
      fixed: "maxmemory 1gb\nmaxmemory-policy volatile-lru\n"),
    Case(
      rule: "MEM002", text: "maxmemory 1gb\n", facts: ["workload": "cache,queue"],
      fixed: "maxmemory 1gb\nmaxmemory-policy noeviction\n"),
    Case(
      rule: "PER026", text: "Save 900 1 300 10\r\nhz 10\r\n", target: "redis:6.2",
      fixed: "Save 900 1\r\nSave 300 10\r\nhz 10\r\n"),
    Case(
      rule: "PER026", text: "save \"900 1\"\n", target: "redis:6.2", fixed: "save 900 1\n"),
    Case(rule: "PER026", text: "save 900\n", target: "redis:6.2", fixed: nil),
    Case(rule: "PER026", text: "save 900 1 # hourly\n", target: "redis:6.2", fixed: nil),
    Case(
      rule: "REP019",
      text: "user r on >kZ7vQ2mWc9Xr4Tt8Lp1Bn6Hs +ping\nmasteruser r\nmasterauth x\n",
      fixed: "user r on >kZ7vQ2mWc9Xr4Tt8Lp1Bn6Hs +ping +psync +replconf +ping\nmasteruser r\n"
        + "masterauth x\n"),
    Case(rule: "SEN001", kind: .sentinel, text: monitor + " 1\n", fixed: monitor + " 2\n"),
    Case(
      rule: "SEN001", kind: .sentinel, text: monitor + " 1\n", facts: ["sentinels": "5"],
      fixed: monitor + " 3\n"),
    Case(
      rule: "SEN004", kind: .sentinel,
      text: monitor + " 2\nsentinel down-after-milliseconds m 500\n",
      fixed: monitor + " 2\nsentinel down-after-milliseconds m 30000\n"),
    Case(
      rule: "SEN006", kind: .sentinel,
      text: monitor + " 2\nsentinel parallel-syncs n 7\nsentinel parallel-syncs m 5\n",
      fixed: monitor + " 2\nsentinel parallel-syncs n 7\nsentinel parallel-syncs m 1\n"),
    Case(
      rule: "SEC006", kind: .acl, text: "user default on nopass ~* &* +@all\n",
      fixed: "user default off\n"),
    Case(
      rule: "SEC007", text: "user app on nopass ~* +get", target: "redis:7.2",
      fixed: "user app on nopass ~* +get\nuser default off\n"),
    Case(
      rule: "SEC007", kind: .acl, text: "user app on nopass ~a +get\nuser default ON nopass\n",
      target: "redis:7.2", fixed: "user app on nopass ~a +get\nuser default off nopass\n"),
    Case(
      rule: "SEC013", text: "user a on nopass ~app:* %R~ro:* +@all\n", target: "redis:7.2",
      fixed: "user a on nopass ~app:* %R~ro:* +@all resetchannels &app:* &ro:*\n"),
    Case(
      rule: "SEC013", kind: .acl, text: "user a on nopass ~* +@all\n", target: "redis:7.2",
      fixed: "user a on nopass ~* +@all &*\n"),
    Case(
      rule: "SEC016", text: "user a on nopass ~a +@all\n", target: "redis:7.2",
      fixed: "user a on nopass ~a +@all -@dangerous -keys\n"),
    Case(
      rule: "NET015", text: "bind 127.0.0.1 redis.internal\n",
      fixed: "bind 127.0.0.1 -redis.internal\n"),
    Case(
      rule: "NET015", text: "bind 10.0.0.5 10.0.0.6\n", facts: ["host.addresses": "10.0.0.5"],
      fixed: "bind 10.0.0.5 -10.0.0.6\n"),
    Case(rule: "NET015", text: "bind redis.internal\n", target: "redis:6.0", fixed: nil),
    Case(
      rule: "OBS004", text: "slowlog-max-len 0\n", fixed: "slowlog-max-len 1024\n"),
    Case(
      rule: "OBS012", text: "set-proc-title no\nproc-title-template \"{title} {port}\"\n",
      facts: ["instances": "2"],
      fixed: "set-proc-title yes\nproc-title-template \"{title} {port}\"\n"),
    Case(
      rule: "OBS012", text: "proc-title-template {title}\nhz 10\n", facts: ["instances": "2"],
      fixed: "hz 10\n"),
    Case(
      rule: "XDR010", text: "shutdown-timeout 0\n", facts: ["workload": "queue"],
      target: "redis:7.2", fixed: "shutdown-timeout 10\n"),
    Case(
      rule: "CAP004", text: "repl-backlog-size 1mb\n",
      facts: ["write_rate": "2mb", "max_disconnect": "60s"], fixed: "repl-backlog-size 120mb\n"),
    Case(rule: "VER002", text: "replicaof a 1\n", target: "redis:4.0", fixed: "slaveof a 1\n"),
    Case(rule: "VER002", text: "replicaof a 1\n", target: "redis:2.8", fixed: "slaveof a 1\n"),
    Case(rule: "VER001", text: "max-memory 1gb\n", fixed: "maxmemory 1gb\n"),
  ]

  @Test(arguments: cases)
  func `a computed fix writes this`(_ fix: Case) throws {
    var facts = Facts()
    for (name, value) in fix.facts { try facts.set(name, to: value) }
    let text = Array(fix.text.utf8)
    let found = try Self.findings(
      text, fix.rule, kind: fix.kind, facts: facts, target: fix.target)
    #expect(!found.isEmpty)
    let result = FixPlan.apply(found, to: "x", text, allowsUnsafe: true)
    #expect(
      (result.applied.isEmpty ? nil : String(decoding: result.bytes, as: UTF8.self)) == fix.fixed)
    let safe = FixPlan.apply(found, to: "x", text, allowsUnsafe: false)
    let isSafe = ["PER026", "OBS004", "OBS012", "XDR010", "CAP004", "VER002"].contains(fix.rule)
    #expect(safe.applied.isEmpty == !(isSafe && fix.fixed != nil))
  }
}
