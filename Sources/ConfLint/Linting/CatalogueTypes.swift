import RedisConf

/// The directives of the catalogue as expressions see them.
struct CatalogueTypes: DirectiveTypes {
  private let catalogue: DirectiveCatalogue

  init(_ catalogue: DirectiveCatalogue = .shared) {
    self.catalogue = catalogue
  }

  var names: [String] {
    catalogue.directives.flatMap { $0.spellings.map(\.name) }
  }

  func type(of name: String) -> DirectiveType? {
    guard let directive = catalogue.find(name)?.directive else { return nil }
    let variants = directive.variants
    let variant = variants.last { $0.kind != .ignored } ?? variants.last
    let unit = Self.microseconds(directive.unit)
    var words: [String] = []
    for entry in variants where entry.kind == .enumeration {
      words += entry.words.filter { !words.contains($0) }
    }
    return DirectiveType(
      name: directive.name, type: Self.type(directive, variant, unit), words: words,
      unit: unit ?? 1, isOctal: variant?.kind == .octal,
      isSensitive: SecretText.directives.contains(directive.name)
        || variants.contains { $0.flags.contains("sensitive") },
      isRepeating: directive.accumulates)
  }

  private static func type(
    _ directive: Directive, _ variant: DirectiveVariant?, _ unit: Int128?
  ) -> ValueType {
    switch directive.name {
    case "save": return .list(.savePoint)
    case "bind": return .list(.string)
    default: break
    }
    switch variant?.kind {
    case .boolean: return .bool
    case .memory: return .bytes
    case .integer: return unit == nil ? .number : .duration
    case .octal: return .number
    default: return .string
    }
  }

  /// Microseconds in the unit; nil when it is none of time.
  private static func microseconds(_ unit: String) -> Int128? {
    switch unit {
    case "microseconds": 1
    case "milliseconds": 1000
    case "seconds": 1_000_000
    case "minutes": 60_000_000
    default: nil
    }
  }
}
