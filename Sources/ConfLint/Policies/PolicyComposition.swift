import ByteKit
import Findings
import RedisModel

/// Policy files put together in the order in which they are read.
struct PolicyComposition {
  private struct RuleState {
    var source: RuleSource
    var changes: [(key: String, origin: PolicyOrigin)] = []
    /// The severity that overrides gave; nil for none, `.some(nil)` for off.
    var severity: Severity??
    var isEnabled: Bool?
    /// The file, counted from 0, that has each of the rule's own parameters.
    var parameterOrder: [String: Int] = [:]
  }

  private struct Parameter {
    var value: ExpressionValue
    var order: Int
  }

  private let diagnostics: PolicyDiagnostics
  private var rules: [String: RuleState] = [:]
  private var slugs: [String: String] = [:]
  private var parameters: [String: Parameter] = [:]
  private var groups: [String: [String]] = [:]
  private var profiles: [(name: String, value: SourceNode)] = []
  private var exceptions: [PolicyException] = []
  private var targets: [SourceNode] = []
  private var name = ""
  private var description = ""
  private var fileCount = 0

  init(_ diagnostics: PolicyDiagnostics) {
    self.diagnostics = diagnostics
  }

  /// Adds a file; its policies to extend are in already.
  mutating func add(_ file: PolicyFile) {
    if !file.name.isEmpty { (name, description) = (file.name, file.description) }
    if !file.targets.isEmpty { targets = file.targets }
    for (name, node) in file.parameters {
      let value = ParameterReader.value(name, node) ?? .unknown([.type])
      parameters[name] = Parameter(value: value, order: fileCount)
    }
    for (name, words) in file.groups { groups[name] = words }
    for rule in file.rules { add(rule) }
    for (key, node) in file.overrides { overrideSeverity(key, node) }
    for (name, node) in file.profiles {
      profiles.removeAll { $0.name == name }
      profiles.append((name, node))
    }
    for exception in file.exceptions { add(exception) }
    fileCount += 1
  }

  // MARK: Rules

  private mutating func add(_ rule: RuleSource) {
    guard var state = rules[rule.id] else {
      if let slug = rule.slug { slugs[slug] = rule.id }
      var state = RuleState(source: rule)
      for entry in rule.values["params"]?.node.entries ?? [] {
        state.parameterOrder[entry.key.text] = fileCount
      }
      rules[rule.id] = state
      return
    }
    let base = state.source
    let isOverride = rule.values["override"]?.flag("override") ?? false
    let requirements = RuleSource.requirementKeys.filter { rule.values[$0] != nil }
    let isReplacement = !requirements.isEmpty || rule.values["for-each"] != nil
    if isReplacement, !isOverride {
      rule.source.report(
        .duplicate,
        "the rule \(rule.id) exists in \(base.origin): say override: true to replace what it "
          + "requires"
      )
      return
    }
    if isLocked(state), let key = weakening(rule, state) {
      rule.values[key]?.report(
        .locked, "the rule \(rule.id) is locked in \(base.origin): '\(key)' cannot be changed")
      return
    }
    if isReplacement {
      for key in RuleSource.requirementKeys + ["for-each"] { state.source.values[key] = nil }
    }
    for (key, value) in rule.values where key != "id" && key != "override" {
      state.source.values[key] = key == "params" ? merged(value, state.source.values[key]) : value
      state.changes.append((key, value.place))
      if key == "severity" { state.severity = nil }
    }
    for entry in rule.values["params"]?.node.entries ?? [] {
      state.parameterOrder[entry.key.text] = fileCount
    }
    rules[rule.id] = state
  }

  /// The entries of `new`, and those of `old` that it lacks.
  private func merged(_ new: SourceNode, _ old: SourceNode?) -> SourceNode {
    guard let entries = new.node.entries, let others = old?.node.entries else { return new }
    let rest = others.filter { other in !entries.contains { $0.key.text == other.key.text } }
    return new.with(
      .init(.mapping(entries + rest), start: new.node.start, end: new.node.end))
  }

  private func isLocked(_ state: RuleState) -> Bool {
    let text = state.source.values["lock"]?.node.scalar?.text
    return text == "true" || text == "yes"
  }

  /// The key by which `rule` would weaken a locked one.
  private func weakening(_ rule: RuleSource, _ state: RuleState) -> String? {
    let forbidden =
      RuleSource.requirementKeys + [
        "for-each", "when", "params", "missing", "enabled", "lock", "severity-if",
      ]
    if let key = forbidden.first(where: { rule.values[$0] != nil }) { return key }
    guard let text = rule.values["severity"]?.node.scalar?.text else { return nil }
    return isWeaker(Severity(name: text), than: state) ? "severity" : nil
  }

  private func isWeaker(_ severity: Severity?, than state: RuleState) -> Bool {
    let text = state.source.values["severity"]?.node.scalar?.text ?? ""
    guard let current = state.severity ?? Severity(name: text) else { return false }
    return severity.map { $0 < current } ?? true
  }

  /// The rules that an id, a slug or the letters of an id name.
  private func ids(named key: String) -> [String] {
    if rules[key] != nil { return [key] }
    if let id = slugs[key] { return [id] }
    guard key.utf8.allSatisfy({ (65...90).contains($0) }), key.utf8.count >= 2 else { return [] }
    return rules.keys.filter { id in
      id.hasPrefix(key) && id.utf8.dropFirst(key.utf8.count).first.map { $0 < 65 } ?? false
    }.sorted()
  }

  /// The rules, reported if there are none.
  private func ids(named key: String, _ node: SourceNode) -> [String] {
    let found = ids(named: key)
    if found.isEmpty {
      node.report(
        .unknownName,
        "there is no rule '\(PrintableText.line(key))'"
          + NearestWord.advice(key, in: (Array(rules.keys) + slugs.keys).sorted()))
    }
    return found
  }

