import RedisConf
import RedisModel
import Testing

@testable import ConfLint

/// Files of very many lines: the time must grow with their number, not with its square.
@Suite struct FloodTests {
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let kind: ConfFileKind
    /// The line of a number.
    let line: @Sendable (Int) -> String
    var testDescription: String { line(0) }
  }

  private static let cases = [
    Case(kind: .conf) { _ in "foo bar" },
    Case(kind: .conf) { _ in "save 900 1" },
    Case(kind: .conf) { _ in "maxmemory \"a" },
    Case(kind: .conf) { "rename-command c\($0) d\($0)" },
    Case(kind: .conf) { "user u\($0) on nopass ~* +@all" },
    Case(kind: .acl) { "user u\($0) on nopass ~* +@all" },
    Case(kind: .sentinel) { "sentinel monitor m\($0) 127.0.0.1 6379 2" },
  ]

  @Test(.timeLimit(.minutes(1)), arguments: cases)
  func `a flood of lines is told within bounds`(_ flood: Case) throws {
    let policy = try #require(RuleBook.loaded.policy)
    let target = LintTarget(name: "redis:7.2", version: try ServerVersion(target: "redis:7.2"))
    let session = LintSession(
      policy: policy, targets: [target], isExplicit: true, facts: Facts(),
      environment: LintEnvironment(files: { _ in NoFiles() }, today: "2026-11-24"))
    let text = (0..<2000).map { flood.line($0) + "\n" }.joined()
    let source = LintSource(name: "x", kind: flood.kind, bytes: Array(text.utf8))
    let results = session.lint([source])
    let counts = Dictionary(grouping: results.flatMap(\.findings), by: \.id).mapValues(\.count)
    #expect(counts.values.allSatisfy { $0 <= RuleHits.countMax }, "\(counts)")
    let omitted = results.flatMap(\.omitted)
    #expect(omitted.isEmpty == !counts.values.contains(RuleHits.countMax))
    // Each line has at most two findings of a rule.
    for more in omitted {
      #expect(counts[more.id] == RuleHits.countMax)
      #expect((900...3000).contains(more.count), "\(more)")
    }
  }

  @Test func `the count goes on where the list ends`() throws {
    let policy = try #require(RuleBook.loaded.policy)
    let target = LintTarget(name: "redis:7.2", version: try ServerVersion(target: "redis:7.2"))
    let session = LintSession(
      policy: policy, targets: [target], isExplicit: true, facts: Facts(),
      environment: LintEnvironment(files: { _ in NoFiles() }, today: "2026-11-24"))
    let cases: [(line: String, id: String)] = [
      ("foo bar", "VER001"), ("MaxMemory 1gb", "SYN018"),
      ("client-output-buffer-limit normal 1mb 2mb 60", "NET012"),
    ]
    for (line, id) in cases {
      let text = String(repeating: line + "\n", count: 12_345)
      let result = session.lint(LintSource(name: "x", kind: .conf, bytes: Array(text.utf8)))
      #expect(result.omitted.first { $0.id == id }?.count == 11_345, "\(id) \(result.omitted)")
    }
  }
}
