import ByteKit
import RedisModel

extension ExpressionChecker {
  mutating func comparison(
    _ operation: SyntaxNode.Comparison, _ left: SyntaxNode, _ right: SyntaxNode
  ) throws(ExpressionError) -> TypedExpression {
    var first = try check(left)
    var second = try check(right)
    try reconcile(&first, &second, at: left.offset)
    if operation == .equal || operation == .notEqual {
      try checkWord(second, of: first, at: right.offset)
      try checkWord(first, of: second, at: left.offset)
      if let words = overlap(first, second, isNegated: operation == .notEqual) { return words }
    }
    guard let type = first.type.unified(with: second.type) else {
      throw mismatch(first, second, at: left.offset)
    }
    if operation != .equal, operation != .notEqual {
      switch type {
      case .quantity, .anything: break
      default:
        throw ExpressionError(
          "\(type.name) has no order: '\(operation.rawValue)' compares numbers", at: left.offset)
      }
    }
    return TypedExpression(
      expression: .comparison(operation, first.expression, second.expression), type: .bool)
  }

  mutating func membership(
    _ element: SyntaxNode, _ list: SyntaxNode, _ isNegated: Bool
  ) throws(ExpressionError) -> TypedExpression {
    var first = try check(element)
    let second = try check(list)
    guard let inner = second.type.element else {
      throw ExpressionError("'in' needs a list, found \(second.type.name)", at: list.offset)
    }
    if first.type == .words, let words = overlap(first, second, isNegated: isNegated) {
      try checkWord(second, of: first, at: list.offset)
      return words
    }
    var sample = TypedExpression(expression: second.expression, type: inner)
    if case .constant(.list(let elements)) = second.expression {
      // Each element by itself, so that 'yes' and 0 are read as what they are compared with.
      var converted: [ExpressionValue] = []
      for element in elements {
        var one = TypedExpression(expression: .constant(element), type: element.type)
        try reconcile(&first, &one, at: list.offset)
        try checkWord(one, of: first, at: list.offset)
        guard first.type.unified(with: one.type) != nil else {
          throw mismatch(first, one, at: element.type == inner ? list.offset : list.offset)
        }
        converted.append(one.expression.constant ?? element)
      }
      return TypedExpression(
        expression: .membership(
          first.expression, .constant(.list(converted)), isNegated: isNegated), type: .bool)
    }
    try reconcile(&first, &sample, at: element.offset)
    try checkWord(first, of: second, at: element.offset)
    guard first.type.unified(with: inner) != nil else {
      throw mismatch(first, sample, at: element.offset)
    }
    return TypedExpression(
      expression: .membership(first.expression, second.expression, isNegated: isNegated),
      type: .bool)
  }

  /// Words compared with a word or with words: whether they have one in common.
  private func overlap(
    _ left: TypedExpression, _ right: TypedExpression, isNegated: Bool
  ) -> TypedExpression? {
    guard left.type == .words || right.type == .words else { return nil }
    func list(_ side: TypedExpression) -> Expression? {
      switch side.type {
      case .words, .list: return side.expression
      case .string:
        if let constant = side.expression.constant { return .constant(.list([constant])) }
        return .list([side.expression])
      default: return nil
      }
    }
    guard let first = list(left), let second = list(right) else { return nil }
    return TypedExpression(expression: .overlap(first, second, isNegated: isNegated), type: .bool)
  }

  mutating func match(_ subject: SyntaxNode, _ pattern: SyntaxNode) throws(ExpressionError)
    -> TypedExpression
  {
    let typed = try check(subject)
    guard typed.type == .string || typed.type == .anything else {
      throw ExpressionError("'matches' needs text, found \(typed.type.name)", at: subject.offset)
    }
    guard case .constant(.text(let bytes)) = try check(pattern).expression else {
      throw ExpressionError("'matches' needs a pattern in quotes", at: pattern.offset)
    }
    do {
      let compiled = try BytePattern(String(decoding: bytes, as: UTF8.self))
      return TypedExpression(expression: .match(typed.expression, compiled), type: .bool)
    } catch {
      throw ExpressionError("the pattern is wrong \(error)", at: pattern.offset)
    }
  }

  mutating func sum(
    _ first: SyntaxNode, _ rest: [(operation: SyntaxNode.Sum, term: SyntaxNode)]
  ) throws(ExpressionError) -> TypedExpression {
    var start = try check(first)
    try requireQuantity(start, at: first.offset)
    var terms: [(operation: SyntaxNode.Sum, term: Expression)] = []
    for (operation, node) in rest {
      var term = try check(node)
      try requireQuantity(term, at: node.offset)
      if terms.isEmpty {
        try reconcile(&start, &term, at: node.offset)
      } else {
        var total = TypedExpression(expression: .it, type: start.type)
        try reconcile(&total, &term, at: node.offset)
      }
      guard let type = start.type.unified(with: term.type) else {
        throw ExpressionError(
          "\(start.type.name) and \(term.type.name) do not add up", at: node.offset)
      }
      start.type = type
      terms.append((operation, term.expression))
    }
    return TypedExpression(expression: .sum(start.expression, terms), type: start.type)
  }

