import ByteKit

/// A text with values in braces: `{maxmemory}`, `{line:save}`, `{it.name}`, any expression.
struct MessageTemplate: Sendable {
  /// A part of the text.
  enum Part: Sendable {
    case text(String)
    case value(Expression)
    /// The effective value of a directive, by the catalogue's name.
    case directive(String, isSensitive: Bool)
    /// The line on which a directive is written.
    case line(String)
  }

  let parts: [Part]
  /// Facts whose values the text has.
  let facts: [String]

  /// Reads a template; what is wrong with it is reported, and nil.
  init?(_ source: SourceNode, _ text: String, names: ExpressionNames) {
    var parts: [Part] = []
    var facts: [String] = []
    var literal: [UInt8] = []
    func endLiteral() {
      if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
      literal = []
    }
    let bytes = Array(text.utf8)
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      let isBrace = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "}")
      let isDoubled = isBrace && index + 1 < bytes.count && bytes[index + 1] == byte
      if byte == UInt8(ascii: "{"), !isDoubled {
        guard let end = MessageTemplate.closingBrace(in: bytes[index...]) else {
          source.report(.expression, "a { has no }: write {{ for a brace")
          return nil
        }
        let inner = String(decoding: bytes[index + 1..<end], as: UTF8.self)
        endLiteral()
        guard let part = MessageTemplate.part(inner, source, names, facts: &facts) else {
          return nil
        }
        parts.append(part)
        index = end + 1
      } else {
        literal.append(byte)
        index += isDoubled ? 2 : 1
      }
    }
    endLiteral()
    self.parts = parts
    self.facts = facts
  }

  /// A text without values.
  init(_ text: String) {
    parts = [.text(text)]
    facts = []
  }

  /// A text made of parts.
  init(parts: [Part]) {
    self.parts = parts
    facts = []
  }

  /// The closing brace of the opening one at the start; braces in quotes do not count.
  private static func closingBrace(in text: ArraySlice<UInt8>) -> Int? {
    var quote: UInt8?
    for index in text.indices.dropFirst() {
      let byte = text[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == UInt8(ascii: "}") {
        return index
      }
    }
    return nil
  }

  private static func part(
    _ inner: String, _ source: SourceNode, _ names: ExpressionNames, facts: inout [String]
  ) -> Part? {
    let name = String(Substring(inner).trimmed)
    if name.hasPrefix("line:") {
      let directive = String(name.dropFirst(5))
      guard let found = names.directives.type(of: directive) else {
        source.report(
          .unknownName,
          "no server knows the directive '\(PrintableText.line(directive))'"
            + NearestWord.advice(directive, in: names.directives.names))
        return nil
      }
      return .line(found.name)
    }
    let isName = name.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
    }
    if isName, FactTable.index(of: name) == nil {
      if let found = names.directives.type(of: name) {
        return .directive(found.name, isSensitive: found.isSensitive)
      }
      if let query = ReadingQuery(rawValue: name) { return .value(.reading(query)) }
    }
    do {
      var checker = ExpressionChecker(names)
      let typed = try checker.check(try ExpressionParser.parse(name))
      facts += checker.facts
      return .value(typed.expression)
    } catch {
      var advice = ""
      if isName { advice = NearestWord.advice(name, in: names.directives.names) }
      source.report(
        .expression, "in {\(PrintableText.line(name))}: \(error.message)\(advice)")
      return nil
    }
  }
}
