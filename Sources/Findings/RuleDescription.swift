/// What reports and `explain` say about a rule.
public struct RuleDescription: Hashable, Sendable {
  /// Three letters and three digits, never used again for something else: `PER002`.
  public let id: String
  /// The name for people, usable wherever the id is.
  public let slug: String
  /// What the rule looks for, one sentence.
  public let summary: String
  /// Why it matters and what to do, in Markdown; empty when the summary says it all.
  public let help: String
  /// The severity outside any profile.
  public let severity: Severity
  /// A page about the rule.
  public let helpURI: String?

  /// A description.
  public init(
    id: String, slug: String, summary: String, help: String = "", severity: Severity,
    helpURI: String? = nil
  ) {
    self.id = id
    self.slug = slug
    self.summary = summary
    self.help = help
    self.severity = severity
    self.helpURI = helpURI
  }
}
