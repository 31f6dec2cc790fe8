import ByteKit
import RedisModel

/// An expression with its type.
struct TypedExpression: Sendable {
  var expression: Expression
  var type: ValueType
  /// The catalogue's words, where the value is one of them.
  var words: [String] = []
}

/// Resolves names and checks types, so that evaluation meets no surprise.
struct ExpressionChecker {
  private let names: ExpressionNames
  /// Directives in the order in which they are named, each once.
  private(set) var directives: [String] = []
  /// Facts whose value is asked for, each once.
  private(set) var facts: [String] = []
  /// What `it` stands for at this place.
  private var it: ValueType?

  init(_ names: ExpressionNames) {
    self.names = names
    it = names.it
  }

  /// Checks a condition: an expression that is true or false.
  mutating func condition(_ node: SyntaxNode) throws(ExpressionError) -> Expression {
    let typed = try check(node)
    try requireBool(typed, node)
    return typed.expression
  }

  private func requireBool(_ typed: TypedExpression, _ node: SyntaxNode) throws(ExpressionError) {
    guard typed.type == .bool || typed.type == .anything else {
      throw ExpressionError(
        "this is \(typed.type.name), where yes or no is needed: compare it", at: node.offset)
    }
  }

  /// Checks an expression of any type.
  mutating func check(_ node: SyntaxNode) throws(ExpressionError) -> TypedExpression {
    switch node.form {
    case .bool(let value):
      return TypedExpression(expression: .constant(.bool(value)), type: .bool)
    case .quantity(let number, let dimension):
      return TypedExpression(
        expression: .constant(.quantity(number, dimension)), type: .quantity(dimension))
    case .string(let bytes):
      return TypedExpression(expression: .constant(.text(bytes)), type: .string)
    case .list(let elements): return try list(elements)
    case .path(let path): return try self.path(path, at: node.offset)
    case .call(let name, let arguments): return try call(name, arguments, at: node.offset)
    case .field(let inner, let name):
      let record = try check(inner)
      return TypedExpression(
        expression: .field(record.expression, name),
        type: try field(name, of: record.type, at: node.offset))
    case .not(let inner):
      return TypedExpression(expression: .not(try condition(inner)), type: .bool)
    case .and(let parts):
      return TypedExpression(expression: .and(try conditions(parts)), type: .bool)
    case .or(let parts):
      return TypedExpression(expression: .or(try conditions(parts)), type: .bool)
    case .comparison(let operation, let left, let right):
      return try comparison(operation, left, right)
    case .membership(let element, let list, let isNegated):
      return try membership(element, list, isNegated)
    case .match(let subject, let pattern): return try match(subject, pattern)
    case .sum(let first, let rest): return try sum(first, rest)
    case .product(let first, let rest): return try product(first, rest)
    }
  }

  private mutating func conditions(_ nodes: [SyntaxNode]) throws(ExpressionError) -> [Expression] {
    var result: [Expression] = []
    for node in nodes { result.append(try condition(node)) }
    return result
  }

  private mutating func list(_ elements: [SyntaxNode]) throws(ExpressionError) -> TypedExpression {
    var parts: [TypedExpression] = []
    for element in elements { parts.append(try check(element)) }
    let constants = parts.compactMap { $0.expression.constant }
    let expression: Expression =
      constants.count == parts.count ? .constant(.list(constants)) : .list(parts.map(\.expression))
    var element: ValueType? = .anything
    for part in parts { element = element?.unified(with: part.type) }
    return TypedExpression(
      expression: expression,
      type: element.map { .list($0) } ?? .tuple(parts.map(\.type)))
  }

  // MARK: Names

  private mutating func path(_ path: [String], at offset: Int) throws(ExpressionError)
    -> TypedExpression
  {
    switch path[0] {
    case "it":
      guard var type = it else {
        throw ExpressionError(
          "'it' has a meaning only with for-each and inside any(), all() and filter()", at: offset)
      }
      var expression = Expression.it
      for name in path.dropFirst() {
        type = try field(name, of: type, at: offset)
        expression = .field(expression, name)
      }
      return TypedExpression(expression: expression, type: type)
    case "params":
      guard path.count == 2, let value = names.parameters[path[1]] else {
        throw unknownName(
          path, among: names.parameters.keys.sorted().map { "params.\($0)" }, at: offset)
      }
      return TypedExpression(expression: .constant(value), type: value.type)
    case "groups":
      guard path.count == 2, let words = names.groups[path[1]] else {
        throw unknownName(
          path, among: names.groups.keys.sorted().map { "groups.\($0)" }, at: offset)
      }
      return TypedExpression(
        expression: .constant(.list(words.map { .text($0) })), type: .list(.string))
    case "target" where path.count == 2 && path[1] == "product":
      return TypedExpression(
        expression: .targetProduct, type: .string, words: ["redis", "valkey"])
    case "target" where path.count == 2 && path[1] == "version":
      return TypedExpression(expression: .targetVersion, type: .string)
    default: return try fact(path, at: offset)
    }
  }

  private mutating func fact(_ path: [String], at offset: Int) throws(ExpressionError)
    -> TypedExpression
  {
    let name = path.joined(separator: ".")
    guard let index = FactTable.index(of: name) else {
      var advice = FactTable.all.map(\.name) + ["target.product", "target.version"]
      advice += names.parameters.keys.map { "params.\($0)" } + ["it"]
      throw unknownName(path, among: advice, at: offset)
    }
    if !facts.contains(name) { facts.append(name) }
    let fact = FactTable.all[index]
    return TypedExpression(expression: .fact(index), type: fact.type, words: fact.words)
  }

