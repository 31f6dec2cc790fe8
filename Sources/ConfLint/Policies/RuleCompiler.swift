import ByteKit
import Findings

/// Turns the keys of a rule into a rule.
struct RuleCompiler {
  let directives: any DirectiveTypes
  /// The policy's parameters.
  let parameters: [String: ExpressionValue]
  let groups: [String: [String]]
  /// Parameters of the rule that count more than the policy's.
  let ownParameters: Set<String>
  /// Whether rationale, sources and tests are read.
  let withDocumentation: Bool
  /// Whether what a rule checks and says may be read when it is needed.
  let isDeferring: Bool

  private static let severities = ["error", "warning", "info", "off"]

  /// The rule; nil, and reported, if something about it is wrong.
  func compile(_ rule: RuleSource) -> PolicyRule? {
    let reported = rule.source.diagnostics.findings.count
    var names = ExpressionNames(directives: directives, parameters: parameters, groups: groups)
    for (name, node) in rule.values["params"]?.entries("params") ?? [] {
      // What was refused is told once, not again wherever it is used.
      let value = ParameterReader.value(name, node) ?? .unknown([.type])
      if ownParameters.contains(name) { names.parameters[name] = value }
    }
    let conditions = rule.values["when"].flatMap { ConditionsReader(names: names).read($0) }
    let forEach = rule.values["for-each"]?.text("for-each")
    if let forEach, let node = rule.values["for-each"] {
      checkForEach(forEach, node)
      names.it = .record(RecordKind(forEach: forEach))
    }
    let isCode = rule.values["check"] != nil
    let documentation = documentation(rule)
    let parts: DeferredParts
    if isDeferring {
      parts = DeferredParts { [names] in
        self.parts(rule, names, forEach, documentation) ?? Self.nothing
      }
    } else {
      guard let read = self.parts(rule, names, forEach, documentation) else { return nil }
      parts = DeferredParts { read }
    }
    let severity = rule.values["severity"]?.word("severity", of: RuleCompiler.severities)
    if rule.values["severity"] == nil {
      rule.source.report(.missingKey, "the rule \(rule.id) has no severity")
    }
    let core = RuleCore(
      id: rule.id, slug: slug(rule), ownSeverity: severity.flatMap { Severity(name: $0) },
      isLocked: rule.values["lock"]?.flag("lock") ?? false,
      tags: rule.values["tags"]?.texts("tags") ?? [], origin: rule.origin, isCode: isCode,
      conditions: conditions ?? RuleConditions(), forEach: forEach, missing: missing(rule),
      documentation: documentation, parts: parts)
    let result = PolicyRule(core, isEnabled: rule.values["enabled"]?.flag("enabled") ?? true)
    let errors = rule.source.diagnostics.findings[reported...].contains { $0.severity == .error }
    return errors ? nil : result
  }

  /// What a rule without a requirement checks: nothing.
  private static let nothing = RuleParts(
    requirement: nil, message: MessageTemplate(""), severityIf: [], anchors: [], directives: [],
    fix: nil)

  /// What the rule checks and says; nil, and reported, if it does not say what it checks.
  private func parts(
    _ rule: RuleSource, _ names: ExpressionNames, _ forEach: String?,
    _ documentation: RuleDocumentation
  ) -> RuleParts? {
    var reader: RequirementReader?
    var requirement: Expression?
    if let check = rule.values["check"] {
      guard check.word("check", of: ["code"]) != nil else { return nil }
    } else {
      guard let source = rule.requirement else {
        rule.source.report(
          .missingKey,
          "the rule \(rule.id) needs require, a directive with a shorthand, or any/all/not")
        return nil
      }
      var reading = RequirementReader(names)
      guard let expression = reading.read(source) else { return nil }
      requirement = expression
      reader = reading
    }
    let anchors = anchors(rule, reader)
    let fix = rule.values["fix"].flatMap { node in
      node.node.isNull
        ? nil
        : FixReader(
          id: rule.id, names: names, anchor: anchors.first, isForEach: forEach != nil
        ).read(node)
    }
    return RuleParts(
      requirement: requirement, message: message(rule, names, reader, documentation),
      severityIf: severityIf(rule, names), anchors: anchors, directives: reader?.directives ?? [],
      fix: fix)
  }

