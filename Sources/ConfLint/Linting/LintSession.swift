import Findings
import RedisConf
import RedisModel

/// A server that a file is read for.
public struct LintTarget: Sendable {
  /// As the user spelled it.
  public var name: String
  /// The server.
  public var version: ServerVersion

  /// A target.
  public init(name: String, version: ServerVersion) {
    self.name = name
    self.version = version
  }

  /// The servers that a file is read for when nobody names any.
  public static let usual: [LintTarget] = [
    "redis:6.2", "redis:7.0", "redis:7.2", "redis:7.4", "redis:8.0", "redis:8.6", "valkey:8.1",
    "valkey:9.1",
  ].compactMap { name in
    (try? ServerVersion(target: name)).map { LintTarget(name: name, version: $0) }
  }
}

/// A configuration to lint.
public struct LintSource: Sendable {
  /// The path as reports name it.
  public var name: String
  /// What it is.
  public var kind: ConfFileKind
  /// Its bytes.
  public var bytes: [UInt8]
  /// The bytes of the file of suppressions beside an ACL file.
  public var sidecar: [UInt8]?

  /// A source.
  public init(name: String, kind: ConfFileKind, bytes: [UInt8]) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
  }
}

/// What a session may ask about the machine; everything else is given.
public struct LintEnvironment {
  /// Files that the configuration of that path includes.
  public var files: (String) -> any ConfFiles
  /// The day, `2026-11-24`.
  public var today: String
  /// The permission bits of a file; nil when nobody asked to look at this host.
  public var mode: (String) -> UInt16? = { _ in nil }
  /// The bytes of a file; nil when nobody asked to look at this host, or it cannot be read.
  public var contents: (String) -> [UInt8]? = { _ in nil }
  /// Whether a file exists that the configuration of that path names; nil when that cannot be told
  /// here.
  public var exists: (_ path: String, _ source: String) -> Bool? = { _, _ in nil }

  /// An environment.
  public init(files: @escaping (String) -> any ConfFiles, today: String) {
    self.files = files
    self.today = today
  }
}

/// Whether a server starts from a file.
public struct TargetVerdict: Sendable, Hashable {
  /// The target as the user spelled it.
  public var target: String
  /// Why it does not; nil when it does.
  public var refusal: ConfRefusal?
}

/// What came of one configuration.
public struct LintResult {
  /// The file.
  public var name: String
  /// What each target does with it.
  public var verdicts: [TargetVerdict] = []
  /// Findings that count.
  public var findings: [Finding] = []
  /// Findings that somebody decided to live with.
  public var suppressed: [SuppressedFinding] = []
  /// Rules that could not be decided.
  public var skipped: [SkippedRule] = []
  /// Findings beyond the first thousand of a rule, which are only counted.
  public var omitted: [OmittedFindings] = []
  /// Files that were read besides: includes, the ACL file.
  public var files: [String] = []
  /// What comparisons with other files need, as the first target reads it.
  var member: FleetMember?
}

/// Lints configurations under one policy.
public struct LintSession {
  private let policy: Policy
  private let targets: [LintTarget]
  private let isExplicit: Bool
  private let facts: Facts
  private let environment: LintEnvironment
  /// In boxes, for a rule has many parts to copy.
  private let boxes: [RuleBox]
  /// Ids of the rules that run.
  private let wanted: Set<String>
  /// Rules that say that a server refuses the file.
  private let refusals: Set<String>
  private let types = CatalogueTypes()

  /// - Parameters:
  ///   - rules: ids of the rules to run; nil for those that the policy has switched on.
  public init(
    policy: Policy, targets: [LintTarget], isExplicit: Bool, facts: Facts,
    environment: LintEnvironment, rules ids: Set<String>? = nil
  ) {
    self.policy = policy
    self.targets = targets
    self.isExplicit = isExplicit
    self.facts = facts
    self.environment = environment
    let rules =
      ids.map { ids in policy.rules.filter { ids.contains($0.id) && $0.severity != nil } }
      ?? policy.activeRules
    boxes = rules.map { RuleBox($0) }
    wanted = Set(rules.map(\.id))
    refusals = Set(rules.filter { $0.tags.contains("refused") }.map(\.id))
      .union(["SYN001", "SYN002", "SYN003", "SYN004", "SYN009", "SYN010", "SEC010"])
  }

  private final class RuleBox: Sendable {
    let rule: PolicyRule
    /// Where to read more; one text for all findings of the rule.
    let help: String

    init(_ rule: PolicyRule) {
      self.rule = rule
      help = "redisops lint explain \(rule.id)"
    }
  }

