/// What a rule would change, before a file is at hand.
struct FixTemplate: Sendable {
  /// One change.
  enum Change: Sendable {
    /// Gives a directive these values; several stand on a line each.
    case set(String, [MessageTemplate])
    /// Removes all lines of a directive.
    case remove(String)
    /// Removes the line of `it`.
    case removeEntry
    /// Replaces the arguments of the entry's or the anchor's line.
    case replaceValue(MessageTemplate)
    /// Replaces a directive's name.
    case rename(String, to: String)
    /// Adds a line at the end of the file.
    case insert(MessageTemplate)
  }

  let changes: [Change]
  let isSafe: Bool
  /// Facts without which there is no fix.
  let needs: [String]
  /// What the fix does; nil for a sentence made from the changes.
  let summary: String?
  /// Whether Swift makes the edits, and there are no changes.
  let isComputed: Bool
}

/// Reads `fix:` of a rule.
struct FixReader {
  /// The rule's id.
  let id: String
  let names: ExpressionNames
  /// The directive whose name `rename: new-name` replaces, and whose line `replace-value` changes.
  let anchor: String?
  let isForEach: Bool

  static let keys = [
    "set", "remove", "replace-value", "rename", "insert", "safety", "needs", "summary",
  ]

  /// The fix; nil, and reported, if something about it is wrong.
  func read(_ source: SourceNode) -> FixTemplate? {
    if source.node.scalar?.text == "code" { return computed(source) }
    guard let map = source.map(of: FixReader.keys, "a fix") else { return nil }
    var changes: [FixTemplate.Change] = []
    var isWhole = true
    func add(_ change: [FixTemplate.Change]?) {
      changes += change ?? []
      if change == nil { isWhole = false }
    }
    if let node = map["set"] { add(set(node)) }
    if let node = map["remove"] { add(remove(node)) }
    if let node = map["replace-value"] { add(replaceValue(node)) }
    if let node = map["rename"] { add(rename(node)) }
    if let node = map["insert"] {
      add(node.text("insert").flatMap { template(node, $0) }.map { [.insert($0)] })
    }
    guard isWhole else { return nil }
    guard !changes.isEmpty else {
      source.report(.missingKey, "a fix needs set, remove, replace-value, rename or insert")
      return nil
    }
    let safety = map["safety"]?.word("safety", of: ["safe", "unsafe"]) ?? "unsafe"
    var needs: [String] = []
    for node in map["needs"]?.oneOrMore ?? [] {
      guard let name = node.text("needs") else { continue }
      guard FactTable.index(of: name) != nil else {
        node.report(
          .unknownName,
          "there is no fact '\(name)'" + NearestWord.advice(name, in: FactTable.all.map(\.name)))
        continue
      }
      needs.append(name)
    }
    return FixTemplate(
      changes: changes, isSafe: safety == "safe", needs: needs,
      summary: map["summary"]?.text("summary"), isComputed: false)
  }

  /// The fix of a rule of the program's own policies that has one in Swift.
  private func computed(_ source: SourceNode) -> FixTemplate? {
    guard ComputedFixes.ids.contains(id) else {
      source.report(
        .wrongKind,
        "the rule \(id) has no fix in code; expected a map with set, remove, replace-value, rename "
          + "or insert")
      return nil
    }
    return FixTemplate(changes: [], isSafe: false, needs: [], summary: nil, isComputed: true)
  }

  private func set(_ source: SourceNode) -> [FixTemplate.Change]? {
    var result: [FixTemplate.Change] = []
    for (name, value) in source.entries("set") {
      guard let directive = directive(name, value) else { return nil }
      if directive.type == .list(.savePoint), value.node.items != nil {
        guard let points = DirectiveValueReader(directive: directive).readSavePoints(value) else {
          return nil
        }
        result.append(.set(directive.name, points.map { MessageTemplate($0.text) }))
        continue
      }
      var texts: [MessageTemplate] = []
      for item in value.oneOrMore {
        if let text = item.node.scalar?.text, text.contains("{") {
          guard let template = self.template(item, text) else { return nil }
          texts.append(template)
        } else {
          guard let reading = DirectiveValueReader(directive: directive).read(item) else {
            return nil
          }
          texts.append(MessageTemplate(reading.text))
        }
      }
      result.append(.set(directive.name, texts))
    }
    return result
  }

  private func remove(_ source: SourceNode) -> [FixTemplate.Change]? {
    var result: [FixTemplate.Change] = []
    for item in source.oneOrMore {
      guard let name = item.text("remove") else { return nil }
      if name == "it", isForEach {
        result.append(.removeEntry)
        continue
      }
      guard let directive = directive(name, item) else { return nil }
      result.append(.remove(directive.name))
    }
    return result
  }

  private func replaceValue(_ source: SourceNode) -> [FixTemplate.Change]? {
    guard let text = source.text("replace-value"), let template = template(source, text) else {
      return nil
    }
    guard isForEach || anchor != nil else {
      source.report(.missingKey, "replace-value needs an anchor or for-each")
      return nil
    }
    return [.replaceValue(template)]
  }

  private func rename(_ source: SourceNode) -> [FixTemplate.Change]? {
    if let entries = source.node.entries {
      var result: [FixTemplate.Change] = []
      for entry in entries {
        let value = source.with(entry.value)
        guard let new = value.text("rename"), directive(new, value) != nil else { return nil }
        result.append(.rename(entry.key.text, to: new))
      }
      return result
    }
    guard let new = source.text("rename"), directive(new, source) != nil else { return nil }
    guard let anchor else {
      source.report(.missingKey, "rename needs an anchor, or {old: new}")
      return nil
    }
    return [.rename(anchor, to: new)]
  }

  private func template(_ source: SourceNode, _ text: String) -> MessageTemplate? {
    MessageTemplate(source, text, names: names)
  }

  private func directive(_ name: String, _ source: SourceNode) -> DirectiveType? {
    if let found = names.directives.type(of: name) { return found }
    source.report(
      .unknownName,
      "no server knows the directive '\(name)'"
        + NearestWord.advice(name, in: names.directives.names))
    return nil
  }
}
