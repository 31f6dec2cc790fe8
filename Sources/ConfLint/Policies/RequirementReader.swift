import ByteKit
import RedisModel

/// Reads conditions: expressions, `any`, `all`, `not`, and shorthands such as
/// `{directive: timeout, min: 60s}`.
struct RequirementReader {
  private let names: ExpressionNames
  /// Directives that the condition names, in order.
  private(set) var directives: [String] = []
  /// Facts that it names, in order.
  private(set) var facts: [String] = []
  /// The shorthand at the top, for a message of its own.
  private(set) var shorthand: Shorthand?

  /// A directive and what a shorthand says about it.
  struct Shorthand: Sendable {
    let directive: DirectiveType
    /// What is expected, as in `between 60s and 600s`.
    let expectation: String
  }

  /// The operators of shorthands.
  static let operators = [
    "equals", "not-equals", "one-of", "none-of", "min", "max", "between", "matches", "not-matches",
    "present", "absent", "contains", "not-contains",
  ]
  private static let combinations = ["any", "all", "not"]
  /// Nested combinations.
  private static let depthMax = 16

  init(_ names: ExpressionNames) {
    self.names = names
  }

  /// The condition; nil, and reported, if something about it is wrong.
  mutating func read(_ source: SourceNode, depth: Int = 0) -> Expression? {
    guard depth < RequirementReader.depthMax else {
      source.report(.expression, "more than \(RequirementReader.depthMax) nested conditions")
      return nil
    }
    if source.node.items != nil { return all(source, depth: depth) }
    guard source.node.entries != nil else { return expression(source) }
    let keys = RequirementReader.combinations + ["directive"] + RequirementReader.operators
    guard let map = source.map(of: keys, "a condition") else { return nil }
    guard let name = map["directive"] else { return combination(source, map, depth: depth) }
    if let extra = RequirementReader.combinations.first(where: { map[$0] != nil }) {
      source.report(.wrongKind, "a condition has 'directive' or '\(extra)', not both")
      return nil
    }
    return shorthand(source, name, map)
  }

  private mutating func all(_ source: SourceNode, depth: Int) -> Expression? {
    var parts: [Expression] = []
    for item in source.list("a list of conditions") {
      guard let part = read(item, depth: depth + 1) else { return nil }
      parts.append(part)
    }
    guard !parts.isEmpty else {
      source.report(.nothing, "a list of conditions is empty")
      return nil
    }
    return .and(parts)
  }

