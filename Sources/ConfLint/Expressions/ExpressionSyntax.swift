/// An expression as it was written: what the parser makes and the checker reads.
struct SyntaxNode: Hashable, Sendable {
  /// What the node is.
  indirect enum Form: Hashable, Sendable {
    case bool(Bool)
    case quantity(ExactNumber, Dimension)
    case string([UInt8])
    case list([SyntaxNode])
    /// A name or several with points between: a fact, a parameter, `it.name`.
    case path([String])
    case call(String, [SyntaxNode])
    /// A field of what a call yields: `buffers('replica').soft`.
    case field(SyntaxNode, String)
    case not(SyntaxNode)
    case and([SyntaxNode])
    case or([SyntaxNode])
    case comparison(Comparison, SyntaxNode, SyntaxNode)
    /// `in`, and `not in`.
    case membership(SyntaxNode, SyntaxNode, isNegated: Bool)
    case match(SyntaxNode, SyntaxNode)
    /// A first term and what is added or subtracted.
    case sum(SyntaxNode, [(operation: Sum, term: SyntaxNode)])
    case product(SyntaxNode, [(operation: Product, factor: SyntaxNode)])

    static func == (left: Form, right: Form) -> Bool { left.key == right.key }
    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    /// The fully parenthesised text, by which two forms are compared.
    private var key: String { SyntaxText.text(self) }
  }

  enum Comparison: String, Hashable, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  enum Sum: String, Hashable, Sendable {
    case add = "+"
    case subtract = "-"
  }

  enum Product: String, Hashable, Sendable {
    case multiply = "*"
    case divide = "/"
  }

  /// What the node is.
  let form: Form
  /// Where it begins in the expression's text, bytes.
  let offset: Int
}

/// Expressions as text again, with every pair of parentheses.
enum SyntaxText {
  /// The text of a node; reading it again gives the same node.
  static func text(_ form: SyntaxNode.Form) -> String {
    switch form {
    case .bool(let value): return value ? "true" : "false"
    case .quantity(let number, let dimension): return quantity(number, dimension)
    case .string(let bytes): return string(bytes)
    case .list(let elements): return "[" + elements.map(text).joined(separator: ", ") + "]"
    case .path(let names): return names.joined(separator: ".")
    case .call(let name, let arguments):
      return "\(name)(" + arguments.map(text).joined(separator: ", ") + ")"
    case .field(let node, let name): return "\(text(node)).\(name)"
    case .not(let node): return "(not \(text(node)))"
    case .and(let nodes): return "(" + nodes.map(text).joined(separator: " and ") + ")"
    case .or(let nodes): return "(" + nodes.map(text).joined(separator: " or ") + ")"
    case .comparison(let operation, let left, let right):
      return "(\(text(left)) \(operation.rawValue) \(text(right)))"
    case .membership(let left, let right, let isNegated):
      return "(\(text(left)) \(isNegated ? "not in" : "in") \(text(right)))"
    case .match(let left, let right): return "(\(text(left)) matches \(text(right)))"
    case .sum(let first, let rest):
      return "(" + rest.reduce(text(first)) { "\($0) \($1.operation.rawValue) \(text($1.term))" }
        + ")"
    case .product(let first, let rest):
      return "("
        + rest.reduce(text(first)) { "\($0) \($1.operation.rawValue) \(text($1.factor))" } + ")"
    }
  }

  private static func text(_ node: SyntaxNode) -> String { text(node.form) }

  private static func quantity(_ number: ExactNumber, _ dimension: Dimension) -> String {
    switch dimension {
    case .number, .rate: decimal(number)
    case .bytes: decimal(number) + "b"
    case .duration: decimal(number) + "us"
    case .percent: decimal(number) + "%"
    }
  }

  /// All digits of a number whose denominator is a power of ten.
  private static func decimal(_ number: ExactNumber) -> String {
    var scaled = number
    var digits = 0
    while scaled.whole == nil, digits < 18, let next = scaled.multiplied(by: ExactNumber(10)) {
      scaled = next
      digits += 1
    }
    let text = String(scaled.numerator)
    if digits == 0 { return text }
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.utf8.count)) + text
    return padded.dropLast(digits) + "." + padded.suffix(digits)
  }

  private static func string(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    var result = "'"
    for character in text {
      if character == "'" || character == "\\" { result += "\\" }
      result.append(character)
    }
    return result + "'"
  }
}
