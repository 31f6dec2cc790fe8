import ByteKit
import YAMLTree

/// A policy file whose keys are known, before anything in it is resolved.
struct PolicyFile {
  /// The file as the user named it, or `builtin:name`.
  let file: String
  /// Its own name.
  var name = ""
  var description = ""
  var extends: [SourceNode] = []
  var targets: [SourceNode] = []
  var parameters: [(name: String, value: SourceNode)] = []
  var groups: [(name: String, words: [String])] = []
  var overrides: [(key: String, value: SourceNode)] = []
  var rules: [RuleSource] = []
  var exceptions: [PolicyException] = []
  var profiles: [(name: String, value: SourceNode)] = []

  static let keys = [
    "redisops-policy", "name", "description", "extends", "targets", "params", "groups",
    "severity-overrides", "rules", "exceptions", "profiles",
  ]
  /// The schema that is read.
  static let schemaVersion = "1"
  /// Rules of one file.
  private static let ruleCountMax = 10_000

  /// Reads the shape of a file; what is wrong is reported, and as much as possible read on.
  init(_ source: SourceNode) {
    file = source.file
    guard let map = source.map(of: PolicyFile.keys, "a policy") else { return }
    if let version = map["redisops-policy"] {
      if let text = version.text("redisops-policy"), text != PolicyFile.schemaVersion {
        version.report(
          .badValue,
          "redisops-policy is '\(PrintableText.line(text))'; this version reads schema 1")
      }
    } else {
      source.diagnostics.report(
        .missingKey, "a policy starts with redisops-policy: 1", in: file, at: source.node.start)
    }
    name = map["name"]?.text("name") ?? ""
    description = map["description"]?.text("description") ?? ""
    extends = map["extends"]?.oneOrMore ?? []
    targets = map["targets"]?.oneOrMore ?? []
    parameters = map["params"]?.entries("params").map { ($0.key, $0.value) } ?? []
    groups = map["groups"]?.entries("groups").map { ($0.key, $0.value.texts("a group")) } ?? []
    overrides =
      map["severity-overrides"]?.entries("severity-overrides").map { ($0.key, $0.value) } ?? []
    profiles = map["profiles"]?.entries("profiles").map { ($0.key, $0.value) } ?? []
    let items = map["rules"].flatMap { $0.node.isNull ? [] : $0.list("rules") } ?? []
    if items.count > PolicyFile.ruleCountMax {
      source.report(.badValue, "more than \(PolicyFile.ruleCountMax) rules")
      return
    }
    rules = items.compactMap { RuleSource($0) }
    exceptions = map["exceptions"]?.list("exceptions").compactMap { PolicyException($0) } ?? []
    dropRepeatedRules()
  }

  private mutating func dropRepeatedRules() {
    var seen: [String: RuleSource] = [:]
    rules.removeAll { rule in
      for key in [rule.id, rule.slug].compactMap({ $0 }) {
        if let first = seen[key] {
          rule.source.diagnostics.report(
            .duplicate, "the rule \(key) is already on line \(first.origin.line)", in: file,
            at: rule.source.node.start, other: ("first here", first.source.node.start))
          return true
        }
        seen[key] = rule
      }
      return false
    }
  }
}

/// A rule as a map of keys, each of which may come from another file.
struct RuleSource {
  static let keys =
    [
      "id", "slug", "summary", "severity", "severity-if", "enabled", "when", "require", "check",
      "directive", "for-each", "message", "rationale", "remedy", "sources", "docs", "fix", "anchor",
      "missing", "params", "tags", "lock", "override", "tests",
    ] + RequirementReader.operators + ["any", "all", "not"]

  /// Keys that say what the rule requires, of which one set counts.
  static let requirementKeys =
    ["require", "check", "directive", "any", "all", "not"] + RequirementReader.operators

  /// The id.
  let id: String
  /// The whole rule, where it was first written.
  let source: SourceNode
  /// The keys.
  var values: [String: SourceNode]

  /// Where the rule was first written.
  var origin: PolicyOrigin { source.place }

  /// The slug, if one is given.
  var slug: String? { values["slug"]?.node.scalar?.text }

  /// Reads the keys of a rule; nil, and reported, without an id.
  init?(_ source: SourceNode) {
    guard let map = source.map(of: RuleSource.keys, "a rule") else { return nil }
    guard let idNode = map["id"] else {
      source.report(.missingKey, "a rule needs an id such as ACME001")
      return nil
    }
    guard let id = idNode.text("id") else { return nil }
    guard RuleSource.isID(id) else {
      idNode.report(
        .badValue,
        "the id '\(PrintableText.line(id))' is not 2 to 8 capital letters and 3 or 4 digits")
      return nil
    }
    self.id = id
    self.source = source
    values = map
  }

  /// Whether `text` is `^[A-Z]{2,8}[0-9]{3,4}$`.
  static func isID(_ text: String) -> Bool {
    let letters = text.utf8.prefix { (65...90).contains($0) }
    let digits = text.utf8.dropFirst(letters.count)
    return (2...8).contains(letters.count) && (3...4).contains(digits.count)
      && digits.allSatisfy { (48...57).contains($0) }
  }

  /// The requirement as one map, whichever way it is written.
  var requirement: SourceNode? {
    if let require = values["require"] { return require }
    let entries = (source.node.entries ?? []).isEmpty ? [] : requirementEntries
    guard let first = entries.first, let start = entries.map(\.keyStart.offset).min() else {
      return nil
    }
    let place = entries.first { $0.keyStart.offset == start }?.keyStart ?? first.keyStart
    return values[first.key.text]?.with(
      YAMLNode(.mapping(entries), start: place, end: first.keyEnd))
  }

  private var requirementEntries: [YAMLEntry] {
    RuleSource.requirementKeys.compactMap { key in
      guard key != "require", key != "check", let value = values[key] else { return nil }
      return YAMLEntry(
        key: YAMLScalar(key), keyStart: value.node.start, keyEnd: value.node.end,
        value: value.node)
    }
  }
}

/// Files in which a rule may be broken, with the reason.
public struct PolicyException: Sendable {
  /// The rule's id or slug.
  public let rule: String
  /// Globs of paths; empty for all.
  public let files: [String]
  /// Why.
  public let reason: String
  /// The last day on which it holds; nil for no end.
  public let until: PolicyDate?
  /// Where its rule is named.
  public let origin: PolicyOrigin

  init?(_ source: SourceNode) {
    guard let map = source.map(of: ["rule", "files", "reason", "until"], "an exception") else {
      return nil
    }
    guard let rule = map["rule"]?.text("rule"), let reason = map["reason"]?.text("reason") else {
      if map["rule"] == nil || map["reason"] == nil {
        source.report(.missingKey, "an exception needs a rule and a reason")
      }
      return nil
    }
    self.rule = rule
    self.reason = reason
    files = map["files"]?.texts("files") ?? []
    var until: PolicyDate?
    if let node = map["until"], let text = node.text("until") {
      until = PolicyDate(text)
      if until == nil {
        node.report(
          .badValue, "until is '\(PrintableText.line(text))', expected a day such as 2027-04-01")
        return nil
      }
    }
    self.until = until
    origin = (map["rule"] ?? source).place
  }
}