  private func slug(_ rule: RuleSource) -> String {
    guard let node = rule.values["slug"], let slug = node.text("slug") else {
      return rule.id.lowercased()
    }
    let isKebab = slug.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
    }
    if !isKebab || slug.isEmpty {
      node.report(
        .badValue, "the slug '\(PrintableText.line(slug))' is not lower-case words with hyphens")
    }
    return slug
  }

  private func checkForEach(_ name: String, _ source: SourceNode) {
    if name == "monitor" || directives.type(of: name) != nil { return }
    source.report(
      .unknownName,
      "no server knows the directive '\(PrintableText.line(name))'"
        + NearestWord.advice(name, in: directives.names + ["monitor"]))
  }

  private func missing(_ rule: RuleSource) -> PolicyRule.MissingDirectives {
    let words = PolicyRule.MissingDirectives.allCases.map(\.rawValue)
    let word = rule.values["missing"]?.word("missing", of: words)
    return word.flatMap { PolicyRule.MissingDirectives(rawValue: $0) } ?? .byDefault
  }

  private func anchors(_ rule: RuleSource, _ requirement: RequirementReader?) -> [String] {
    guard let node = rule.values["anchor"] else { return requirement?.directives ?? [] }
    var result: [String] = []
    for item in node.oneOrMore {
      guard let name = item.text("anchor") else { continue }
      guard let directive = directives.type(of: name) else {
        item.report(
          .unknownName,
          "no server knows the directive '\(PrintableText.line(name))'"
            + NearestWord.advice(name, in: directives.names))
        continue
      }
      result.append(directive.name)
    }
    return result
  }

  private func message(
    _ rule: RuleSource, _ names: ExpressionNames, _ requirement: RequirementReader?,
    _ documentation: RuleDocumentation
  ) -> MessageTemplate {
    if let node = rule.values["message"] {
      guard let text = node.text("message") else { return MessageTemplate("") }
      return MessageTemplate(node, text, names: names) ?? MessageTemplate("")
    }
    if let shorthand = requirement?.shorthand {
      return MessageTemplate(parts: [
        .text("\(shorthand.directive.name) is "),
        .directive(shorthand.directive.name, isSensitive: shorthand.directive.isSensitive),
        // What a password is or is not to be tells it as well.
        .text(
          shorthand.directive.isSensitive
            ? ", expected what the policy says" : ", expected \(shorthand.expectation)"),
      ])
    }
    return MessageTemplate(documentation.summary ?? rule.slug ?? rule.id)
  }

  private func severityIf(
    _ rule: RuleSource, _ names: ExpressionNames
  ) -> [(severity: Severity, condition: Expression)] {
    var result: [(severity: Severity, condition: Expression)] = []
    for (word, node) in rule.values["severity-if"]?.entries("severity-if") ?? [] {
      guard let severity = Severity(name: word) else {
        node.report(.badValue, "severity-if has '\(word)', expected error, warning or info")
        continue
      }
      var reader = RequirementReader(names)
      if let condition = reader.read(node) { result.append((severity, condition)) }
    }
    return result
  }

  // MARK: Documentation

  private func documentation(_ rule: RuleSource) -> RuleDocumentation {
    let summary = rule.values["summary"]?.text("summary")
    guard withDocumentation else {
      return RuleDocumentation(
        summary: summary, rationale: "", remedy: "", sources: [], link: nil, examples: [])
    }
    return RuleDocumentation(
      summary: summary,
      rationale: rule.values["rationale"]?.text("rationale") ?? "",
      remedy: rule.values["remedy"]?.text("remedy") ?? "",
      sources: rule.values["sources"]?.texts("sources") ?? [],
      link: rule.values["docs"]?.text("docs"), examples: examples(rule))
  }

  private func examples(_ rule: RuleSource) -> [RuleExample] {
    guard let map = rule.values["tests"]?.map(of: ["good", "bad"], "'tests'") else { return [] }
    var result: [RuleExample] = []
    for (word, isGood) in [("good", true), ("bad", false)] {
      for item in map[word]?.oneOrMore ?? [] {
        if let example = example(item, of: rule, isGood: isGood) { result.append(example) }
      }
    }
    return result
  }

  private func example(
    _ source: SourceNode, of rule: RuleSource, isGood: Bool
  ) -> RuleExample? {
    guard source.node.entries != nil else {
      return RuleExample(
        isGood: isGood, text: source.node.scalar?.text ?? "", kind: "conf", facts: Facts(),
        target: nil, variant: nil, origin: source.place)
    }
    let kinds = ["conf", "sentinel", "acl"]
    guard let map = source.map(of: kinds + ["facts", "target", "params"], "a test") else {
      return nil
    }
    let given = kinds.filter { map[$0] != nil }
    guard given.count == 1, let kind = given.first else {
      source.report(.missingKey, "a test needs one of conf, sentinel and acl")
      return nil
    }
    let facts = map["facts"].map { FactsReader.read($0) } ?? Facts()
    return RuleExample(
      isGood: isGood, text: map[kind]?.node.scalar?.text ?? "", kind: kind, facts: facts,
      target: map["target"]?.text("target"),
      variant: map["params"].flatMap { variant(of: rule, $0) }, origin: source.place)
  }

  /// The rule with other parameters; nil, and reported, if it has none of these names.
  private func variant(of rule: RuleSource, _ source: SourceNode) -> PolicyRule? {
    let own = (rule.values["params"]?.node.entries ?? []).map(\.key.text)
    let names = Set(own).union(parameters.keys)
    var values = parameters
    var set: Set<String> = []
    for (name, node) in source.entries("params") {
      guard names.contains(name) else {
        node.report(
          .unknownName,
          "there is no parameter '\(PrintableText.line(name))'"
            + NearestWord.advice(name, in: names.sorted()))
        return nil
      }
      guard let value = ParameterReader.value(name, node) else { return nil }
      values[name] = value
      set.insert(name)
    }
    let compiler = RuleCompiler(
      directives: directives, parameters: values, groups: groups,
      ownParameters: ownParameters.subtracting(set), withDocumentation: false, isDeferring: false)
    return compiler.compile(rule)
  }
}
