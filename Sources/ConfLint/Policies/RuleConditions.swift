import ByteKit
import RedisModel

/// What a rule's `when` asks for.
struct RuleConditions: Sendable {
  /// Kinds of files.
  enum FileKind: String, CaseIterable, Sendable {
    case conf, sentinel, acl
  }

  var files: [FileKind] = [.conf]
  var product: ServerVersion.Product?
  /// Versions of each product; a product without a range does not fit if others have one.
  var versions: [ServerVersion.Product: VersionRange]?
  /// Conditions on facts, cheapest first, then `expr`.
  var guards: [Expression] = []
  /// Directives that the guards name.
  var directives: [String] = []
  /// Facts that the guards name.
  var facts: [String] = []

  /// Whether the rule is about this server at all.
  func fits(_ target: ServerVersion) -> Bool {
    if let product, product != target.product { return false }
    guard let versions else { return true }
    return versions[target.product]?.contains(target) ?? false
  }
}

/// Reads `when`.
struct ConditionsReader {
  static let keys = [
    "workload", "role", "env", "product", "version", "file", "expr", "facts",
  ]

  let names: ExpressionNames

  /// The conditions; what is wrong is reported, and nil.
  func read(_ source: SourceNode) -> RuleConditions? {
    var result = RuleConditions()
    if source.node.isNull { return result }
    guard let map = source.map(of: ConditionsReader.keys, "'when'") else { return nil }
    var isWhole = map.count == (source.node.entries ?? []).count
    if let node = map["file"] {
      let kinds = node.oneOrMore.map { item in
        item.word("file", of: RuleConditions.FileKind.allCases.map(\.rawValue))
          .flatMap { RuleConditions.FileKind(rawValue: $0) }
      }
      result.files = kinds.compactMap { $0 }
      if result.files.count != kinds.count { isWhole = false }
    }
    if let node = map["product"] {
      let word = node.word("product", of: ["redis", "valkey", "any"])
      result.product = word.flatMap { ServerVersion.Product(rawValue: $0) }
      if word == nil { isWhole = false }
    }
    if let node = map["version"] {
      result.versions = versions(node)
      if result.versions == nil { isWhole = false }
    }
    for name in ["workload", "role", "env"] {
      guard let node = map[name] else { continue }
      isWhole = fact(name, node, into: &result) && isWhole
    }
    for (name, node) in map["facts"]?.entries("facts") ?? [] {
      isWhole = fact(name, node, into: &result) && isWhole
    }
    if let node = map["expr"] {
      var reader = RequirementReader(names)
      guard let condition = reader.read(node) else { return nil }
      result.guards.append(condition)
      result.directives = reader.directives
      result.facts += reader.facts
    }
    return isWhole ? result : nil
  }

  private func versions(_ source: SourceNode) -> [ServerVersion.Product: VersionRange]? {
    var result: [ServerVersion.Product: VersionRange] = [:]
    if source.node.entries != nil {
      guard let map = source.map(of: ["redis", "valkey"], "'version'") else { return nil }
      for (name, node) in map {
        guard let product = ServerVersion.Product(rawValue: name), let range = range(node) else {
          return nil
        }
        result[product] = range
      }
      return result
    }
    guard let range = range(source) else { return nil }
    for product in ServerVersion.Product.allCases { result[product] = range }
    return result
  }

  private func range(_ source: SourceNode) -> VersionRange? {
    guard let text = source.text("version") else { return nil }
    do {
      let range = try VersionRange(text)
      if source.node.scalar?.style == .plain, text.utf8.first?.isDigit == true {
        source.report(
          .unquoted, "a version is text: put quotes around it, so that 7.10 stays apart from 7.1")
      }
      return range
    } catch {
      source.report(.badValue, error.description)
      return nil
    }
  }

  /// Adds the guard that a fact has one of the values of `node`, or none: `{not: [...]}`.
  private func fact(
    _ name: String, _ node: SourceNode, into result: inout RuleConditions
  ) -> Bool {
    guard let index = FactTable.index(of: name) else {
      node.report(
        .unknownName,
        "there is no fact '\(PrintableText.line(name))'"
          + NearestWord.advice(name, in: FactTable.all.map(\.name)))
      return false
    }
    let fact = FactTable.all[index]
    var source = node
    var isNegated = false
    if node.node.entries != nil {
      guard let inner = node.map(of: ["not"], "'\(name)'")?["not"] else { return false }
      source = inner
      isNegated = true
    }
    var values: [ExpressionValue] = []
    for item in source.oneOrMore {
      guard let text = item.text(name) else { return false }
      do {
        let value = try FactValue(fact).value(ofTexts: [text])
        if case .list(let elements) = value { values += elements } else { values.append(value) }
      } catch {
        item.report(.badValue, error.description)
        return false
      }
    }
    if !result.facts.contains(name) { result.facts.append(name) }
    let list = Expression.constant(.list(values))
    result.guards.append(
      fact.type.element != nil
        ? .overlap(.fact(index), list, isNegated: isNegated)
        : .membership(.fact(index), list, isNegated: isNegated))
    return true
  }
}
