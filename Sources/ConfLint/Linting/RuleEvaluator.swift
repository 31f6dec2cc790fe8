import ByteKit
import Findings

/// What a rule said about a file.
enum RuleOutcome {
  /// It is not about such files or servers, or its conditions do not hold.
  case notApplicable
  /// What it requires holds.
  case passed
  /// What it requires does not hold, at these places and at so many more.
  case fired([Finding], omitted: Int)
  /// Whether it holds cannot be told, and why.
  case skipped([UnknownCause])
}

/// Evaluates rules of policies.
struct RuleEvaluator {
  private let scope: any LintScope
  /// Whether requirements count for their contrary, as tests of a rule's own examples want it.
  private let isNegated: Bool

  init(_ scope: any LintScope, negated isNegated: Bool = false) {
    self.scope = scope
    self.isNegated = isNegated
  }

  /// Evaluates a rule that is no code.
  func outcome(_ rule: PolicyRule) -> RuleOutcome {
    if let early = condition(of: rule) { return early }
    guard let requirement = rule.parts.requirement else { return .notApplicable }
    if let early = missing(rule) { return early }
    guard let name = rule.forEach else {
      var evaluation = Evaluation(scope)
      return outcome(rule, evaluation.value(requirement), entry: nil)
    }
    var findings: [Finding] = []
    var causes: [UnknownCause] = []
    var omitted = 0
    let entries = scope.items(of: name)
    for entry in entries {
      var evaluation = Evaluation(scope, it: .record(entry.record))
      let value = evaluation.value(requirement)
      if findings.count >= RuleHits.countMax {
        if value == .bool(isNegated) { omitted += 1 }
        continue
      }
      switch outcome(rule, value, entry: entry) {
      case .fired(let found, _): findings += found
      case .skipped(let reasons): causes += reasons
      case .passed, .notApplicable: break
      }
    }
    if !findings.isEmpty { return .fired(findings, omitted: omitted) }
    if entries.isEmpty { return .notApplicable }
    return causes.isEmpty ? .passed : .skipped(causes)
  }

  /// Whether `when` keeps the rule from being evaluated; nil if it applies.
  func condition(of rule: PolicyRule) -> RuleOutcome? {
    guard rule.conditions.fits(scope.target), rule.conditions.files.contains(scope.kind) else {
      return .notApplicable
    }
    var causes: [UnknownCause] = []
    for condition in rule.conditions.guards {
      var evaluation = Evaluation(scope)
      let value = evaluation.value(condition)
      if value == .no { return .notApplicable }
      if value != .yes { causes += value.causes ?? [.type] }
    }
    return causes.isEmpty ? nil : unknown(causes)
  }

  /// Without any fact to ask for, a directive that the target does not know settles the matter: the
  /// rule is not about this server.
  private func unknown(_ causes: [UnknownCause]) -> RuleOutcome {
    let isAboutDirectives = causes.allSatisfy {
      if case .directive = $0 { return true }
      return false
    }
    return isAboutDirectives ? .notApplicable : .skipped(causes)
  }

  private func missing(_ rule: PolicyRule) -> RuleOutcome? {
    guard rule.missing != .byDefault else { return nil }
    let isMissing = rule.parts.directives.contains { scope.answer(.set, $0) == .no }
    guard isMissing else { return nil }
    return rule.missing == .skip
      ? .notApplicable : isNegated ? .passed : .fired([finding(rule, entry: nil)], omitted: 0)
  }

  private func outcome(
    _ rule: PolicyRule, _ value: ExpressionValue, entry: LintEntry?
  ) -> RuleOutcome {
    guard case .bool(let holds) = value else { return unknown(value.causes ?? [.type]) }
    return holds != isNegated ? .passed : .fired([finding(rule, entry: entry)], omitted: 0)
  }

  // MARK: Findings

  private func finding(_ rule: PolicyRule, entry: LintEntry?) -> Finding {
    let anchor = rule.parts.anchors.first { !scope.entries(of: $0).isEmpty }
    let place = entry ?? anchor.flatMap { scope.entries(of: $0).last }
    var finding = Finding(
      rule.id, slug: rule.slug, severity(of: rule, entry: entry),
      at: place?.location ?? Location(file: scope.file), text(rule.parts.message, entry: entry))
    finding.directive = rule.forEach ?? anchor ?? rule.parts.anchors.first
    finding.identity = identity(rule, place)
    if !rule.remedy.isEmpty { finding.help = rule.remedy }
    if rule.forEach == nil { finding.notes = notes(rule, anchor: anchor) }
    if let template = rule.parts.fix {
      finding.fix =
        template.isComputed
        ? scope.computedFix(of: rule.id, entry: entry)
        : FixBuilder(scope, entry: entry, anchor: anchor).fix(template) { template in
          fixText(template, entry: entry)
        }
    }
    return finding
  }

