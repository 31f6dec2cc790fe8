import Findings
import RedisConf
import RedisModel

/// Runs the examples of rules, which are their tests.
public struct PolicyTester {
  /// What came of it.
  public struct Outcome: Sendable {
    /// Rules that have examples.
    public internal(set) var ruleCount = 0
    /// Examples that were run.
    public internal(set) var exampleCount = 0
    /// Examples that did not behave, where they are written.
    public internal(set) var failures: [Finding] = []
  }

  private let policy: Policy
  private let types = CatalogueTypes()

  /// A tester of a policy that was loaded with its documentation.
  public init(_ policy: Policy) {
    self.policy = policy
  }

  /// Runs the examples of all rules that `isWanted` lets through.
  ///
  /// A good example must not fire for any server, a bad one must for at least one of those that it
  /// names or, if it names none, that the policy or the linter usually reads for. And it must stop
  /// firing when the requirement is turned into its contrary: a rule that fires either way does not
  /// test what it says.
  public func run(_ isWanted: (PolicyRule) -> Bool = { _ in true }) -> Outcome {
    var outcome = Outcome()
    for rule in policy.rules where !rule.examples.isEmpty && isWanted(rule) {
      outcome.ruleCount += 1
      for example in rule.examples {
        outcome.exampleCount += 1
        if let message = failure(of: example, in: rule) {
          let place = example.origin
          outcome.failures.append(
            Finding(
              PolicyProblem.failedTest.description,
              at: Location(file: place.file, line: place.line, column: place.column),
              "\(rule.id): \(message)"))
        }
      }
    }
    return outcome
  }

  private func failure(of example: RuleExample, in rule: PolicyRule) -> String? {
    let rule = example.variant ?? rule
    let targets: [LintTarget]
    do throws(TextInputError) {
      targets = try self.targets(example)
    } catch {
      return "the target of this example: \(error)"
    }
    if rule.isCode { return codeFailure(of: example, in: rule, targets) }
    var hasFired = false
    for target in targets {
      let scope = scope(example, target)
      guard case .fired(let findings, _) = RuleEvaluator(scope).outcome(rule) else { continue }
      hasFired = true
      if example.isGood {
        return "this good example fires for \(target.name): \(findings[0].message)"
      }
      let contrary = RuleEvaluator(scope, negated: true).outcome(rule)
      guard case .fired(let others, _) = contrary else { continue }
      let places = Set(findings.map(\.location))
      if others.contains(where: { places.contains($0.location) }) {
        return "this bad example fires for \(target.name) also when the requirement is negated"
      }
    }
    return example.isGood || hasFired ? nil : silence(example, rule, targets)
  }

  /// Why a bad example is silent, as far as that can be told.
  private func silence(
    _ example: RuleExample, _ rule: PolicyRule, _ targets: [LintTarget]
  ) -> String {
    var facts: Set<String> = []
    var hasPassed = false
    for target in targets {
      switch RuleEvaluator(scope(example, target)).outcome(rule) {
      case .passed: hasPassed = true
      case .skipped(let causes):
        for case .fact(let name) in causes { facts.insert(name) }
      case .fired, .notApplicable: break
      }
    }
    if hasPassed { return "this bad example does not fire: what the rule requires holds" }
    if !facts.isEmpty {
      let list = facts.sorted().joined(separator: ", ")
      return "this bad example does not fire: it needs facts: {\(list)}"
    }
    return "this bad example does not fire: the rule does not apply to it"
  }

  private func codeFailure(
    of example: RuleExample, in rule: PolicyRule, _ targets: [LintTarget]
  ) -> String? {
    let session = LintSession(
      policy: policy, targets: targets, isExplicit: example.target != nil, facts: example.facts,
      environment: LintEnvironment(files: { _ in NoFiles() }, today: "1970-01-01"),
      rules: [rule.id])
    let source = LintSource(
      name: example.kind, kind: ConfFileKind(rawValue: example.kind) ?? .conf,
      bytes: Array(example.text.utf8))
    let found = session.lint([source]).flatMap(\.findings).first { $0.id == rule.id }
    if example.isGood { return found.map { "this good example fires: \($0.message)" } }
    return found == nil ? "this bad example does not fire" : nil
  }

  private func targets(_ example: RuleExample) throws(TextInputError) -> [LintTarget] {
    if let name = example.target {
      return [LintTarget(name: name, version: try ServerVersion(target: name))]
    }
    if policy.targets.isEmpty { return LintTarget.usual }
    return policy.targets.map { LintTarget(name: "\($0)", version: $0) }
  }

  private func scope(_ example: RuleExample, _ target: LintTarget) -> ReadingScope {
    let bytes = Array(example.text.utf8)
    let kind = ConfFileKind(rawValue: example.kind) ?? .conf
    let reading =
      kind == .acl
      ? ServerReading(
        acl: ConfDocument(aclName: example.kind, bytes: bytes), target: target.version)
      : ServerReading(
        ConfDocument(name: example.kind, bytes: bytes), target: target.version,
        isSentinel: kind == .sentinel, files: NoFiles())
    return ReadingScope(
      reading, files: [RuleFile(name: example.kind, kind: kind, bytes: bytes)], kind: kind,
      facts: example.facts, types: types)
  }

  /// Examples include nothing.
  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }
}
