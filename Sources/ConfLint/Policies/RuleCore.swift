import Findings
import Synchronization

/// What never changes about a rule.
final class RuleCore: Sendable {
  let id: String
  let slug: String
  let ownSeverity: Severity?
  let isLocked: Bool
  let tags: [String]
  let origin: PolicyOrigin
  let isCode: Bool
  let conditions: RuleConditions
  let forEach: String?
  let missing: PolicyRule.MissingDirectives
  let documentation: RuleDocumentation
  private let read: DeferredParts
  private let known = AtomicLazyReference<RuleParts>()

  init(
    id: String, slug: String, ownSeverity: Severity?, isLocked: Bool, tags: [String],
    origin: PolicyOrigin, isCode: Bool, conditions: RuleConditions, forEach: String?,
    missing: PolicyRule.MissingDirectives, documentation: RuleDocumentation, parts: DeferredParts
  ) {
    self.id = id
    self.slug = slug
    self.ownSeverity = ownSeverity
    self.isLocked = isLocked
    self.tags = tags
    self.origin = origin
    self.isCode = isCode
    self.conditions = conditions
    self.forEach = forEach
    self.missing = missing
    self.documentation = documentation
    read = parts
  }

  /// What it checks and says. Two threads may both read it; one of the equal results stays.
  var parts: RuleParts { known.load() ?? known.storeIfNil(read.parts()) }
}

/// What a rule checks, and what it says when that does not hold.
final class RuleParts: Sendable {
  /// What must hold; nil for a check written in Swift.
  let requirement: Expression?
  let message: MessageTemplate
  let severityIf: [(severity: Severity, condition: Expression)]
  /// Directives to point at: the first that is written.
  let anchors: [String]
  /// Directives that the requirement names.
  let directives: [String]
  let fix: FixTemplate?

  init(
    requirement: Expression?, message: MessageTemplate,
    severityIf: [(severity: Severity, condition: Expression)], anchors: [String],
    directives: [String], fix: FixTemplate?
  ) {
    self.requirement = requirement
    self.message = message
    self.severityIf = severityIf
    self.anchors = anchors
    self.directives = directives
    self.fix = fix
  }
}

/// Parts of a rule: read already, so that what is wrong with them is reported, or read when they
/// are needed. Rules of the program's own policies, which tests read in full, can wait: most of
/// them are about other servers, files and workloads than those at hand.
///
/// Unchecked: the tree that it reads from is no longer written to, except for its diagnostics; and
/// of rules that wait there are none.
struct DeferredParts: @unchecked Sendable {
  /// Reads the parts.
  let parts: () -> RuleParts
}
