import RedisModel

/// What an expression is evaluated against: one file as one server reads it.
protocol ExpressionScope: AnyObject {
  /// The facts.
  var facts: Facts { get }
  /// The server.
  var target: ServerVersion { get }
  /// Something about a directive, by the catalogue's name.
  func answer(_ query: DirectiveQuery, _ name: String) -> ExpressionValue
  /// Something about the whole reading.
  func answer(_ query: ReadingQuery) -> ExpressionValue
  /// The buffer limits of a class.
  func buffers(_ name: String) -> ExpressionValue
  /// What the user of that index or name may do; `function` is `allows`, `keys`, `channels` or
  /// `nopass`.
  func user(_ function: ValueFunction, _ user: ExpressionValue, command: String) -> ExpressionValue
}

/// Evaluates expressions within a number of steps.
struct Evaluation {
  /// Nodes visited by one condition. Only quantifiers in quantifiers over long lists come near it.
  static let stepCountMax = 100_000

  private let scope: any ExpressionScope
  private var it: ExpressionValue?
  private var stepCount = 0

  /// An evaluation; `it` is the entry of `for-each`.
  init(_ scope: any ExpressionScope, it: ExpressionValue? = nil) {
    self.scope = scope
    self.it = it
  }

  /// The value of `expression`.
  mutating func value(_ expression: Expression) -> ExpressionValue {
    stepCount += 1
    guard stepCount <= Evaluation.stepCountMax else { return .unknown([.limit]) }
    switch expression {
    case .constant(let value): return value
    case .fact(let index): return fact(index)
    case .given(let index): return .bool(scope.facts[index] != nil)
    case .it: return it ?? .unknown([.part("it")])
    case .field(let record, let name): return field(value(record), name)
    case .directive(let query, let name): return scope.answer(query, name)
    case .reading(let query): return scope.answer(query)
    case .targetProduct: return .text(scope.target.product.rawValue)
    case .targetVersion: return .text(scope.target.numbers)
    case .list(let elements): return list(elements)
    case .not(let inner): return negated(value(inner))
    case .and(let parts): return joined(parts, stopsAt: false)
    case .or(let parts): return joined(parts, stopsAt: true)
    case .comparison(let operation, let left, let right):
      return compare(operation, value(left), value(right))
    case .membership(let element, let list, let isNegated):
      let answer = contains(value(list), value(element))
      return isNegated ? negated(answer) : answer
    case .overlap(let left, let right, let isNegated):
      let answer = overlap(value(left), value(right))
      return isNegated ? negated(answer) : answer
    case .match(let subject, let pattern): return match(value(subject), pattern)
    case .sum(let first, let terms): return sum(first, terms)
    case .product(let first, let factors): return product(first, factors)
    case .call(let function, let arguments): return call(function, arguments)
    case .quantifier(let quantifier, let list, let predicate):
      return quantified(quantifier, value(list), predicate)
    }
  }

  private func fact(_ index: Int) -> ExpressionValue {
    if let value = scope.facts[index] { return value }
    // A file that names its primary is a replica's, whoever forgot to say so.
    if FactTable.all[index].name == "role", scope.answer(.set, "replicaof") == .yes {
      return .text("replica")
    }
    return scope.facts.value(at: index)
  }

  private func field(_ value: ExpressionValue, _ name: String) -> ExpressionValue {
    switch value {
    case .record(let record): return record.field(name)
    case .list(let elements) where elements.count == 2:
      return elements[name == "seconds" ? 0 : 1]
    case .unknown: return value
    default: return .unknown([.type])
    }
  }

  private mutating func list(_ elements: [Expression]) -> ExpressionValue {
    var result: [ExpressionValue] = []
    var causes: [UnknownCause] = []
    for element in elements {
      let value = value(element)
      causes += value.causes ?? []
      result.append(value)
    }
    return causes.isEmpty ? .list(result) : .unknown(causes)
  }

  private func negated(_ value: ExpressionValue) -> ExpressionValue {
    if case .bool(let truth) = value { return .bool(!truth) }
    return value.causes == nil ? .unknown([.type]) : value
  }

  /// `and`, which false decides, and `or`, which true decides, whatever the others are.
  private mutating func joined(_ parts: [Expression], stopsAt stop: Bool) -> ExpressionValue {
    var causes: [UnknownCause] = []
    for part in parts {
      let value = value(part)
      if case .bool(let truth) = value {
        if truth == stop { return value }
      } else {
        causes += value.causes ?? [.type]
      }
    }
    return causes.isEmpty ? .bool(!stop) : .unknown(causes)
  }

  private func compare(
    _ operation: SyntaxNode.Comparison, _ left: ExpressionValue, _ right: ExpressionValue
  ) -> ExpressionValue {
    if left.causes != nil || right.causes != nil {
      return .unknown((left.causes ?? []) + (right.causes ?? []))
    }
    switch (left, right) {
    case (.quantity(let first, let one), .quantity(let second, let other)):
      guard one == other else { return .unknown([.type]) }
      switch operation {
      case .equal: return .bool(first == second)
      case .notEqual: return .bool(first != second)
      case .less: return .bool(first < second)
      case .lessOrEqual: return .bool(first <= second)
      case .greater: return .bool(first > second)
      case .greaterOrEqual: return .bool(first >= second)
      }
    case (.bool, .bool), (.text, .text), (.list, .list), (.record, .record):
      switch operation {
      case .equal: return .bool(left == right)
      case .notEqual: return .bool(left != right)
      default: return .unknown([.type])
      }
    default: return .unknown([.type])
    }
  }