  mutating func product(
    _ first: SyntaxNode, _ rest: [(operation: SyntaxNode.Product, factor: SyntaxNode)]
  ) throws(ExpressionError) -> TypedExpression {
    let start = try check(first)
    try requireQuantity(start, at: first.offset)
    var type = start.type
    var factors: [(operation: SyntaxNode.Product, factor: Expression)] = []
    for (operation, node) in rest {
      let factor = try check(node)
      try requireQuantity(factor, at: node.offset)
      if case .quantity(let left) = type, case .quantity(let right) = factor.type {
        let result =
          operation == .multiply
          ? Dimension.product(left, right)?.0 : Dimension.quotient(left, right)?.0
        guard let result else {
          let verb = operation == .multiply ? "times" : "divided by"
          throw ExpressionError(
            "\(left.name) \(verb) \(right.name) has no meaning", at: node.offset)
        }
        type = .quantity(result)
      } else {
        type = .anything
      }
      factors.append((operation, factor.expression))
    }
    return TypedExpression(expression: .product(start.expression, factors), type: type)
  }

  private func requireQuantity(_ typed: TypedExpression, at offset: Int) throws(ExpressionError) {
    switch typed.type {
    case .quantity, .anything: return
    default: throw ExpressionError("arithmetic needs numbers, found \(typed.type.name)", at: offset)
    }
  }

  /// Reads a constant as what the other side is: 0 has every unit, 'yes' is true beside a yes/no
  /// directive.
  func reconcile(
    _ left: inout TypedExpression, _ right: inout TypedExpression, at offset: Int
  ) throws(ExpressionError) {
    try ExpressionChecker.adapt(&left, to: right.type, at: offset)
    try ExpressionChecker.adapt(&right, to: left.type, at: offset)
  }

  private static func adapt(
    _ side: inout TypedExpression, to type: ValueType, at offset: Int
  ) throws(ExpressionError) {
    guard let constant = side.expression.constant else { return }
    switch (constant, type) {
    case (.quantity(let number, .number), .quantity(let dimension)) where dimension != .number:
      guard number == .zero else {
        throw ExpressionError(
          "\(number) needs a unit beside \(dimension.name): \(unitAdvice(number, dimension))",
          at: offset)
      }
      side = TypedExpression(expression: .constant(.quantity(number, dimension)), type: type)
    case (.text(let bytes), .bool):
      let word = String(decoding: bytes, as: UTF8.self).lowercased()
      guard word == "yes" || word == "no" else {
        throw ExpressionError(
          "a yes/no value is never '\(PrintableText.plain(bytes))': write 'yes' or 'no'",
          at: offset)
      }
      side = TypedExpression(expression: .constant(.bool(word == "yes")), type: .bool)
    case (.text(let bytes), .quantity):
      throw ExpressionError(
        "'\(PrintableText.plain(bytes))' is text beside \(type.name): write it without quotes",
        at: offset)
    case (.list(let elements), .list(let inner)):
      side = try adaptElements(elements, to: elements.map { _ in inner }, side, at: offset)
    case (.list(let elements), .tuple(let inner)) where elements.count == inner.count:
      side = try adaptElements(elements, to: inner, side, at: offset)
    default: return
    }
  }

  private static func adaptElements(
    _ elements: [ExpressionValue], to types: [ValueType], _ side: TypedExpression, at offset: Int
  ) throws(ExpressionError) -> TypedExpression {
    var converted: [TypedExpression] = []
    for (element, type) in zip(elements, types) {
      var one = TypedExpression(expression: .constant(element), type: element.type)
      try adapt(&one, to: type, at: offset)
      converted.append(one)
    }
    let values = converted.compactMap { $0.expression.constant }
    return TypedExpression(
      expression: .constant(.list(values)), type: ExpressionValue.list(values).type)
  }

  private static func unitAdvice(_ number: ExactNumber, _ dimension: Dimension) -> String {
    switch dimension {
    case .duration: "\(number)s or \(number)ms?"
    case .bytes: "\(number)mb or \(number)b?"
    case .percent: "\(number)%?"
    default: "divide a size by a duration"
    }
  }

  private func mismatch(
    _ left: TypedExpression, _ right: TypedExpression, at offset: Int
  ) -> ExpressionError {
    ExpressionError("\(left.type.name) is compared with \(right.type.name)", at: offset)
  }

  /// Refuses a word that the other side can never be.
  private func checkWord(
    _ side: TypedExpression, of other: TypedExpression, at offset: Int
  ) throws(ExpressionError) {
    guard !other.words.isEmpty, let constant = side.expression.constant else { return }
    var wanted = [constant]
    if case .list(let elements) = constant { wanted = elements }
    for value in wanted {
      guard case .text(let bytes) = value else { continue }
      let word = String(decoding: bytes, as: UTF8.self)
      if other.words.contains(where: { $0 == word || $0 == word.lowercased() }) { continue }
      throw ExpressionError(
        "this is never '\(PrintableText.line(word))'"
          + NearestWord.advice(word, in: other.words)
          + "; it is one of " + other.words.joined(separator: ", "), at: offset)
    }
  }
}