  private mutating func overrideSeverity(_ key: String, _ node: SourceNode) {
    guard let word = node.word("a severity", of: ["error", "warning", "info", "off"]) else {
      return
    }
    let severity = Severity(name: word)
    for id in ids(named: key, node) {
      guard var state = rules[id] else { continue }
      if isLocked(state), isWeaker(severity, than: state) {
        node.report(
          .locked, "the rule \(id) is locked in \(state.source.origin): \(word) would weaken it")
        continue
      }
      state.severity = .some(severity)
      state.changes.append(("severity", node.place))
      rules[id] = state
    }
  }

  private mutating func add(_ exception: PolicyException) {
    let found = ids(named: exception.rule)
    let origin = exception.origin
    if found.isEmpty {
      diagnostics.report(
        .unknownName,
        "there is no rule '\(PrintableText.line(exception.rule))'"
          + NearestWord.advice(exception.rule, in: (Array(rules.keys) + slugs.keys).sorted()),
        in: origin.file, at: .init(line: origin.line, column: origin.column, offset: 0))
      return
    }
    for id in found {
      guard let state = rules[id], isLocked(state) else { continue }
      diagnostics.report(
        .locked, "the rule \(id) is locked in \(state.source.origin): no exceptions",
        in: origin.file, at: .init(line: origin.line, column: origin.column, offset: 0))
      return
    }
    exceptions.append(exception)
  }

  // MARK: Choices

  /// Applies the profile and the parameters of a request.
  mutating func choose(_ request: PolicyLoader.Request, in file: String) {
    func refuse(_ message: String) {
      diagnostics.report(
        .unknownName, message, in: file, at: .init(line: 1, column: 1, offset: 0))
    }
    if let wanted = request.profile {
      if let profile = profiles.last(where: { $0.name == wanted }) {
        apply(profile.value)
      } else {
        let advice = NearestWord.advice(wanted, in: profiles.map(\.name))
        refuse("there is no profile '\(PrintableText.line(wanted))'\(advice)")
      }
    }
    for (name, text) in request.parameters {
      let names = Set(parameters.keys).union(rules.values.flatMap { $0.parameterOrder.keys })
      guard names.contains(name) else {
        refuse(
          "there is no parameter '\(PrintableText.line(name))'"
            + NearestWord.advice(name, in: names.sorted()))
        continue
      }
      let node = SourceNode(
        node: .init(
          .scalar(.init(text)), start: .init(line: 1, column: 1, offset: 0),
          end: .init(line: 1, column: 1, offset: 0)),
        file: "--param", diagnostics: diagnostics)
      guard let value = ParameterReader.value(name, node) else { continue }
      parameters[name] = Parameter(value: value, order: .max)
    }
  }

  private mutating func apply(_ profile: SourceNode) {
    let keys = ["description", "enable", "disable", "params", "severity-overrides"]
    guard let map = profile.map(of: keys, "a profile") else { return }
    for (key, isEnabled) in [("enable", true), ("disable", false)] {
      for node in map[key]?.oneOrMore ?? [] {
        guard let name = node.text(key) else { continue }
        for id in ids(named: name, node) {
          guard var state = rules[id] else { continue }
          if !isEnabled, isLocked(state) {
            node.report(.locked, "the rule \(id) is locked in \(state.source.origin)")
            continue
          }
          state.isEnabled = isEnabled
          state.changes.append((key, node.place))
          rules[id] = state
        }
      }
    }
    for (name, node) in map["params"]?.entries("params") ?? [] {
      let value = ParameterReader.value(name, node) ?? .unknown([.type])
      parameters[name] = Parameter(value: value, order: fileCount)
    }
    for (key, node) in map["severity-overrides"]?.entries("severity-overrides") ?? [] {
      overrideSeverity(key, node)
    }
  }

  // MARK: The result

  /// The composed policy; what is wrong with its rules is reported.
  ///
  /// - Parameter isDeferring: whether nothing can be wrong with them, so that reading can wait.
  func policy(
    directives: any DirectiveTypes, checks: Set<String>?, withDocumentation: Bool,
    isDeferring: Bool
  ) -> Policy {
    var policy = Policy()
    policy.name = name
    policy.description = description
    policy.exceptions = exceptions
    policy.profiles = profiles.map { name, node in
      (name, node.node["description"]?.scalar?.text ?? "")
    }
    policy.targets = targets.compactMap { node in
      guard let text = node.text("targets") else { return nil }
      do {
        return try ServerVersion(target: text)
      } catch {
        node.report(.badValue, "\(error)")
        return nil
      }
    }
    let values = parameters.mapValues(\.value)
    for (id, state) in rules.sorted(by: { $0.key < $1.key }) {
      let compiler = RuleCompiler(
        directives: directives, parameters: values, groups: groups,
        ownParameters: ownParameters(of: state), withDocumentation: withDocumentation,
        isDeferring: isDeferring)
      guard var rule = compiler.compile(state.source) else { continue }
      if rule.isCode, let checks, !checks.contains(id) {
        state.source.values["check"]?.report(.badValue, "there is no check with the id \(id)")
      }
      if let severity = state.severity { rule.severity = severity }
      if let isEnabled = state.isEnabled { rule.isEnabled = isEnabled }
      rule.changes = state.changes
      policy.rules.append(rule)
    }
    return policy
  }

  /// Parameters of the rule that no later file sets.
  private func ownParameters(of state: RuleState) -> Set<String> {
    Set(state.parameterOrder.filter { $0.value >= parameters[$0.key]?.order ?? -1 }.keys)
  }
}
