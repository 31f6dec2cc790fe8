import Testing

@testable import ConfLint

@Suite struct CompositionTests {
  private static let base = """
    redisops-policy: 1
    name: base
    targets: [redis:7.2]
    params: {least: 1gb}
    rules:
      - {id: TST001, slug: enough, severity: warning, directive: maxmemory, min: "{params.least}"}
      - {id: TST002, slug: fixed, severity: error, lock: true, require: "set('dir')"}
      - {id: OTH001, slug: other, severity: info, enabled: false, require: "set('hz')"}
    profiles:
      strict: {enable: [OTH], params: {least: 4gb}, severity-overrides: {enough: error}}
      lax: {disable: [TST002]}
    """

  private func compose(_ text: String, profile: String? = nil, parameters: [(String, String)] = [])
    -> LoadedPolicy
  {
    loader(["policy.yml": text, "base.yml": Self.base]).load(
      .init(
        policies: ["policy.yml"], profile: profile,
        parameters: parameters.map { (name: $0.0, value: $0.1) }))
  }

  private func extending(_ lines: String) -> String {
    "redisops-policy: 1\nname: mine\nextends: [base.yml]\n" + lines
  }

  private func messages(_ loaded: LoadedPolicy) -> [String] {
    loaded.problems.map { "\($0.location) \($0.id) \($0.message)" }
  }

  /// Whether `enough` holds with this much memory.
  private func holds(_ policy: Policy?, gigabytes: Int) throws -> Bool {
    let rule = try #require(policy?.rule(named: "enough"))
    let scope = TestScope()
    scope.written = ["maxmemory": .quantity(ExactNumber(gigabytes << 30), .bytes)]
    if case .passed = RuleEvaluator(scope).outcome(rule) { return true }
    return false
  }

  @Test func `a policy keeps, changes and adds to what it extends`() throws {
    let loaded = compose(
      extending(
        """
        params: {least: 2gb}
        severity-overrides: {OTH: error, enough: off}
        rules:
          - {id: TST002, message: "no directory"}
          - {id: NEW001, slug: new, severity: info, require: "set('hz')"}
        """))
    let policy = try #require(loaded.policy, "\(messages(loaded))")
    #expect(policy.name == "mine")
    #expect(policy.targets.map(\.description) == ["redis:7.2.15"])
    #expect(policy.files == ["base.yml", "policy.yml"])
    #expect(policy.rules.map(\.id) == ["NEW001", "OTH001", "TST001", "TST002"])
    #expect(policy.activeRules.map(\.id) == ["NEW001", "TST002"])
    #expect(policy.rule(named: "OTH001")?.severity == .error)
    #expect(policy.rule(named: "enough")?.severity == nil)
    let changes = try #require(policy.rule(named: "TST002")?.changes)
    #expect(changes.map { "\($0.key) \($0.origin)" } == ["message policy.yml:7"])
    #expect(try !holds(policy, gigabytes: 1))
    #expect(try holds(policy, gigabytes: 2))
  }

  @Test func `profiles and parameters of the command line have the last word`() throws {
    let strict = try #require(compose(extending(""), profile: "strict").policy)
    #expect(strict.activeRules.map(\.id) == ["OTH001", "TST001", "TST002"])
    #expect(strict.rule(named: "enough")?.severity == .error)
    #expect(try !holds(strict, gigabytes: 2))
    let given = compose(extending(""), profile: "strict", parameters: [("least", "2gb")])
    #expect(try holds(given.policy, gigabytes: 2))
    #expect(messages(compose(extending(""), profile: "stirct")).first?.contains("'strict'") == true)
    let wrong = compose(extending(""), parameters: [("last", "2gb")])
    #expect(wrong.policy == nil)
    #expect(messages(wrong).first?.contains("did you mean 'least'") == true)
  }

  @Test func `a rule's own parameters give way to those of a later file`() throws {
    let files = [
      "base.yml": """
      redisops-policy: 1
      params: {least: 8gb}
      rules:
        - {id: TST001, slug: enough, severity: error, directive: maxmemory,
           min: "{params.least}", params: {least: 2gb}}
      """,
      "policy.yml": "redisops-policy: 1\nextends: [base.yml]\nparams: {least: 1gb}",
    ]
    let base = loader(files).load(.init(policies: ["base.yml"]))
    #expect(try !holds(base.policy, gigabytes: 1))
    #expect(try holds(base.policy, gigabytes: 2))
    let extending = loader(files).load(.init(policies: ["policy.yml"]))
    #expect(try holds(extending.policy, gigabytes: 1))
  }

  struct Refusal: CustomTestStringConvertible, Sendable {
    var lines: String
    var id: String
    var place: String
    var says: String
    var profile: String?
    var testDescription: String { lines }

    init(
      _ lines: String, _ id: String, at place: String, _ says: String, profile: String? = nil
    ) {
      (self.lines, self.id, self.place, self.says) = (lines, id, place, says)
      self.profile = profile
    }
  }

