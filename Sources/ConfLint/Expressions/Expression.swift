import RedisModel

/// An expression whose names are resolved and whose types fit.
indirect enum Expression: Sendable {
  case constant(ExpressionValue)
  /// A fact, by its place in `FactTable.all`.
  case fact(Int)
  /// Whether a fact was supplied.
  case given(Int)
  /// The entry of `for-each`, or the element of `any`, `all`, `filter`.
  case it
  /// A field of a record or, in a save point, its place.
  case field(Expression, String)
  /// Something about a directive.
  case directive(DirectiveQuery, String)
  /// Something about the whole reading: `saves()`.
  case reading(ReadingQuery)
  case targetProduct
  case targetVersion
  case list([Expression])
  case not(Expression)
  case and([Expression])
  case or([Expression])
  case comparison(SyntaxNode.Comparison, Expression, Expression)
  case membership(Expression, Expression, isNegated: Bool)
  /// Whether two lists share an element.
  case overlap(Expression, Expression, isNegated: Bool)
  case match(Expression, BytePattern)
  case sum(Expression, [(operation: SyntaxNode.Sum, term: Expression)])
  case product(Expression, [(operation: SyntaxNode.Product, factor: Expression)])
  case call(ValueFunction, [Expression])
  case quantifier(Quantifier, Expression, Expression)

  /// Whether it is a constant.
  var constant: ExpressionValue? {
    if case .constant(let value) = self { return value }
    return nil
  }
}

/// What can be asked about a directive.
enum DirectiveQuery: String, Sendable {
  case directive, set, count, text, words, line, known, deprecated, introduced
  case defaultValue = "default"

  /// The type of the answer, for a directive of type `type`.
  func type(for type: ValueType) -> ValueType {
    switch self {
    case .directive, .defaultValue: type
    case .set, .known, .deprecated: .bool
    case .count, .line: .number
    case .text, .introduced: .string
    case .words: .list(.string)
    }
  }
}

/// What can be asked about the whole reading.
enum ReadingQuery: String, CaseIterable, Sendable {
  case saves, users, binds, renames, modules, monitors

  /// The type of the answer.
  var type: ValueType {
    switch self {
    case .saves: .list(.savePoint)
    case .users: .list(.record(.user))
    case .binds: .list(.string)
    case .renames: .list(.record(.rename))
    case .modules: .list(.record(.module))
    case .monitors: .list(.record(.monitor))
    }
  }
}

/// Functions of values, some with the help of the reading.
enum ValueFunction: String, CaseIterable, Sendable {
  case buffers, loopback, wildcard, allows, keys, channels, nopass
  case isPrivate = "private"
  case min, max, abs, ceil, floor, len, contains, lower
  case startsWith = "starts_with"
  case endsWith = "ends_with"

  /// How many arguments it takes.
  var argumentCount: ClosedRange<Int> {
    switch self {
    case .min, .max: 1...16
    case .allows, .contains, .startsWith, .endsWith: 2...2
    default: 1...1
    }
  }

  /// Whether it tells of an address and may stand by its name alone in `any(binds(), loopback)`.
  var isPredicate: Bool { self == .loopback || self == .wildcard || self == .isPrivate }
}

/// Functions that look at the elements of a list.
enum Quantifier: String, CaseIterable, Sendable {
  case any, all, filter
}
