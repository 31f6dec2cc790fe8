import ArgumentParser
import ByteKit
import ConfLint
import Findings

/// The forms that texts on rules can take.
enum ArticleFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, markdown
}

/// `redisops lint explain ID…`.
struct LintExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Says why a rule is there, what to do, and shows examples.",
    discussion: """
      A rule is named by id or slug.

      Example: redisops lint explain MEM003
      """.flowing)

  @Argument(help: ArgumentHelp("Rules by id or slug.", valueName: "rule"))
  var rules: [String]
  @Option(
    help: ArgumentHelp("A built-in policy or a policy file; repeatable.", valueName: "policy"))
  var policy: [String] = []
  @Option(help: ArgumentHelp("text, json or markdown.", valueName: "format"))
  var format: ArticleFormat = .text
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    let catalogue = try RuleArticles(policies: policy, run.diagnostics)
    var articles: [RuleArticle] = []
    for name in rules {
      guard let article = catalogue.article(name) else {
        let hint = catalogue.nearest(name).map { "; did you mean \($0)?" } ?? ""
        StandardError.writeLine("redisops: there is no rule '\(name)'\(hint)")
        throw ExitStatus.usage
      }
      articles.append(article)
    }
    switch format {
    case .text:
      run.output.write(
        articles.map { $0.text(width: min(run.width ?? 80, 100)) }.joined(separator: "\n"))
    case .markdown: run.output.write(articles.map { $0.markdown() }.joined(separator: "\n"))
    case .json:
      run.output.writeJSON { document in
        document.object {
          $0.schema("lint-rules")
          $0.array("rules") { for article in articles { article.write(to: &$0) } }
        }
      }
    }
    try run.finish()
  }
}

/// `redisops lint rules`.
struct LintRulesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Lists the rules of a policy.",
    discussion: """
      Example: redisops lint rules --policy production --select SEC
      """.flowing)

  @Option(
    help: ArgumentHelp("A built-in policy or a policy file; repeatable.", valueName: "policy"))
  var policy: [String] = []
  @Option(help: ArgumentHelp("Only these, by id, slug or prefix.", valueName: "rule,…"))
  var select: [String] = []
  @Option(help: ArgumentHelp("text, json or markdown.", valueName: "format"))
  var format: ArticleFormat = .text
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    let catalogue = try RuleArticles(policies: policy, run.diagnostics)
    let words = select.flatMap { $0.split(separator: ",") }.map { $0.uppercased() }
    let articles = catalogue.all.filter { article in
      words.isEmpty
        || words.contains { article.id.hasPrefix($0) || article.slug.uppercased() == $0 }
    }
    switch format {
    case .text:
      for article in articles {
        let severity = article.severity?.name ?? "off"
        let padding = String(repeating: " ", count: max(1, 8 - severity.count))
        run.output.write(
          "\(article.id) \(severity)\(padding)\(article.slug): \(article.summary)\n")
      }
      run.output.write("\(articles.count) rules\n")
    case .markdown:
      run.output.write("# Rules\n\n")
      run.output.write(articles.map { $0.markdown(level: 2) }.joined(separator: "\n"))
    case .json:
      run.output.writeJSON { document in
        document.object {
          $0.schema("lint-rules")
          $0.array("rules") { for article in articles { article.write(to: &$0) } }
        }
      }
    }
    try run.finish()
  }
}