  @Test(arguments: [
    Refusal(
      "rules: [{id: TST001, require: \"true\"}]", "POL005", at: "policy.yml:4:9",
      "override: true"),
    Refusal(
      "rules: [{id: TST002, severity: warning}]", "POL009", at: "policy.yml:4:32", "locked"),
    Refusal(
      "rules: [{id: TST002, override: true, require: \"true\"}]", "POL009", at: "policy.yml:4:47",
      "locked"),
    Refusal("rules: [{id: TST002, when: {file: acl}}]", "POL009", at: "policy.yml:4:28", "locked"),
    Refusal("severity-overrides: {fixed: off}", "POL009", at: "policy.yml:4:29", "weaken"),
    Refusal("severity-overrides: {TST: info}", "POL009", at: "policy.yml:4:27", "weaken"),
    Refusal(
      "exceptions: [{rule: TST002, reason: x}]", "POL009", at: "policy.yml:4:21", "no exceptions"),
    Refusal("", "POL009", at: "base.yml:11:19", "locked", profile: "lax"),
    Refusal("severity-overrides: {TST009: off}", "POL007", at: "policy.yml:4:30", "'TST001'"),
    Refusal("severity-overrides: {enugh: off}", "POL007", at: "policy.yml:4:29", "'enough'"),
    Refusal("severity-overrides: {enough: of}", "POL010", at: "policy.yml:4:30", "'off'"),
    Refusal(
      "exceptions: [{rule: TST001}]", "POL004", at: "policy.yml:4:14", "a rule and a reason"),
    Refusal(
      "exceptions: [{rule: TST001, reason: x, until: 2027-02-29}]", "POL010",
      at: "policy.yml:4:47", "such as 2027-04-01"),
    Refusal("targets: [redis:7.3]", "POL010", at: "policy.yml:4:11", "7.3 is not known"),
    Refusal(
      "rules:\n  - {id: AB001, slug: a, severity: info, require: \"true\"}\n"
        + "  - {id: AB001, slug: b, severity: info, require: \"true\"}",
      "POL005", at: "policy.yml:6:5", "already on line 5"),
    Refusal("rules: [{id: ab1, severity: info}]", "POL010", at: "policy.yml:4:14", "capital"),
    Refusal("rulse: []", "POL002", at: "policy.yml:4:1", "did you mean 'rules'"),
  ])
  func `what is wrong is told with its place, and no policy comes of it`(_ example: Refusal) {
    let loaded = compose(extending(example.lines), profile: example.profile)
    #expect(loaded.policy == nil)
    let messages = messages(loaded)
    #expect(messages.count == 1, "\(messages)")
    #expect(messages.first?.hasPrefix("\(example.place) \(example.id) ") == true, "\(messages)")
    #expect(messages.first?.contains(example.says) == true, "\(messages)")
  }

  @Test func `policies may share a base and must not go in circles`() throws {
    let files = [
      "a.yml": "redisops-policy: 1\nextends: [sub/b.yml, ./base.yml]",
      "sub/b.yml": "redisops-policy: 1\nextends: ['../base.yml', 'builtin:x']",
      "base.yml": Self.base, "builtin:x": "redisops-policy: 1\nname: x",
      "loop.yml": "redisops-policy: 1\nextends: [sub/loop.yml]",
      "sub/loop.yml": "redisops-policy: 1\nextends: [../loop.yml]",
      "self.yml": "redisops-policy: 1\nextends: [self.yml]",
      "typo.yml": "redisops-policy: 1\nextends: [builtin:y, absent.yml]",
    ]
    let shared = loader(files).load(.init(policies: ["a.yml"]))
    #expect(shared.policy?.files == ["base.yml", "builtin:x", "sub/b.yml", "a.yml"])
    let loop = loader(files).load(.init(policies: ["loop.yml"]))
    #expect(loop.policy == nil)
    #expect(messages(loop).first?.contains("loop.yml → sub/loop.yml → loop.yml") == true)
    #expect(loader(files).load(.init(policies: ["self.yml"])).policy == nil)
    let typo = messages(loader(files).load(.init(policies: ["typo.yml"])))
    #expect(typo.count == 2, "\(typo)")
    #expect(typo.first?.contains("did you mean 'x'") == true, "\(typo)")
    #expect(typo.last?.contains("No such file") == true, "\(typo)")
    let absent = messages(loader(files).load(.init(policies: ["none.yml"])))
    #expect(absent.first?.hasPrefix("none.yml:1:1 POL008") == true, "\(absent)")
  }

  @Test func `a policy is one map with its schema's number`() {
    for (text, id) in [
      ("rules: []", "POL004"), ("redisops-policy: 2", "POL010"), ("- a", "POL003"),
      ("redisops-policy: 1\nrules: x", "POL003"), ("redisops-policy: 1\n---\na: b", "POL001"),
      ("", "POL001"), ("redisops-policy: 1\nname: a\nname: b", "POL005"),
    ] {
      let loaded = load(text)
      #expect(loaded.policy == nil, "\(text)")
      #expect(loaded.problems.map(\.id) == [id], "\(text): \(messages(loaded))")
    }
  }
}
