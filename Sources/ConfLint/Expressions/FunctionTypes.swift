/// The types that functions take and give.
struct FunctionTypes {
  private let function: ValueFunction
  private let name: String
  private let offset: Int

  init(_ function: ValueFunction, name: String, offset: Int) {
    self.function = function
    self.name = name
    self.offset = offset
  }

  /// The result's type; constants among the arguments are adapted to their neighbours.
  func result(_ arguments: inout [TypedExpression]) throws(ExpressionError) -> ValueType {
    let first = arguments[0].type
    switch function {
    case .buffers:
      try require(first, .string, "a class in quotes: normal, replica or pubsub")
      if case .constant(.text(let bytes)) = arguments[0].expression {
        let word = String(decoding: bytes, as: UTF8.self)
        let classes = ["normal", "replica", "slave", "pubsub"]
        guard classes.contains(word) else {
          throw ExpressionError(
            "there is no class '\(word)'; expected normal, replica or pubsub", at: offset)
        }
      }
      return .record(.buffer)
    case .loopback, .wildcard, .isPrivate:
      try require(first, .string, "an address")
      return .bool
    case .allows:
      try requireUser(first)
      try require(arguments[1].type, .string, "a command in quotes, such as 'config|set'")
      return .bool
    case .nopass:
      try requireUser(first)
      return .bool
    case .keys, .channels:
      try requireUser(first)
      return .list(.string)
    case .min, .max: return try extreme(&arguments)
    case .abs, .ceil, .floor:
      guard isQuantity(first) else { throw failure("a number", first) }
      return first
    case .len:
      guard first.element != nil || first == .string else { throw failure("a list or text", first) }
      return .number
    case .contains: return try containment(&arguments)
    case .startsWith, .endsWith:
      try require(first, .string, "text")
      try require(arguments[1].type, .string, "text")
      return .bool
    case .lower:
      try require(first, .string, "text")
      return .string
    }
  }

  private func extreme(_ arguments: inout [TypedExpression]) throws(ExpressionError) -> ValueType {
    var type = arguments[0].type
    if arguments.count == 1, let element = type.element, isQuantity(element) { return element }
    for index in arguments.indices {
      guard isQuantity(arguments[index].type), let both = type.unified(with: arguments[index].type)
      else {
        throw ExpressionError(
          "\(name)() needs numbers of one kind, found \(type.name) and "
            + arguments[index].type.name, at: offset)
      }
      type = both
    }
    return type
  }

  private func containment(_ arguments: inout [TypedExpression]) throws(ExpressionError)
    -> ValueType
  {
    let (container, wanted) = (arguments[0].type, arguments[1].type)
    if container == .string {
      try require(wanted, .string, "text")
      return .bool
    }
    guard let element = container.element else { throw failure("a list or text", container) }
    guard element.unified(with: wanted) != nil else {
      throw ExpressionError(
        "\(name)() looks for \(wanted.name) in \(container.name)", at: offset)
    }
    return .bool
  }

  private func isQuantity(_ type: ValueType) -> Bool {
    if case .quantity = type { return true }
    return type == .anything
  }

  private func require(
    _ type: ValueType, _ wanted: ValueType, _ words: String
  ) throws(ExpressionError) {
    guard type.unified(with: wanted) != nil else { throw failure(words, type) }
  }

  private func requireUser(_ type: ValueType) throws(ExpressionError) {
    guard type == .record(.user) || type == .string else {
      throw failure("a user or a user's name", type)
    }
  }

  private func failure(_ wanted: String, _ found: ValueType) -> ExpressionError {
    ExpressionError("\(name)() needs \(wanted), found \(found.name)", at: offset)
  }
}