  private func severity(of rule: PolicyRule, entry: LintEntry?) -> Severity {
    let severity = rule.severity ?? .info
    // An override has the last word.
    guard rule.severity == rule.ownSeverity else { return severity }
    for (special, condition) in rule.parts.severityIf {
      var evaluation = Evaluation(scope, it: entry.map { .record($0.record) })
      if evaluation.value(condition) == .yes { return special }
    }
    return severity
  }

  /// What makes the finding the same one tomorrow: the directive with its value.
  private func identity(_ rule: PolicyRule, _ place: LintEntry?) -> String {
    guard let place else { return rule.parts.anchors.first ?? "" }
    if place.isSensitive { return place.name.lowercased() }
    return place.name.lowercased() + " " + place.record.field("text").description
  }

  /// Where the other directives of the requirement are written.
  private func notes(_ rule: PolicyRule, anchor: String?) -> [Finding.Note] {
    var result: [Finding.Note] = []
    for name in rule.parts.directives where name != anchor && result.count < 3 {
      guard let entry = scope.entries(of: name).last else { continue }
      let value = entry.isSensitive ? "***" : entry.record.field("text").description
      result.append(.init("\(name) is \(value) here", at: entry.location))
    }
    return result
  }

  // MARK: Texts

  private func text(_ template: MessageTemplate, entry: LintEntry?) -> String {
    var result = ""
    for part in template.parts {
      switch part {
      case .text(let text): result += text
      case .value(let expression):
        var evaluation = Evaluation(scope, it: entry.map { .record($0.record) })
        let value = evaluation.value(expression)
        if case .reading(.saves) = expression {
          result += savePoints(value)
        } else {
          result += value.description
        }
      case .directive("save", _): result += savePoints(scope.answer(.directive, "save"))
      case .directive(let name, let isSensitive):
        let value = scope.answer(.directive, name)
        let isSecret = isSensitive && value != .text("")
        result += isSecret ? "***" : value.description
      case .line(let name):
        let line = scope.entries(of: name).last?.location.line
        result += line.map { String($0) } ?? "not written"
      }
    }
    return result
  }

  /// Save points as a configuration has them: `3600 1, 300 100`.
  private func savePoints(_ value: ExpressionValue) -> String {
    guard case .list(let points) = value, !points.isEmpty else { return "none" }
    return points.map { point in
      guard case .list(let pair) = point else { return point.description }
      return pair.map { configurationText($0, unit: 1_000_000) ?? $0.description }
        .joined(separator: " ")
    }.joined(separator: ", ")
  }

  /// A template as configuration text; nil where a value is not known or cannot be written.
  private func fixText(_ template: MessageTemplate, entry: LintEntry?) -> String? {
    var result = ""
    // Durations are written in the unit of the directive that the text begins with.
    var unit: Int128 = Int128(1_000_000)
    if case .text(let text)? = template.parts.first,
      let type = scope.type(of: String(text.prefix { $0 != " " }))
    {
      unit = type.unit
    }
    for part in template.parts {
      switch part {
      case .text(let text): result += text
      case .value(let expression):
        var evaluation = Evaluation(scope, it: entry.map { .record($0.record) })
        guard let text = configurationText(evaluation.value(expression), unit: unit) else {
          return nil
        }
        result += text
      case .directive(let name, _):
        let unit = scope.type(of: name)?.unit ?? unit
        guard let text = configurationText(scope.answer(.directive, name), unit: unit) else {
          return nil
        }
        result += text
      case .line: return nil
      }
    }
    return result
  }

  private func configurationText(_ value: ExpressionValue, unit: Int128) -> String? {
    switch value {
    case .quantity(let number, let dimension):
      return QuantityText.configurationText(number, dimension, unit: unit)
    case .bool(let flag): return flag ? "yes" : "no"
    case .text(let bytes): return String(validating: bytes, as: UTF8.self)
    case .list, .record, .unknown: return nil
    }
  }
}
