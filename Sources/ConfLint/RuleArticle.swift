import ByteKit
import Findings

/// All that can be told about a rule: `lint explain`, `lint rules`, the page of all rules, and the
/// help within SARIF say the same.
public struct RuleArticle: Sendable, Hashable {
  /// The rule's id.
  public var id: String
  /// Its name for people.
  public var slug: String
  /// What it looks for.
  public var summary: String
  /// The severity, after the policy; nil when it is switched off.
  public var severity: Severity?
  /// When it applies, in words; empty for always.
  public var applies: [String] = []
  /// Why it matters.
  public var rationale = ""
  /// What to do.
  public var remedy = ""
  /// The expression that must hold; nil for a rule that is no expression.
  public var requirement: String?
  /// Whether there is a fix, and whether it is safe; nil when there is none.
  public var hasSafeFix: Bool?
  /// A configuration that it accepts.
  public var good: String?
  /// A configuration that it reports.
  public var bad: String?
  /// Pages and other sources.
  public var sources: [String] = []

  /// An article; everything that is not in the list is set afterwards.
  public init(id: String, slug: String, summary: String, severity: Severity?) {
    self.id = id
    self.slug = slug
    self.summary = summary
    self.severity = severity
  }

  private var severityName: String { severity?.name ?? "off" }

  /// What SARIF and other reports carry.
  public var description: RuleDescription {
    let parts = [rationale, remedy].filter { !$0.isEmpty }
    return RuleDescription(
      id: id, slug: slug, summary: summary, help: parts.joined(separator: "\n\n"),
      severity: severity ?? .info, helpURI: sources.first { $0.hasPrefix("https://") })
  }

  /// The article for a terminal.
  public func text(width: Int = 80) -> String {
    var text = "\(id) \(slug) (\(severityName))\n\n\(wrapped(summary, width, indent: ""))\n"
    func section(_ title: String, _ body: String) {
      if !body.isEmpty { text += "\n\(title)\n\(wrapped(body, width, indent: "  "))\n" }
    }
    section("Why", rationale)
    section("What to do", remedy)
    section("Applies to", applies.joined(separator: ", "))
    if let requirement { section("Requires", requirement) }
    if let hasSafeFix {
      section(
        "Fix",
        hasSafeFix
          ? "--fix applies it: the meaning of the file stays."
          : "--fix --unsafe-fixes applies it: the meaning of the file changes.")
    }
    if let bad { text += "\nIs reported\n\(indented(bad))" }
    if let good { text += "\nIs accepted\n\(indented(good))" }
    if !sources.isEmpty {
      text += "\nSources\n" + sources.map { "  \($0)\n" }.joined()
    }
    return text
  }

  /// The article in Markdown, below a heading of that level.
  public func markdown(level: Int = 1) -> String {
    let mark = String(repeating: "#", count: level)
    var text = "\(mark) \(id) \(slug)\n\n**\(severityName)** · \(escaped(summary))\n"
    if !applies.isEmpty { text += "\nApplies to: \(escaped(applies.joined(separator: ", "))).\n" }
    if !rationale.isEmpty { text += "\n\(escaped(rationale))\n" }
    if !remedy.isEmpty { text += "\nWhat to do: \(escaped(remedy))\n" }
    if let hasSafeFix { text += "\nFix: \(hasSafeFix ? "safe" : "unsafe").\n" }
    if let requirement { text += "\n```\n\(requirement)\n```\n" }
    if let bad { text += "\nIs reported:\n\n```\n\(bad)\n```\n" }
    if let good { text += "\nIs accepted:\n\n```\n\(good)\n```\n" }
    if !sources.isEmpty {
      let list = sources.map { $0.hasPrefix("https://") ? "<\($0)>" : $0 }
      text += "\nSources: \(list.joined(separator: ", ")).\n"
    }
    return text
  }

  /// The article as members of an object.
  public func write(to document: inout JSONDocument) {
    document.object {
      $0.member("id", id)
      $0.member("slug", slug)
      $0.member("severity", severityName)
      $0.member("summary", summary)
      if !applies.isEmpty { $0.array("applies") { for entry in applies { $0.value(entry) } } }
      $0.member("rationale", rationale.isEmpty ? nil : rationale)
      $0.member("remedy", remedy.isEmpty ? nil : remedy)
      $0.member("require", requirement)
      $0.member("fix", hasSafeFix.map { $0 ? "safe" : "unsafe" })
      $0.member("good", good)
      $0.member("bad", bad)
      if !sources.isEmpty { $0.array("sources") { for entry in sources { $0.value(entry) } } }
    }
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  private func wrapped(_ text: String, _ width: Int, indent: String) -> String {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      if !line.isEmpty, indent.count + line.count + 1 + word.count > width {
        lines.append(indent + line)
        line = ""
      }
      line += line.isEmpty ? word : " \(word)"
    }
    lines.append(indent + line)
    return lines.joined(separator: "\n")
  }

  private func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      if "\\`*_[]<>|#".contains(character) { result += "\\" }
      result.append(character)
    }
    return result
  }
}

extension RuleArticle {
  /// The article on a rule of a policy.
  public init(_ rule: PolicyRule) {
    self.init(
      id: rule.id, slug: rule.slug, summary: rule.summary,
      severity: rule.isEnabled ? rule.severity : nil)
    rationale = rule.rationale
    remedy = rule.remedy
    applies = rule.appliesTo
    hasSafeFix = rule.parts.fix.map(\.isSafe)
    good = rule.examples.first { $0.isGood && !$0.text.isEmpty }.map(\.text)
    bad = rule.examples.first { !$0.isGood && !$0.text.isEmpty }.map(\.text)
    sources = rule.sources
  }
}

extension PolicyRule {
  /// When the rule applies, in words.
  var appliesTo: [String] {
    var result: [String] = []
    if conditions.files != [.conf] {
      result.append("files: " + conditions.files.map(\.rawValue).joined(separator: ", "))
    }
    if let product = conditions.product { result.append(product.name) }
    if tags.contains("refused") { result.append("servers that refuse it") }
    return result
  }
}
