import RedisModel

/// A range of versions: `>=4.0 <9`, all parts of which must hold; `7.2` is each patch of 7.2.
struct VersionRange: Sendable {
  private enum Operation: String, CaseIterable {
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case equal = "=="
    case greater = ">"
    case less = "<"
  }

  private struct Bound: Sendable {
    let operation: Operation
    /// One to three numbers; those left out are not compared.
    let numbers: [Int]
  }

  private let bounds: [Bound]

  /// Reads a range.
  ///
  /// - Throws: a sentence on what is wrong with it.
  init(_ text: String) throws(FactError) {
    var bounds: [Bound] = []
    for part in text.split(whereSeparator: { $0 == " " || $0 == "," }) {
      let written = Operation.allCases.first { part.hasPrefix($0.rawValue) }
      let digits = part.dropFirst(written?.rawValue.count ?? 0)
      let isBare = digits.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") }
      let operation = written ?? (isBare ? .equal : nil)
      let numbers = digits.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
      guard let operation, (1...3).contains(numbers.count),
        numbers.allSatisfy({ $0.map { (0...999).contains($0) } ?? false })
      else {
        throw FactError(
          "'\(part)' is no bound of versions; expected comparisons with blanks between them, "
            + "such as \">=6.2 <8.0\"")
      }
      bounds.append(Bound(operation: operation, numbers: numbers.compactMap { $0 }))
    }
    guard !bounds.isEmpty else {
      throw FactError("a range of versions is empty; expected something such as \">=6.2 <8.0\"")
    }
    self.bounds = bounds
  }

  /// Whether a version lies in it.
  func contains(_ version: ServerVersion) -> Bool {
    bounds.allSatisfy { bound in
      let own = [version.major, version.minor, version.patch].prefix(bound.numbers.count)
      switch bound.operation {
      case .equal: return own.elementsEqual(bound.numbers)
      case .greaterOrEqual: return !own.lexicographicallyPrecedes(bound.numbers)
      case .less: return own.lexicographicallyPrecedes(bound.numbers)
      case .greater: return bound.numbers.lexicographicallyPrecedes(Array(own))
      case .lessOrEqual: return !bound.numbers.lexicographicallyPrecedes(Array(own))
      }
    }
  }
}
