import ConfLint
import Findings

/// What can be told about the rules of policies.
struct RuleArticles {
  /// All rules by id, those about suppressions last.
  let all: [RuleArticle]

  /// Reads the policies; `recommended` for none.
  init(policies: [String], _ diagnostics: Diagnostics) throws {
    var options = try LintOptions.parse([])
    options.policy = policies
    let setup = try LintSetup(options, diagnostics, withDocumentation: true)
    var articles = setup.policy.rules.map { RuleArticle($0) }.sorted { $0.id < $1.id }
    articles += SuppressionRules.all.map { rule in
      var article = RuleArticle(
        id: rule.id, slug: rule.slug, summary: rule.summary, severity: rule.severity)
      article.rationale = rule.help
      return article
    }
    all = articles
  }

  /// The article on a rule, by id in either case or slug.
  func article(_ name: String) -> RuleArticle? {
    all.first { $0.id == name.uppercased() || $0.slug == name.lowercased() }
  }

  /// The id next to a name that is none.
  func nearest(_ name: String) -> String? {
    NearestWord.find(name.uppercased(), in: all.map(\.id))
      ?? NearestWord.find(name.lowercased(), in: all.map(\.slug))
  }
}