  /// The rules that run, with what reports say about them.
  public var descriptions: [RuleDescription] {
    boxes.map(\.rule.description) + SuppressionRules.all
  }

  /// Lints sources, each on its own and then against each other.
  public func lint(_ sources: [LintSource]) -> [LintResult] {
    var results = sources.map { lint($0) }
    compare(&results)
    return results
  }

  // MARK: One file

  /// Lints one source on its own.
  public func lint(_ source: LintSource) -> LintResult {
    var result = LintResult(name: source.name)
    var perTarget: [TargetFindings] = []
    var skipped: [String: Set<String>] = [:]
    var omitted: [String: Int] = [:]
    let comments =
      source.kind == .acl
      ? source.sidecar.map { ACLSidecar.comments($0, acl: source.bytes) } ?? LinterComments([])
      : LinterComments(source.bytes)
    let facts = facts(with: comments, source, &result)
    var textHits: [String: RuleHits]?
    var known: [RuleFile] = []
    let document =
      source.kind == .acl
      ? ConfDocument(aclName: source.name, bytes: source.bytes)
      : ConfDocument(name: source.name, bytes: source.bytes)
    for target in targets {
      let input = input(source, document, target, facts, &known)
      if result.verdicts.isEmpty {
        result.member = FleetMember(input)
        result.files = input.files.map(\.name)
      }
      result.verdicts.append(
        TargetVerdict(target: target.name, refusal: input.reading.refusal))
      var hits = textHits ?? CodeChecks.text(input.files) { wanted.contains($0) }
      if textHits == nil { textHits = hits }
      for (id, found) in CodeChecks.reading(input, { wanted.contains($0) }) {
        hits[id, default: RuleHits()].append(found)
      }
      let scope = ReadingScope(
        input.reading, files: input.files, kind: source.kind, facts: facts, types: types)
      perTarget.append(
        TargetFindings(target: target.name, findings: findings(scope, hits, &skipped, &omitted)))
    }
    let merge = TargetMerge(refusals: refusals, isExplicit: isExplicit)
    let found = merge.merged(perTarget).map { withSuitableFix($0) }
    let fired = Set(found.map(\.id))
    result.skipped = skipped.filter { !fired.contains($0.key) }.map {
      SkippedRule(id: $0.key, file: source.name, missing: $0.value.sorted())
    }.sorted { $0.id < $1.id }
    result.omitted = omitted.filter { $0.value > 0 }.map {
      OmittedFindings(id: $0.key, file: source.name, count: $0.value)
    }.sorted { $0.id < $1.id }
    suppress(found, comments, source, wanted, &result)
    return result
  }

  /// The finding without a fix that would add a line which some target refuses, or reads otherwise.
  private func withSuitableFix(_ finding: Finding) -> Finding {
    guard let fix = finding.fix else { return finding }
    // Before 6.2 a file without save lines means no snapshots: the defaults are no default there.
    let isOld = targets.contains {
      $0.version.product == .redis && !$0.version.isAtLeast(.redis, 6, 2)
    }
    let isSuitable = fix.edits.filter { $0.byteCount == 0 }.allSatisfy { edit in
      edit.replacement.split(separator: "\n").allSatisfy { line in
        let name = String(line.prefix { $0 != " " && $0 != "\r" })
        guard let found = DirectiveCatalogue.shared.find(name) else { return true }
        if name == "save", isOld { return false }
        return targets.allSatisfy { target in
          let server = DirectiveCatalogue.shared.server(for: target.version)
          return found.spelling.servers & (1 << UInt32(server)) != 0
        }
      }
    }
    var finding = finding
    if !isSuitable { finding.fix = nil }
    return finding
  }

  private func facts(
    with comments: LinterComments, _ source: LintSource, _ result: inout LintResult
  ) -> Facts {
    var facts = facts
    for (name, value, line) in comments.facts {
      do {
        try facts.set(name, to: value)
      } catch {
        result.findings.append(
          Finding(
            SuppressionRules.unknown, at: Location(file: source.name, line: line),
            error.description))
      }
    }
    if facts.words("role").isEmpty, source.kind == .sentinel {
      try? facts.set("role", to: "sentinel")
    }
    return facts
  }

