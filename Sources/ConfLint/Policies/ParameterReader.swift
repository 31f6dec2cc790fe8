/// Reads parameters: values of the policy's own, so that other units than the server's are fine.
enum ParameterReader {
  /// The value: true or false, a number with a unit, text in quotes or not, or a list of these.
  static func value(_ name: String, _ source: SourceNode) -> ExpressionValue? {
    guard RuleParameters.isName(name) else {
      source.report(
        .badValue, "the parameter '\(name)' is no name of letters, digits and underscores")
      return nil
    }
    if let items = source.node.items {
      var elements: [ExpressionValue] = []
      for item in items {
        guard let element = value(name, source.with(item)) else { return nil }
        elements.append(element)
      }
      return .list(elements)
    }
    guard source.node.entries == nil, let scalar = source.node.scalar, !scalar.isNull else {
      source.report(
        source.node.isNull ? .nothing : .wrongKind,
        "the parameter \(name) must be a value or a list, found \(source.node.kindName)")
      return nil
    }
    if scalar.style != .plain { return .text(scalar.text) }
    return plain(scalar.text, name, source)
  }

  private static func plain(
    _ text: String, _ name: String, _ source: SourceNode
  ) -> ExpressionValue? {
    switch text {
    case "true": return .yes
    case "false": return .no
    case "yes", "no", "on", "off", "Yes", "No", "YES", "NO", "True", "False":
      source.report(
        .noAnswer,
        "the parameter \(name) is '\(text)': write true or false, or quotes if it is a word")
      return nil
    default: break
    }
    guard let first = text.utf8.first,
      (48...57).contains(first) || first == UInt8(ascii: ".") || first == UInt8(ascii: "-")
    else { return .text(text) }
    do {
      let isNegative = first == UInt8(ascii: "-")
      let quantity = try QuantityParser.parse(
        isNegative ? String(text.dropFirst()) : text, units: .outside)
      if quantity.isDecimalSize {
        source.report(
          .decimalUnit, "\(text) counts by 1000: write \(text)b if a unit of 1024 is meant")
      }
      let number =
        isNegative ? ExactNumber.zero.subtracting(quantity.number) : quantity.number
      return number.map { .quantity($0, quantity.dimension) }
    } catch {
      source.report(.noNumber, "the parameter \(name): \(error.message); quote it if it is text")
      return nil
    }
  }
}

/// Names of parameters.
enum RuleParameters {
  /// Whether an expression can name it after `params.`.
  static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(48...57).contains(first) else { return false }
    return text.utf8.allSatisfy {
      (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
        || $0 == UInt8(ascii: "_")
    }
  }
}