  private mutating func combination(
    _ source: SourceNode, _ map: [String: SourceNode], depth: Int
  ) -> Expression? {
    var parts: [Expression] = []
    for word in RequirementReader.combinations {
      guard let inner = map[word] else { continue }
      guard let condition = read(inner, depth: depth + 1) else { return nil }
      switch (word, condition) {
      case ("any", .and(let alternatives)) where inner.node.items != nil:
        parts.append(.or(alternatives))
      case ("not", .and(let alternatives)) where inner.node.items != nil:
        parts.append(.not(.or(alternatives)))
      case ("not", _): parts.append(.not(condition))
      default: parts.append(condition)
      }
    }
    guard !parts.isEmpty, parts.count == (source.node.entries ?? []).count else {
      // Unknown keys were reported already.
      if parts.isEmpty {
        let found = RequirementReader.operators.first { map[$0] != nil }
        source.report(
          .missingKey,
          found.map { "'\($0)' needs 'directive: name' beside it" }
            ?? "a condition needs any, all, not, or directive")
      }
      return nil
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func expression(_ source: SourceNode) -> Expression? {
    guard let text = source.text("a condition") else { return nil }
    return expression(text, source)?.expression
  }

  private mutating func expression(
    _ text: String, _ source: SourceNode, isCondition: Bool = true
  ) -> TypedExpression? {
    do {
      var checker = ExpressionChecker(names)
      let node = try ExpressionParser.parse(text)
      let typed =
        isCondition
        ? TypedExpression(expression: try checker.condition(node), type: .bool)
        : try checker.check(node)
      note(checker)
      return typed
    } catch {
      source.report(error, in: text)
      return nil
    }
  }

  private mutating func note(_ checker: ExpressionChecker) {
    directives += checker.directives.filter { !directives.contains($0) }
    facts += checker.facts.filter { !facts.contains($0) }
  }

  // MARK: Shorthands

  private mutating func shorthand(
    _ source: SourceNode, _ nameNode: SourceNode, _ map: [String: SourceNode]
  ) -> Expression? {
    guard let name = nameNode.text("directive") else { return nil }
    guard let directive = names.directives.type(of: name) else {
      nameNode.report(
        .unknownName,
        "no server knows the directive '\(PrintableText.line(name))'"
          + NearestWord.advice(name, in: names.directives.names))
      return nil
    }
    if !directives.contains(directive.name) { directives.append(directive.name) }
    var parts: [Expression] = []
    var expectations: [String] = []
    for word in RequirementReader.operators {
      guard let operand = map[word] else { continue }
      guard let part = part(word, operand, directive) else { return nil }
      parts.append(part.expression)
      expectations.append(part.expectation)
    }
    guard !parts.isEmpty else {
      source.report(
        .missingKey,
        "'directive' needs one of " + RequirementReader.operators.joined(separator: ", "))
      return nil
    }
    shorthand = Shorthand(
      directive: directive, expectation: expectations.joined(separator: " and "))
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private typealias Part = (expression: Expression, expectation: String)

  private mutating func part(
    _ word: String, _ operand: SourceNode, _ directive: DirectiveType
  ) -> Part? {
    let subject = Expression.directive(.directive, directive.name)
    switch word {
    case "present", "absent":
      guard let flag = operand.flag(word) else { return nil }
      let isPresent = flag == (word == "present")
      let written = Expression.directive(.set, directive.name)
      return (isPresent ? written : .not(written), isPresent ? "a line" : "no line")
    case "equals", "not-equals":
      guard let value = value(operand, directive) else { return nil }
      let operation: SyntaxNode.Comparison = word == "equals" ? .equal : .notEqual
      return (
        .comparison(operation, subject, value.expression),
        word == "equals" ? value.text : "anything but \(value.text)"
      )
    case "min", "max":
      guard requireOrder(operand, directive), let value = value(operand, directive) else {
        return nil
      }
      return (
        .comparison(word == "min" ? .greaterOrEqual : .lessOrEqual, subject, value.expression),
        "at \(word == "min" ? "least" : "most") \(value.text)"
      )
    case "between": return between(operand, directive, subject)
    case "one-of", "none-of": return membership(word, operand, directive, subject)
    case "matches", "not-matches": return match(word, operand, directive)
    default: return containment(word, operand, directive)
    }
  }

  private func requireOrder(_ source: SourceNode, _ directive: DirectiveType) -> Bool {
    if case .quantity = directive.type { return true }
    source.report(
      .expression, "\(directive.name) is \(directive.type.name), which has no order")
    return false
  }

  private mutating func between(
    _ operand: SourceNode, _ directive: DirectiveType, _ subject: Expression
  ) -> Part? {
    let bounds = operand.list("between")
    guard requireOrder(operand, directive) else { return nil }
    guard bounds.count == 2 else {
      if operand.node.items != nil {
        operand.report(.badValue, "between needs two values, [low, high]")
      }
      return nil
    }
    guard let low = value(bounds[0], directive), let high = value(bounds[1], directive) else {
      return nil
    }
    if case .quantity(let least, _)? = low.expression.constant,
      case .quantity(let most, _)? = high.expression.constant, least > most
    {
      operand.report(.badValue, "between holds for nothing: \(low.text) is above \(high.text)")
      return nil
    }
    return (
      .and([
        .comparison(.greaterOrEqual, subject, low.expression),
        .comparison(.lessOrEqual, subject, high.expression),
      ]), "\(low.text) to \(high.text)"
    )
  }

  private mutating func membership(
    _ word: String, _ operand: SourceNode, _ directive: DirectiveType, _ subject: Expression
  ) -> Part? {
    var elements: [Expression] = []
    var texts: [String] = []
    if let text = operand.node.scalar?.text, RequirementReader.isTemplate(text) {
      guard let list = template(text, operand), list.type.element != nil else {
        operand.report(.wrongKind, "\(word) needs a list")
        return nil
      }
      return (
        .membership(subject, list.expression, isNegated: word == "none-of"),
        (word == "none-of" ? "none of " : "one of ")
          + (list.expression.constant?.description ?? text)
      )
    }
    for item in operand.list(word) {
      guard let value = value(item, directive) else { return nil }
      elements.append(value.expression)
      texts.append(value.text)
    }
    guard !elements.isEmpty else {
      if operand.node.items != nil { operand.report(.nothing, "\(word) is empty") }
      return nil
    }
    return (
      .membership(subject, .list(elements), isNegated: word == "none-of"),
      (word == "none-of" ? "none of " : "one of ") + texts.joined(separator: ", ")
    )
  }

  private func match(
    _ word: String, _ operand: SourceNode, _ directive: DirectiveType
  ) -> Part? {
    guard let text = operand.text(word) else { return nil }
    do {
      let match = Expression.match(
        .directive(.text, directive.name), try BytePattern(text))
      let isNegated = word == "not-matches"
      return (
        isNegated ? .not(match) : match,
        "\(isNegated ? "no match of" : "a match of") \(PrintableText.line(text))"
      )
    } catch {
      operand.report(.expression, "the pattern is wrong \(error)")
      return nil
    }
  }

  private mutating func containment(
    _ word: String, _ operand: SourceNode, _ directive: DirectiveType
  ) -> Part? {
    var parts: [Expression] = []
    var texts: [String] = []
    for item in operand.oneOrMore {
      guard let text = item.text(word) else { return nil }
      let element = Expression.constant(.text(text))
      // A word of a line of several, or a part of a single value.
      parts.append(
        directive.isRepeating || directive.type.element != nil
          ? .membership(element, .directive(.words, directive.name), isNegated: false)
          : .or([
            .membership(element, .directive(.words, directive.name), isNegated: false),
            .call(.contains, [.directive(.text, directive.name), element]),
          ]))
      texts.append(text)
    }
    guard !parts.isEmpty else { return nil }
    if word == "contains" {
      return (.and(parts), "something with " + texts.joined(separator: " and "))
    }
    return (.not(.or(parts)), "nothing with " + texts.joined(separator: " or "))
  }

  // MARK: Operands

  static func isTemplate(_ text: String) -> Bool { text.hasPrefix("{") && text.hasSuffix("}") }

  private mutating func template(_ text: String, _ source: SourceNode) -> TypedExpression? {
    expression(String(text.dropFirst().dropLast()), source, isCondition: false)
  }

  /// A value of the directive: as the server reads it, or `{expression}`.
  private mutating func value(
    _ source: SourceNode, _ directive: DirectiveType
  ) -> (expression: Expression, text: String)? {
    if let text = source.node.scalar?.text, RequirementReader.isTemplate(text) {
      guard var typed = template(text, source) else { return nil }
      var subject = TypedExpression(
        expression: .directive(.directive, directive.name), type: directive.type)
      do throws(ExpressionError) {
        try ExpressionChecker(names).reconcile(&subject, &typed, at: 0)
        guard directive.type.unified(with: typed.type) != nil else {
          throw ExpressionError(
            "\(directive.name) is \(directive.type.name), compared with \(typed.type.name)", at: 0)
        }
      } catch {
        source.report(.expression, error.message)
        return nil
      }
      return (typed.expression, typed.expression.constant?.description ?? text)
    }
    let reader = DirectiveValueReader(directive: directive)
    if source.node.items != nil {
      return list(source, directive, reader)
    }
    guard let reading = reader.read(source) else { return nil }
    if case .quantity(_, .percent) = reading.value, directive.type == .bytes {
      // A share of the memory limit, as the server takes it.
      return (
        .product(
          .constant(reading.value), [(.multiply, .directive(.directive, "maxmemory"))]),
        reading.text
      )
    }
    return (.constant(reading.value), reading.text.isEmpty ? "\"\"" : reading.text)
  }

  private func list(
    _ source: SourceNode, _ directive: DirectiveType, _ reader: DirectiveValueReader
  ) -> (expression: Expression, text: String)? {
    if directive.type == .list(.savePoint) {
      guard let points = reader.readSavePoints(source) else { return nil }
      var values: [ExpressionValue] = []
      for case .list(let elements) in points.map(\.value) { values += elements }
      return (
        .constant(.list(values)), points.map(\.text).joined(separator: ", ")
      )
    }
    guard directive.type == .string, directive.words.isEmpty else {
      source.report(.wrongKind, "\(directive.name) takes one value, found a list")
      return nil
    }
    let text = source.texts(directive.name).joined(separator: " ")
    return (.constant(.text(text)), text)
  }
}
