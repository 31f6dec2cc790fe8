import ByteKit
import ConfLint
import Findings
import RedisModel

/// Everything that a run of the linter starts from: policy, targets, facts, the choice of rules.
struct LintSetup {
  /// The policy.
  let policy: Policy
  /// The servers.
  let targets: [LintTarget]
  /// Whether the user or the policy named them.
  let isExplicit: Bool
  /// What is known.
  let facts: Facts
  /// Ids of the rules to run; nil for those that the policy has switched on.
  let rules: Set<String>?
  /// Whether the machine itself may be looked at.
  let looksAtHost: Bool

  private static let workloads = [
    "cache", "session", "lock", "rate-limiter", "leaderboard", "queue", "stream", "pubsub",
    "primary-store",
  ]

  /// Reads policies and facts.
  ///
  /// - Parameter withDocumentation: whether rationales and examples are needed.
  /// - Throws: `ExitStatus` after saying what is wrong.
  init(_ options: LintOptions, _ diagnostics: Diagnostics, withDocumentation: Bool = false) throws {
    var request = try Self.request(options)
    request.withDocumentation = withDocumentation
    policy = try Self.load(request, diagnostics)
    facts = try Self.facts(options, request.policies, diagnostics)
    let named = try Self.targets(options)
    if !named.isEmpty {
      targets = named
    } else if !policy.targets.isEmpty {
      targets = policy.targets.map { LintTarget(name: "\($0)", version: $0) }
    } else {
      targets = LintTarget.usual
    }
    isExplicit = !named.isEmpty || !policy.targets.isEmpty
    rules = try Self.rules(options, policy)
    looksAtHost = options.factsFromHost
  }

  /// The policies: those that the user named, with the built-in profiles among them.
  private static func request(_ options: LintOptions) throws -> PolicyLoader.Request {
    var request = PolicyLoader.Request(policies: options.policy)
    for profile in options.profile {
      if LintPolicies.names.contains(profile) {
        request.policies.append(profile)
      } else {
        request.profile = profile
      }
    }
    if request.policies.isEmpty { request.policies = ["recommended"] }
    for text in options.param {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
        StandardError.writeLine("redisops: --param takes name=value, not '\(text)'")
        throw ExitStatus.usage
      }
      request.parameters.append(
        (String(text[..<equals]), String(text[text.index(after: equals)...])))
    }
    return request
  }

  private static func load(
    _ request: PolicyLoader.Request, _ diagnostics: Diagnostics
  ) throws -> Policy {
    let loaded = LintPolicies.load(request) { path throws(PolicyLoader.ReadError) in
      do throws(InputError) {
        return try SmallFile.read(path)
      } catch {
        throw PolicyLoader.ReadError(error.message)
      }
    }
    report(loaded.problems)
    guard let policy = loaded.policy else { throw ExitStatus.unchecked }
    return policy
  }

  /// Problems of policies and facts go to standard error: they are no findings on the input.
  private static func report(_ problems: [Finding]) {
    for problem in FindingReport(problems).findings { StandardError.writeLine(problem.line()) }
  }

  private static func targets(_ options: LintOptions) throws -> [LintTarget] {
    try options.target.flatMap { $0.split(separator: ",") }.map { name in
      do {
        return LintTarget(name: String(name), version: try ServerVersion(target: String(name)))
      } catch {
        StandardError.writeLine("redisops: --target: \(error)")
        throw ExitStatus.usage
      }
    }
  }

  private static func facts(
    _ options: LintOptions, _ policies: [String], _ diagnostics: Diagnostics
  ) throws -> Facts {
    var facts = Facts()
    if options.factsFromHost {
      for (name, values) in HostFacts().all() {
        try set(name, values.joined(separator: ","), in: &facts, option: "--facts-from-host")
      }
    }
    for path in options.facts {
      let bytes: [UInt8]
      do throws(InputError) {
        bytes = try SmallFile.read(path)
      } catch {
        diagnostics.report(error, in: path)
        throw ExitStatus.unchecked
      }
      let (read, problems) = FactsReader.read(bytes, file: path)
      report(problems)
      if problems.contains(where: { $0.severity == .error }) { throw ExitStatus.unchecked }
      facts = facts.overridden(by: read)
    }
    for (name, value, option) in [
      ("container.memory", options.memoryLimit, "--memory-limit"),
      ("workload", options.workload, "--workload"), ("role", options.role, "--role"),
      ("env", options.env, "--env"), ("from", options.from, "--from"),
    ] {
      if let value { try set(name, value, in: &facts, option: option) }
    }
    try addProfile(policies, to: &facts)
    return facts
  }

  /// A profile of a workload or role says what the server is for, unless somebody said otherwise.
  private static func addProfile(_ policies: [String], to facts: inout Facts) throws {
    for name in policies.map({ $0.hasPrefix("builtin:") ? String($0.dropFirst(8)) : $0 }) {
      if workloads.contains(name), facts.words("workload").isEmpty {
        try set("workload", name, in: &facts, option: "--policy")
      }
      if name == "cluster" || name == "sentinel", facts.words("role").isEmpty {
        try set("role", name, in: &facts, option: "--policy")
      }
    }
  }

  private static func set(
    _ name: String, _ value: String, in facts: inout Facts, option: String
  ) throws {
    do {
      try facts.set(name, to: value)
    } catch {
      StandardError.writeLine("redisops: \(option): \(error)")
      throw ExitStatus.usage
    }
  }

  private static func rules(_ options: LintOptions, _ policy: Policy) throws -> Set<String>? {
    guard !options.select.isEmpty || !options.ignore.isEmpty else { return nil }
    let selection = RuleSelection(policy)
    func ids(_ words: [String], _ option: String) throws -> Set<String> {
      var result: Set<String> = []
      for word in words.flatMap({ $0.split(separator: ",") }) {
        let found = selection.ids(String(word))
        if found.isEmpty {
          let hint = selection.nearest(String(word)).map { "; did you mean \($0)?" } ?? ""
          StandardError.writeLine("redisops: \(option): there is no rule '\(word)'\(hint)")
          throw ExitStatus.usage
        }
        result.formUnion(found)
      }
      return result
    }
    var wanted = Set(policy.activeRules.map(\.id))
    if !options.select.isEmpty { wanted = try ids(options.select, "--select") }
    wanted.subtract(try ids(options.ignore, "--ignore"))
    return wanted
  }
}