  private func contains(_ list: ExpressionValue, _ element: ExpressionValue) -> ExpressionValue {
    if list.causes != nil || element.causes != nil {
      return .unknown((list.causes ?? []) + (element.causes ?? []))
    }
    guard case .list(let elements) = list else { return .unknown([.type]) }
    return .bool(elements.contains(element))
  }

  private func overlap(_ left: ExpressionValue, _ right: ExpressionValue) -> ExpressionValue {
    if left.causes != nil || right.causes != nil {
      return .unknown((left.causes ?? []) + (right.causes ?? []))
    }
    guard case .list(let first) = left, case .list(let second) = right else {
      return .unknown([.type])
    }
    return .bool(first.contains { second.contains($0) })
  }

  private func match(_ subject: ExpressionValue, _ pattern: BytePattern) -> ExpressionValue {
    guard case .text(let bytes) = subject else { return .unknown(subject.causes ?? [.type]) }
    do {
      return .bool(
        try bytes.withUnsafeBytes { bytes throws(BytePatternError) in
          try pattern.matcher().matches(bytes)
        })
    } catch {
      return .unknown([.limit])
    }
  }

  // MARK: Arithmetic

  private mutating func sum(
    _ first: Expression, _ terms: [(operation: SyntaxNode.Sum, term: Expression)]
  ) -> ExpressionValue {
    var total = value(first)
    for (operation, node) in terms {
      let term = value(node)
      guard case .quantity(let left, let dimension) = total,
        case .quantity(let right, let other) = term
      else { return .unknown(causes(total, term)) }
      guard dimension == other else { return .unknown([.type]) }
      let result = operation == .add ? left.adding(right) : left.subtracting(right)
      guard let result else { return .unknown([.arithmetic]) }
      total = .quantity(result, dimension)
    }
    return total
  }

  private mutating func product(
    _ first: Expression, _ factors: [(operation: SyntaxNode.Product, factor: Expression)]
  ) -> ExpressionValue {
    var total = value(first)
    for (operation, node) in factors {
      let factor = value(node)
      guard case .quantity(let left, let dimension) = total,
        case .quantity(let right, let other) = factor
      else { return .unknown(causes(total, factor)) }
      if operation == .multiply {
        guard let (result, divisor) = Dimension.product(dimension, other) else {
          return .unknown([.type])
        }
        let product = left.multiplied(by: right)?.divided(by: divisor)
        guard let product else { return .unknown([.arithmetic]) }
        total = .quantity(product, result)
      } else {
        guard let (result, scale) = Dimension.quotient(dimension, other) else {
          return .unknown([.type])
        }
        let quotient = left.multiplied(by: scale)?.divided(by: right)
        guard let quotient else { return .unknown([.arithmetic]) }
        total = .quantity(quotient, result)
      }
    }
    return total
  }

  private func causes(_ left: ExpressionValue, _ right: ExpressionValue) -> [UnknownCause] {
    let both = (left.causes ?? []) + (right.causes ?? [])
    return both.isEmpty ? [.type] : both
  }

  // MARK: Lists

  private mutating func quantified(
    _ quantifier: Quantifier, _ list: ExpressionValue, _ predicate: Expression
  ) -> ExpressionValue {
    guard case .list(let elements) = list else { return .unknown(list.causes ?? [.type]) }
    let outer = it
    defer { it = outer }
    var kept: [ExpressionValue] = []
    var causes: [UnknownCause] = []
    for element in elements {
      it = element
      let answer = value(predicate)
      guard case .bool(let truth) = answer else {
        causes += answer.causes ?? [.type]
        continue
      }
      if quantifier == .any, truth { return .yes }
      if quantifier == .all, !truth { return .no }
      if truth { kept.append(element) }
    }
    if !causes.isEmpty { return .unknown(causes) }
    switch quantifier {
    case .any: return .no
    case .all: return .yes
    case .filter: return .list(kept)
    }
  }

  // MARK: Functions

  private mutating func call(
    _ function: ValueFunction, _ arguments: [Expression]
  ) -> ExpressionValue {
    var values: [ExpressionValue] = []
    var causes: [UnknownCause] = []
    for argument in arguments {
      let value = value(argument)
      causes += value.causes ?? []
      values.append(value)
    }
    if !causes.isEmpty { return .unknown(causes) }
    switch function {
    case .buffers:
      guard case .text(let name) = values[0] else { return .unknown([.type]) }
      return scope.buffers(String(decoding: name, as: UTF8.self))
    case .allows, .keys, .channels, .nopass:
      var command = ""
      if values.count == 2, case .text(let bytes) = values[1] {
        command = String(decoding: bytes, as: UTF8.self)
      }
      return scope.user(function, values[0], command: command)
    default: return ValueFunctions.value(function, values)
    }
  }
}
