/// Reads an expression: what binds least comes first, `or`, `and`, `not`, comparisons, sums,
/// products.
struct ExpressionParser {
  /// Levels of nesting.
  static let depthMax = 32

  private var tokens: ExpressionTokens
  private var token: ExpressionToken
  private var depth = 0

  /// Parses the whole of `text`.
  static func parse(_ text: String) throws(ExpressionError) -> SyntaxNode {
    var parser = try ExpressionParser(text)
    let node = try parser.expression()
    guard parser.token.kind == .end else {
      throw ExpressionError(
        "expected an operator or the end, found \(parser.token.name)", at: parser.token.offset)
    }
    return node
  }

  private init(_ text: String) throws(ExpressionError) {
    tokens = try ExpressionTokens(text)
    token = try tokens.next()
  }

  private mutating func advance() throws(ExpressionError) {
    token = try tokens.next()
  }

  /// Takes the mark or word if it comes next.
  private mutating func take(_ kind: ExpressionToken.Kind) throws(ExpressionError) -> Bool {
    guard token.kind == kind else { return false }
    try advance()
    return true
  }

  private mutating func expect(_ mark: String) throws(ExpressionError) {
    guard try take(.mark(mark)) else {
      throw ExpressionError("expected '\(mark)', found \(token.name)", at: token.offset)
    }
  }

  private mutating func enter(at offset: Int) throws(ExpressionError) {
    depth += 1
    guard depth <= ExpressionParser.depthMax else {
      throw ExpressionError(
        "more than \(ExpressionParser.depthMax) levels of nesting", at: offset)
    }
  }

  private mutating func expression() throws(ExpressionError) -> SyntaxNode {
    let start = token.offset
    try enter(at: start)
    defer { depth -= 1 }
    var parts = [try conjunction()]
    while try take(.word("or")) { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : SyntaxNode(form: .or(parts), offset: start)
  }

  private mutating func conjunction() throws(ExpressionError) -> SyntaxNode {
    let start = token.offset
    var parts = [try negation()]
    while try take(.word("and")) { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : SyntaxNode(form: .and(parts), offset: start)
  }

  private mutating func negation() throws(ExpressionError) -> SyntaxNode {
    let start = token.offset
    guard try take(.word("not")) else { return try comparison() }
    try enter(at: start)
    defer { depth -= 1 }
    return SyntaxNode(form: .not(try negation()), offset: start)
  }

  private mutating func comparison() throws(ExpressionError) -> SyntaxNode {
    let left = try sum()
    let start = token.offset
    let node: SyntaxNode
    if case .mark(let mark) = token.kind, let comparison = SyntaxNode.Comparison(rawValue: mark) {
      try advance()
      node = SyntaxNode(form: .comparison(comparison, left, try sum()), offset: left.offset)
    } else if try take(.word("in")) {
      node = SyntaxNode(form: .membership(left, try sum(), isNegated: false), offset: left.offset)
    } else if try take(.word("matches")) {
      node = SyntaxNode(form: .match(left, try sum()), offset: left.offset)
    } else if try take(.word("not")) {
      guard try take(.word("in")) else {
        throw ExpressionError("expected 'in' after 'not', found \(token.name)", at: token.offset)
      }
      node = SyntaxNode(form: .membership(left, try sum(), isNegated: true), offset: left.offset)
    } else {
      return left
    }
    if isComparison {
      throw ExpressionError(
        "comparisons do not chain: join two of them with 'and'", at: max(token.offset, start))
    }
    return node
  }

  /// Whether an operator of comparison comes next.
  private var isComparison: Bool {
    switch token.kind {
    case .mark(let mark): SyntaxNode.Comparison(rawValue: mark) != nil
    case .word(let word): word == "in" || word == "matches"
    default: false
    }
  }

  private mutating func sum() throws(ExpressionError) -> SyntaxNode {
    let first = try product()
    var rest: [(operation: SyntaxNode.Sum, term: SyntaxNode)] = []
    while case .mark(let mark) = token.kind, let operation = SyntaxNode.Sum(rawValue: mark) {
      try advance()
      rest.append((operation, try product()))
    }
    return rest.isEmpty ? first : SyntaxNode(form: .sum(first, rest), offset: first.offset)
  }

  private mutating func product() throws(ExpressionError) -> SyntaxNode {
    let first = try atom()
    var rest: [(operation: SyntaxNode.Product, factor: SyntaxNode)] = []
    while case .mark(let mark) = token.kind, let operation = SyntaxNode.Product(rawValue: mark) {
      try advance()
      rest.append((operation, try atom()))
    }
    return rest.isEmpty ? first : SyntaxNode(form: .product(first, rest), offset: first.offset)
  }

  private mutating func atom() throws(ExpressionError) -> SyntaxNode {
    let start = token.offset
    switch token.kind {
    case .number(let number, let dimension):
      try advance()
      return SyntaxNode(form: .quantity(number, dimension), offset: start)
    case .string(let bytes):
      try advance()
      return SyntaxNode(form: .string(bytes), offset: start)
    case .mark("-"):
      try advance()
      guard case .number(let number, let dimension) = token.kind,
        let negative = ExactNumber.zero.subtracting(number)
      else { throw ExpressionError("expected a number after '-', found \(token.name)", at: start) }
      try advance()
      return SyntaxNode(form: .quantity(negative, dimension), offset: start)
    case .mark("("):
      try advance()
      let node = try expression()
      try expect(")")
      return node
    case .mark("["):
      try advance()
      return SyntaxNode(form: .list(try arguments(until: "]")), offset: start)
    case .word(let word) where !ExpressionParser.operators.contains(word):
      try advance()
      return try name(word, at: start)
    default:
      throw ExpressionError("expected a value, found \(token.name)", at: start)
    }
  }

  private static let operators: Set<String> = ["and", "or", "not", "in", "matches"]

  private mutating func name(_ word: String, at start: Int) throws(ExpressionError) -> SyntaxNode {
    if word == "true" || word == "false" {
      return SyntaxNode(form: .bool(word == "true"), offset: start)
    }
    if try take(.mark("(")) {
      let call = SyntaxNode(form: .call(word, try arguments(until: ")")), offset: start)
      guard try take(.mark(".")) else { return call }
      return SyntaxNode(form: .field(call, try nameBehindPoint()), offset: start)
    }
    var path = [word]
    while try take(.mark(".")) { path.append(try nameBehindPoint()) }
    return SyntaxNode(form: .path(path), offset: start)
  }

  private mutating func nameBehindPoint() throws(ExpressionError) -> String {
    guard case .word(let name) = token.kind else {
      throw ExpressionError(
        "expected a name after the point, found \(token.name)", at: token.offset)
    }
    try advance()
    return name
  }

  private mutating func arguments(until mark: String) throws(ExpressionError) -> [SyntaxNode] {
    var result: [SyntaxNode] = []
    if try take(.mark(mark)) { return result }
    repeat { result.append(try expression()) } while try take(.mark(","))
    try expect(mark)
    return result
  }
}
