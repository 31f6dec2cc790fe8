import Findings
import RedisConf
import RedisModel
import Testing

@testable import ConfLint

/// The policies of the program, loaded once.
enum RuleBook {
  static let loaded = LintPolicies.load(
    PolicyLoader.Request(policies: ["recommended", "production-baseline"])
  ) { path throws(PolicyLoader.ReadError) in
    throw PolicyLoader.ReadError("no file \(path) in this test")
  }

  static var rules: [PolicyRule] { loaded.policy?.rules ?? [] }
}

/// Examples of rules, which are their tests.
@Suite struct RuleBookTests {
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }

  private func targets(_ example: RuleExample) throws -> [LintTarget] {
    guard let name = example.target else { return LintTarget.usual }
    return [LintTarget(name: name, version: try ServerVersion(target: name))]
  }

  private func scope(_ example: RuleExample, _ target: LintTarget) -> ReadingScope {
    let bytes = Array(example.text.utf8)
    let kind = ConfFileKind(rawValue: example.kind) ?? .conf
    let reading =
      kind == .acl
      ? ServerReading(acl: ConfDocument(aclName: "x", bytes: bytes), target: target.version)
      : ServerReading(
        ConfDocument(name: "x", bytes: bytes), target: target.version,
        isSentinel: kind == .sentinel, files: NoFiles())
    let files = [RuleFile(name: "x", kind: kind, bytes: bytes)]
    return ReadingScope(
      reading, files: files, kind: kind, facts: example.facts, types: CatalogueTypes())
  }

  private func fires(
    _ rule: PolicyRule, _ example: RuleExample, _ target: LintTarget, negated: Bool = false
  ) -> Bool {
    let evaluator = RuleEvaluator(scope(example, target), negated: negated)
    if case .fired = evaluator.outcome(rule) { return true }
    return false
  }

  @Test func `the policies of the program load without a problem`() throws {
    #expect(RuleBook.loaded.problems.map { $0.line() } == [])
    #expect(RuleBook.rules.count == 253 + 20)
    for name in LintPolicies.names {
      let loaded = LintPolicies.load(PolicyLoader.Request(policies: [name])) {
        path throws(PolicyLoader.ReadError) in throw PolicyLoader.ReadError(path)
      }
      #expect(loaded.policy != nil, "\(name): \(loaded.problems.map { $0.line() })")
    }
  }

  @Test func `without documentation every rule is the same and keeps its place`() throws {
    let names = ["recommended", "production-baseline"]
    let short = LintPolicies.load(.init(policies: names, withDocumentation: false)) {
      path throws(PolicyLoader.ReadError) in throw PolicyLoader.ReadError(path)
    }
    #expect(short.problems.map { $0.line() } == [])
    let rules = try #require(short.policy).rules
    #expect(rules.map(\.id) == RuleBook.rules.map(\.id))
    for (rule, whole) in zip(rules, RuleBook.rules) {
      #expect(rule.origin == whole.origin)
      #expect(rule.slug == whole.slug && rule.severity == whole.severity)
      #expect(rule.tags == whole.tags && rule.parts.anchors == whole.parts.anchors)
      let (short, long) = (rule.parts.requirement as Any, whole.parts.requirement as Any)
      #expect("\(short)" == "\(long)", "\(rule.id)")
      #expect("\(rule.conditions.guards)" == "\(whole.conditions.guards)", "\(rule.id)")
      for target in LintTarget.usual.map(\.version) {
        #expect(rule.conditions.fits(target) == whole.conditions.fits(target), "\(rule.id)")
      }
      #expect("\(rule.parts.message)" == "\(whole.parts.message)", "\(rule.id)")
      #expect("\(rule.parts.severityIf)" == "\(whole.parts.severityIf)", "\(rule.id)")
      #expect("\(rule.parts.fix as Any)" == "\(whole.parts.fix as Any)", "\(rule.id)")
      #expect(rule.rationale.isEmpty && rule.examples.isEmpty, "\(rule.id)")
    }
  }

  @Test func `a good example is silent and a bad one is told`() throws {
    for rule in RuleBook.rules where !rule.isCode {
      #expect(rule.examples.contains { !$0.isGood }, "\(rule.id) has no bad example")
      for example in rule.examples {
        let found = try targets(example).filter { fires(rule, example, $0) }
        #expect(
          found.isEmpty == example.isGood,
          "\(rule.id) \(example.isGood ? "good" : "bad") \(example.text.debugDescription)")
        // What is required is what decides: the contrary silences the rule.
        for target in found where !example.isGood && rule.forEach == nil {
          #expect(!fires(rule, example, target, negated: true), "\(rule.id) negated")
        }
      }
    }
  }

  @Test func `examples of rules in Swift are told, too`() throws {
    let policy = try #require(RuleBook.loaded.policy)
    for rule in RuleBook.rules where rule.isCode {
      for example in rule.examples {
        let session = LintSession(
          policy: policy, targets: try targets(example), isExplicit: example.target != nil,
          facts: example.facts,
          environment: LintEnvironment(files: { _ in NoFiles() }, today: "2026-11-24"),
          rules: [rule.id])
        let source = LintSource(
          name: "x", kind: ConfFileKind(rawValue: example.kind) ?? .conf,
          bytes: Array(example.text.utf8))
        let found = session.lint([source])[0].findings.filter { $0.id == rule.id }
        #expect(
          found.isEmpty == example.isGood,
          "\(rule.id) \(example.isGood ? "good" : "bad") \(example.text.debugDescription)")
      }
    }
  }
}