  private func unknownName(
    _ path: [String], among known: [String], at offset: Int
  ) -> ExpressionError {
    let name = path.joined(separator: ".")
    if path.count == 1, names.directives.type(of: name) != nil {
      return ExpressionError("'\(name)' is a directive: write directive('\(name)')", at: offset)
    }
    return ExpressionError(
      "there is no fact or name '\(name)'" + NearestWord.advice(name, in: known), at: offset)
  }

  private func field(_ name: String, of type: ValueType, at offset: Int) throws(ExpressionError)
    -> ValueType
  {
    var fields: [String: ValueType] = [:]
    if case .record(let kind) = type { fields = kind.fields }
    if type == .savePoint { fields = ["seconds": .duration, "changes": .number] }
    guard let found = fields[name] else {
      throw ExpressionError(
        "\(type.name) has no '\(name)'" + NearestWord.advice(name, in: fields.keys.sorted())
          + (fields.isEmpty ? "" : "; it has " + fields.keys.sorted().joined(separator: ", ")),
        at: offset)
    }
    return found
  }

  // MARK: Calls

  private mutating func call(_ name: String, _ arguments: [SyntaxNode], at offset: Int)
    throws(ExpressionError) -> TypedExpression
  {
    if name == "given" { return try given(arguments, at: offset) }
    if let query = DirectiveQuery(rawValue: name) {
      return try directive(query, arguments, at: offset)
    }
    if let query = ReadingQuery(rawValue: name) {
      guard arguments.isEmpty else {
        throw ExpressionError("\(name)() takes no argument", at: offset)
      }
      return TypedExpression(expression: .reading(query), type: query.type)
    }
    if let quantifier = Quantifier(rawValue: name) {
      return try quantified(quantifier, arguments, at: offset)
    }
    guard let function = ValueFunction(rawValue: name) else {
      throw ExpressionError(
        "there is no function '\(name)'"
          + NearestWord.advice(name, in: ExpressionChecker.functionNames), at: offset)
    }
    guard function.argumentCount.contains(arguments.count) else {
      let count = function.argumentCount.upperBound
      throw ExpressionError(
        "\(name)() takes \(count == 1 ? "1 argument" : "\(count) arguments"), "
          + "not \(arguments.count)",
        at: offset)
    }
    var parts: [TypedExpression] = []
    for argument in arguments { parts.append(try check(argument)) }
    let type = try FunctionTypes(function, name: name, offset: offset).result(&parts)
    return TypedExpression(expression: .call(function, parts.map(\.expression)), type: type)
  }

  static let functionNames: [String] =
    [
      "given", "directive", "set", "count", "text", "words", "line", "known", "deprecated",
      "introduced", "default",
    ] + ReadingQuery.allCases.map(\.rawValue) + Quantifier.allCases.map(\.rawValue)
    + ValueFunction.allCases.map(\.rawValue)

  private func given(_ arguments: [SyntaxNode], at offset: Int) throws(ExpressionError)
    -> TypedExpression
  {
    var name = ""
    if arguments.count == 1, case .string(let bytes) = arguments[0].form {
      name = String(decoding: bytes, as: UTF8.self)
    } else if arguments.count == 1, case .path(let path) = arguments[0].form {
      name = path.joined(separator: ".")
    }
    guard let index = FactTable.index(of: name) else {
      throw ExpressionError(
        "given() takes the name of a fact, such as given(host.memory)"
          + NearestWord.advice(name, in: FactTable.all.map(\.name)), at: offset)
    }
    return TypedExpression(expression: .given(index), type: .bool)
  }

  private mutating func directive(
    _ query: DirectiveQuery, _ arguments: [SyntaxNode], at offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    guard arguments.count == 1, case .string(let bytes) = arguments[0].form else {
      throw ExpressionError(
        "\(query.rawValue)() takes one name in quotes, such as \(query.rawValue)('maxmemory')",
        at: offset)
    }
    let name = String(decoding: bytes, as: UTF8.self)
    guard let found = names.directives.type(of: name) else {
      throw ExpressionError(
        "no server knows the directive '\(PrintableText.line(name))'"
          + NearestWord.advice(name, in: names.directives.names), at: arguments[0].offset)
    }
    if !directives.contains(found.name) { directives.append(found.name) }
    let isValue = query == .directive || query == .defaultValue
    return TypedExpression(
      expression: .directive(query, found.name), type: query.type(for: found.type),
      words: isValue ? found.words : [])
  }

  private mutating func quantified(
    _ quantifier: Quantifier, _ arguments: [SyntaxNode], at offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    guard arguments.count == 2 else {
      throw ExpressionError(
        "\(quantifier.rawValue)() takes a list and a condition on its elements: "
          + "\(quantifier.rawValue)(binds(), loopback)", at: offset)
    }
    let list = try check(arguments[0])
    guard let element = list.type.element else {
      throw ExpressionError(
        "\(quantifier.rawValue)() needs a list, found \(list.type.name)", at: arguments[0].offset)
    }
    let outer = it
    it = element
    defer { it = outer }
    let predicate: Expression
    if case .path(let path) = arguments[1].form, path.count == 1,
      let function = ValueFunction(rawValue: path[0]), function.isPredicate
    {
      predicate = .call(function, [.it])
    } else {
      predicate = try condition(arguments[1])
    }
    return TypedExpression(
      expression: .quantifier(quantifier, list.expression, predicate),
      type: quantifier == .filter ? .list(element) : .bool)
  }
}
