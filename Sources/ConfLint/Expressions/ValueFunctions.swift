/// Functions that need nothing but their arguments.
enum ValueFunctions {
  /// The value of `function`; arguments are known and of the types that the checker lets through.
  static func value(_ function: ValueFunction, _ arguments: [ExpressionValue]) -> ExpressionValue {
    switch (function, arguments[0]) {
    case (.loopback, .text(let address)): return .bool(AddressClass.isLoopback(address))
    case (.wildcard, .text(let address)): return .bool(AddressClass.isWildcard(address))
    case (.isPrivate, .text(let address)): return .bool(AddressClass.isPrivate(address))
    case (.min, _), (.max, _): return extreme(function, arguments)
    case (.abs, .quantity(let number, let dimension)):
      return .quantity(number.magnitude, dimension)
    case (.floor, .quantity(let number, let dimension)): return .quantity(number.floor, dimension)
    case (.ceil, .quantity(let number, let dimension)):
      return .quantity(number.ceiling, dimension)
    case (.len, .list(let elements)): return .number(elements.count)
    case (.len, .text(let bytes)): return .number(bytes.count)
    case (.contains, .list(let elements)): return .bool(elements.contains(arguments[1]))
    case (.contains, .text(let bytes)):
      guard case .text(let part) = arguments[1] else { return .unknown([.type]) }
      return .bool(isPart(part, of: bytes))
    case (.startsWith, .text(let bytes)):
      guard case .text(let part) = arguments[1] else { return .unknown([.type]) }
      return .bool(bytes.starts(with: part))
    case (.endsWith, .text(let bytes)):
      guard case .text(let part) = arguments[1] else { return .unknown([.type]) }
      return .bool(bytes.reversed().starts(with: part.reversed()))
    case (.lower, .text(let bytes)):
      return .text(bytes.map { (65...90).contains($0) ? $0 + 32 : $0 })
    default: return .unknown([.type])
    }
  }

  private static func extreme(
    _ function: ValueFunction, _ arguments: [ExpressionValue]
  ) -> ExpressionValue {
    var candidates = arguments
    if arguments.count == 1, case .list(let elements) = arguments[0] { candidates = elements }
    var best: (ExactNumber, Dimension)?
    for candidate in candidates {
      guard case .quantity(let number, let dimension) = candidate,
        best == nil || best?.1 == dimension
      else { return .unknown([.type]) }
      if let current = best?.0, function == .min ? number >= current : number <= current {
        continue
      }
      best = (number, dimension)
    }
    return best.map { .quantity($0.0, $0.1) } ?? .unknown([.arithmetic])
  }

  /// Whether `part` occurs in `bytes`.
  static func isPart(_ part: [UInt8], of bytes: [UInt8]) -> Bool {
    if part.isEmpty { return true }
    guard part.count <= bytes.count else { return false }
    return (0...bytes.count - part.count).contains { start in
      bytes[start] == part[0] && bytes[start..<start + part.count].elementsEqual(part)
    }
  }
}

extension ExpressionValue {
  /// The type that a constant has.
  var type: ValueType {
    switch self {
    case .bool: return .bool
    case .quantity(_, let dimension): return .quantity(dimension)
    case .text: return .string
    case .record(let record): return .record(record.kind)
    case .unknown: return .anything
    case .list(let elements):
      var element: ValueType? = .anything
      for one in elements { element = element?.unified(with: one.type) }
      return element.map { .list($0) } ?? .tuple(elements.map(\.type))
    }
  }
}