  private func input(
    _ source: LintSource, _ document: ConfDocument, _ target: LintTarget, _ facts: Facts,
    _ known: inout [RuleFile]
  ) -> RuleInput {
    let reading: ServerReading
    if source.kind == .acl {
      reading = ServerReading(acl: document, target: target.version)
    } else {
      reading = ServerReading(
        document, target: target.version, isSentinel: source.kind == .sentinel,
        files: environment.files(source.name))
    }
    let files = reading.documents.enumerated().map { index, document -> RuleFile in
      let kind = index == reading.aclDocument ? .acl : source.kind
      // Most targets read the same files.
      if let same = known.first(where: {
        $0.name == document.name && $0.kind == kind && $0.bytes == document.bytes
      }) {
        return same
      }
      let file = RuleFile(name: document.name, kind: kind, bytes: document.bytes)
      known.append(file)
      return file
    }
    return RuleInput(
      reading: reading, files: files, facts: facts, targets: targets.map(\.version),
      isExplicit: isExplicit, mode: environment.mode, contents: environment.contents,
      today: PolicyDate(environment.today),
      exists: { [exists = environment.exists] in exists($0, source.name) })
  }

  private func findings(
    _ scope: ReadingScope, _ hits: [String: RuleHits], _ skipped: inout [String: Set<String>],
    _ omitted: inout [String: Int]
  ) -> [Finding] {
    var result: [Finding] = []
    let evaluator = RuleEvaluator(scope)
    for box in boxes {
      if box.rule.isCode {
        guard let found = hits[box.rule.id], evaluator.condition(of: box.rule) == nil else {
          continue
        }
        result += found.hits.map { finding(box, $0) }
        omitted[box.rule.id] = max(omitted[box.rule.id] ?? 0, found.omittedCount)
        continue
      }
      switch evaluator.outcome(box.rule) {
      case .fired(let found, let more):
        result += found.map { explained($0, box) }
        omitted[box.rule.id] = max(omitted[box.rule.id] ?? 0, more)
      case .skipped(let causes):
        let facts = causes.compactMap { cause in
          if case .fact(let name) = cause { return name }
          return nil
        }
        if !facts.isEmpty { skipped[box.rule.id, default: []].formUnion(facts) }
      case .passed, .notApplicable: break
      }
    }
    return result
  }

  private func finding(_ box: RuleBox, _ hit: RuleHits.Hit) -> Finding {
    let rule = box.rule
    let own = rule.severity ?? .info
    var finding = Finding(
      rule.id, slug: rule.slug, rule.severity == rule.ownSeverity ? hit.severity ?? own : own,
      at: hit.location, hit.message)
    finding.directive = hit.directive
    finding.identity = hit.identity
    finding.fix = hit.fix
    finding.notes = hit.notes
    return explained(finding, box)
  }

  private func explained(_ finding: Finding, _ box: RuleBox) -> Finding {
    var finding = finding
    finding.help = box.help
    return finding
  }

  // MARK: Suppressions

  private func suppress(
    _ found: [Finding], _ comments: LinterComments, _ source: LintSource,
    _ wanted: Set<String>, _ result: inout LintResult
  ) {
    let catalogue = RuleSelection(policy)
    let suppressor = Suppressor(
      today: environment.today, locked: Set(policy.rules.filter(\.isLocked).map(\.id)),
      resolve: { catalogue.ids($0) }, nearest: { catalogue.nearest($0) })
    let outcome = suppressor.apply(
      comments, of: source.name,
      in: source.sidecar == nil ? nil : source.name + ACLSidecar.suffix, to: found
    ) { wanted.contains($0) }
    result.suppressed = outcome.suppressed
    for finding in outcome.findings {
      if let exception = exception(for: finding) {
        result.suppressed.append(
          SuppressedFinding(finding, reason: exception.reason, isInSource: false))
      } else {
        result.findings.append(finding)
      }
    }
  }

  private func exception(for finding: Finding) -> PolicyException? {
    policy.exceptions.first { exception in
      guard exception.rule == finding.id || exception.rule == finding.slug else { return false }
      if let until = exception.until, until.description < environment.today { return false }
      return exception.files.isEmpty
        || exception.files.contains { PathGlob.matches($0, finding.location.file) }
    }
  }

  // MARK: Several files

  /// Adds what the sources of several results have against each other.
  public func compare(_ results: inout [LintResult]) {
    guard results.count > 1 else { return }
    let hits = FleetChecks.check(results.compactMap(\.member)) { wanted.contains($0) }
    var found: [Finding] = []
    for box in boxes {
      guard let own = hits[box.rule.id] else { continue }
      found += own.hits.map { finding(box, $0) }
    }
    let places = Dictionary(
      results.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    for finding in found {
      results[places[finding.location.file] ?? 0].findings.append(finding)
    }
  }
}
