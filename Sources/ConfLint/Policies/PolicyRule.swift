import Findings

/// A rule of a policy, ready to be evaluated.
///
/// What never changes is shared by all copies: a rule has many parts.
public struct PolicyRule: Sendable {
  /// The severity after all overrides; nil for `off`.
  public internal(set) var severity: Severity?
  /// Whether it runs without being asked for.
  public internal(set) var isEnabled: Bool
  /// The keys that another file changed, in order, with the place.
  public internal(set) var changes: [(key: String, origin: PolicyOrigin)] = []
  private let core: RuleCore

  init(_ core: RuleCore, isEnabled: Bool) {
    self.core = core
    self.isEnabled = isEnabled
    severity = core.ownSeverity
  }

  /// The id, `MEM001`.
  public var id: String { core.id }
  /// The name for people, usable wherever the id is.
  public var slug: String { core.slug }
  /// The severity that the rule itself gives.
  public var ownSeverity: Severity? { core.ownSeverity }
  /// Whether no policy, option or comment may weaken it.
  public var isLocked: Bool { core.isLocked }
  /// Words that group rules: `refused` for what the server refuses by itself.
  public var tags: [String] { core.tags }
  /// Where it was first written.
  public var origin: PolicyOrigin { core.origin }
  /// Whether it is a check written in Swift.
  public var isCode: Bool { core.isCode }

  /// What it asks of a server, a file and the facts before it applies.
  var conditions: RuleConditions { core.conditions }
  /// The directive whose lines are visited; nil for one evaluation per file.
  var forEach: String? { core.forEach }
  /// What a directive that is not written means to it.
  var missing: MissingDirectives { core.missing }
  /// What it says about itself.
  var documentation: RuleDocumentation { core.documentation }
  /// What it checks and says, read when it is first needed.
  var parts: RuleParts { core.parts }

  /// What a directive that is not written means to a rule.
  enum MissingDirectives: String, CaseIterable, Sendable {
    /// The rule fires.
    case fail
    /// The target's default counts.
    case byDefault = "default"
    /// The rule does not apply.
    case skip
  }

  /// The rule, for reports and `explain`.
  public var description: RuleDescription {
    RuleDescription(
      id: id, slug: slug, summary: documentation.summary ?? slug,
      help: documentation.help, severity: ownSeverity ?? .info, helpURI: documentation.link)
  }

  /// What the rule looks for, one sentence.
  public var summary: String { documentation.summary ?? slug }
  /// Why it matters; empty if the policy does not say.
  public var rationale: String { documentation.rationale }
  /// What to do; empty if the policy does not say.
  public var remedy: String { documentation.remedy }
  /// Where the knowledge comes from: addresses, or `measured`.
  public var sources: [String] { documentation.sources }
  /// Examples, which are the rule's tests.
  public var examples: [RuleExample] { documentation.examples }
}

/// What a rule says about itself, read when asked for.
struct RuleDocumentation: Sendable {
  let summary: String?
  let rationale: String
  let remedy: String
  let sources: [String]
  let link: String?
  let examples: [RuleExample]

  /// Rationale, remedy and sources as Markdown.
  var help: String {
    var parts = [rationale, remedy].filter { !$0.isEmpty }
    if !sources.isEmpty {
      parts.append("Sources: " + sources.joined(separator: ", "))
    }
    return parts.joined(separator: "\n\n")
  }
}

/// A file on which a rule must fire, or must not.
public struct RuleExample: Sendable {
  /// Whether the rule must be silent.
  public let isGood: Bool
  /// The file's text.
  public let text: String
  /// `conf`, `sentinel` or `acl`.
  public let kind: String
  /// Facts to assume.
  public let facts: Facts
  /// The target to read it for; nil for any on which the rule applies.
  public let target: String?
  /// The rule under the parameters of the example; nil for the rule as it is.
  let variant: PolicyRule?
  /// Where it is written.
  public let origin: PolicyOrigin
}
