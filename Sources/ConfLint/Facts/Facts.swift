/// What is known about the host, the deployment and the use of a server.
public struct Facts: Sendable {
  /// By the place in `FactTable.all`; nil for what nobody said.
  private var values: [ExpressionValue?]

  /// No facts.
  public init() {
    values = Array(repeating: nil, count: FactTable.all.count)
  }

  /// The facts that are known, in the table's order.
  public var names: [String] {
    values.indices.filter { values[$0] != nil }.map { FactTable.all[$0].name }
  }

  /// The value of a fact as text, nil if it is not known.
  public func text(_ name: String) -> String? {
    FactTable.index(of: name).flatMap { values[$0]?.description }
  }

  /// The words of `role`, `workload` or `env`; empty if nobody said.
  public func words(_ name: String) -> [String] {
    guard let index = FactTable.index(of: name), let value = values[index] else { return [] }
    switch value {
    case .text(let bytes): return [String(decoding: bytes, as: UTF8.self)]
    case .list(let elements): return elements.map(\.description)
    default: return []
    }
  }

  /// These facts, with what `others` says in place of what they say.
  public func overridden(by others: Facts) -> Facts {
    var result = self
    for index in values.indices {
      if let value = others.values[index] { result.values[index] = value }
    }
    return result
  }

  /// Sets a fact from one text, as an option or a pragma gives it; several words have commas
  /// between them.
  ///
  /// - Throws: if there is no such fact, or the text is no value of it.
  public mutating func set(_ name: String, to text: String) throws(FactError) {
    guard let index = FactTable.index(of: name) else {
      throw FactError(
        "there is no fact '\(name)'" + NearestWord.advice(name, in: FactTable.all.map(\.name)))
    }
    let fact = FactTable.all[index]
    let isList = fact.type.element != nil
    let parts =
      isList
      ? text.split(separator: ",").map { String($0.trimmed) } : [text]
    values[index] = try FactValue(fact).value(ofTexts: parts)
  }

  /// The value at a place of the table.
  subscript(index: Int) -> ExpressionValue? {
    get { values[index] }
    set { values[index] = newValue }
  }

  /// The value, or unknown for want of the fact.
  func value(at index: Int) -> ExpressionValue {
    values[index] ?? .unknown([.fact(FactTable.all[index].name)])
  }
}

/// A fact that cannot be read.
public struct FactError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was found and what was expected.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}

extension Substring {
  /// Without blanks at both ends.
  var trimmed: Substring {
    var result = self
    while result.first?.isWhitespace == true { result.removeFirst() }
    while result.last?.isWhitespace == true { result.removeLast() }
    return result
  }
}

/// Reads the value of a fact from text.
struct FactValue {
  private let fact: Fact

  init(_ fact: Fact) {
    self.fact = fact
  }

  /// The value that `texts` give: one text, or for lists any number.
  func value(ofTexts texts: [String]) throws(FactError) -> ExpressionValue {
    switch fact.type {
    case .words:
      var words: [ExpressionValue] = []
      for text in texts { words.append(.text(try word(text))) }
      guard !words.isEmpty else { throw failure("nothing") }
      return .list(words)
    case .list:
      return .list(texts.map { .text($0) })
    default:
      guard texts.count == 1 else { throw failure("a list") }
      return try value(texts[0])
    }
  }

  private func value(_ text: String) throws(FactError) -> ExpressionValue {
    switch fact.type {
    case .bool:
      switch text.lowercased() {
      case "yes", "true": return .yes
      case "no", "false": return .no
      default: throw failure("'\(text)'")
      }
    case .quantity(let wanted): return try quantity(text, wanted)
    default: return .text(try word(text))
    }
  }

  private func quantity(_ text: String, _ wanted: Dimension) throws(FactError) -> ExpressionValue {
    do {
      let found = try QuantityParser.parse(text, units: .outside)
      if found.dimension == wanted { return .quantity(found.number, wanted) }
      // A bare number is in the fact's own unit, and a size where a rate is wanted is per second.
      if found.dimension == .number, wanted == .duration {
        let microseconds = found.number.multiplied(by: Dimension.microsecondsPerSecond)
        if let microseconds { return .quantity(microseconds, wanted) }
      }
      if found.dimension == .number, wanted == .bytes || wanted == .rate {
        return .quantity(found.number, wanted)
      }
      if found.dimension == .bytes, wanted == .rate { return .quantity(found.number, wanted) }
      throw failure(found.dimension.name)
    } catch let error as QuantityParser.Failure {
      throw FactError("\(fact.name): \(error.message)")
    } catch let error as FactError {
      throw error
    } catch {
      throw failure("'\(text)'")
    }
  }

  private func word(_ text: String) throws(FactError) -> String {
    let word = fact.synonyms[text] ?? text
    guard fact.words.isEmpty || fact.words.contains(word) else {
      throw FactError(
        "\(fact.name) is '\(text)'" + NearestWord.advice(text, in: fact.words)
          + "; expected \(fact.form)")
    }
    return word
  }

  private func failure(_ found: String) -> FactError {
    FactError("\(fact.name) is \(found), expected \(fact.form)")
  }
}

extension Facts {
  /// The texts of a list; empty if nobody said.
  func texts(_ name: String) -> [String] {
    guard let index = FactTable.index(of: name), case .list(let elements)? = self[index] else {
      return []
    }
    return elements.map { element in
      guard case .text(let bytes) = element else { return element.description }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// A size in bytes; nil when nobody said.
  func byteCount(_ name: String) -> Int128? {
    guard let index = FactTable.index(of: name), case .quantity(let number, .bytes)? = self[index]
    else { return nil }
    return number.whole
  }
}
