import Foundation
import RedisConf
import TestSupport
import Testing

@testable import ConfLint

@Suite struct PolicyTesterTests {
  private func outcome(_ text: String) throws -> PolicyTester.Outcome {
    let loaded = LintPolicies.load(.init(policies: ["policy.yml"])) {
      _ throws(PolicyLoader.ReadError) in Array(text.utf8)
    }
    return PolicyTester(try #require(loaded.policy, "\(loaded.problems.map(\.message))")).run()
  }

  @Test func `rules of every form keep what their examples promise`() throws {
    let file = ProjectFolders.fixtures.appending(path: "policies/worked-rules.yml")
    let outcome = try outcome(String(decoding: readBytes(file), as: UTF8.self))
    #expect(outcome.failures.map(\.message) == [])
    #expect(outcome.ruleCount == 8)
    #expect(outcome.exampleCount == 28)
  }

  @Test func `an example that does not behave is told with its place and the reason`() throws {
    let outcome = try outcome(
      """
      redisops-policy: 1
      rules:
        - id: TST001
          severity: error
          require: "directive('maxmemory') >= host.memory"
          tests:
            good: [{conf: "maxmemory 1gb", facts: {host.memory: 2gb}}]
            bad: ["maxmemory 1gb", {conf: "maxmemory 3gb", facts: {host.memory: 2gb}}]
        - id: TST002
          severity: error
          when: {version: ">=8.0"}
          require: set('save')
          tests:
            bad: [{conf: "port 1", target: "redis:7.0"}, {conf: "port 1", target: "redis:7.3"}]
        - id: TST003
          severity: error
          for-each: save
          require: it.argc == 2 and it.argc == 3
          tests: {bad: ["save 900 1"]}
      """)
    let messages = outcome.failures.map { "\($0.location.line ?? 0): \($0.message)" }
    #expect(messages.count == 5, "\(messages)")
    #expect(messages[0].hasPrefix("7: TST001: this good example fires for redis:6.2"))
    #expect(
      messages[1] == "8: TST001: this bad example does not fire: it needs facts: {host.memory}")
    #expect(messages[2].hasSuffix("what the rule requires holds"))
    #expect(messages[3].hasSuffix("the rule does not apply to it"))
    #expect(messages[4].contains("7.3 is not known"))
  }

  @Test func `an example may set parameters`() throws {
    let rule = """
      redisops-policy: 1
      params: {limit: 1gb}
      rules:
        - id: TST001
          severity: error
          params: {least: 1mb}
          require: "directive('maxmemory') in [params.least, params.limit]"
          tests:
            good: ["maxmemory 1gb", {conf: "maxmemory 4gb", params: {limit: 4gb}}]
            bad: ["maxmemory 4gb", {conf: "maxmemory 1mb", params: {least: 2mb}}]

      """
    let outcome = try outcome(rule)
    #expect(outcome.failures.map(\.message) == [])
    #expect(outcome.exampleCount == 4)
    let bad = rule.replacing("params: {least: 2mb}", with: "params: {lest: 2mb}")
    let loaded = LintPolicies.load(.init(policies: ["policy.yml"])) {
      _ throws(PolicyLoader.ReadError) in Array(bad.utf8)
    }
    #expect(
      loaded.problems.map(\.message) == ["there is no parameter 'lest'; did you mean 'least'?"])
  }

  /// The baseline on the text that it was made from, without any fact.
  @Test(.needsSharedData) func `the production baseline judges its own seed`() throws {
    let shared = try #require(SharedData.root)
    let bytes = try readBytes(shared.appending(path: "conf/samples/wl-baseline-seed.conf"))
    let loaded = LintPolicies.load(.init(policies: ["production-baseline"])) {
      path throws(PolicyLoader.ReadError) in throw PolicyLoader.ReadError(path)
    }
    let policy = try #require(loaded.policy)
    for target in policy.targets {
      let reading = ServerReading(
        ConfDocument(name: "seed", bytes: bytes), target: target, isSentinel: false,
        files: NoFiles())
      let scope = ReadingScope(
        reading, files: [RuleFile(name: "seed", kind: .conf, bytes: bytes)], kind: .conf,
        facts: Facts(), types: CatalogueTypes())
      var outcomes: [String: [String]] = [:]
      for rule in policy.rules where rule.id.hasPrefix("BASE") {
        let word =
          switch RuleEvaluator(scope).outcome(rule) {
          case .passed: "passed"
          case .fired: "fired"
          case .skipped: "skipped"
          case .notApplicable: "not applicable"
          }
        outcomes[word, default: []].append(rule.id)
      }
      var passed = ["BASE001", "BASE004", "BASE005", "BASE006", "BASE007", "BASE008", "BASE010"]
      // Valkey 8.1 ignores dynamic-hz.
      if target.product == .valkey { passed.removeAll { $0 == "BASE008" } }
      #expect(Set(outcomes["passed"] ?? []).isSuperset(of: passed), "\(target): \(outcomes)")
      #expect(outcomes["fired"] == ["BASE017", "BASE019", "BASE020"], "\(target): \(outcomes)")
      let skipped = Set(outcomes["skipped"] ?? [])
      #expect(skipped.isSuperset(of: ["BASE009", "BASE012", "BASE018"]), "\(target): \(outcomes)")
    }
  }

  private struct NoFiles: ConfFiles {
    func read(_ path: String) -> [UInt8]? { nil }
    func matches(_ pattern: String) -> [String] { [] }
  }
}
