import RedisConf

/// What a directive is, looked up once: hundreds of rules ask about the same few dozen.
final class KnownDirective: Sendable {
  /// The directive.
  let directive: Directive
  /// The spelling that was asked for.
  let spelling: DirectiveSpelling
  /// Its type.
  let type: DirectiveType

  fileprivate init(
    _ directive: Directive, _ spelling: DirectiveSpelling, _ type: DirectiveType
  ) {
    self.directive = directive
    self.spelling = spelling
    self.type = type
  }
}

/// The directives of the catalogue as expressions see them.
struct CatalogueTypes: DirectiveTypes {
  private static let all: [String: KnownDirective] = {
    var known: [String: KnownDirective] = [:]
    for directive in DirectiveCatalogue.shared.directives {
      let type = type(of: directive)
      for spelling in directive.spellings {
        known[spelling.name] = KnownDirective(directive, spelling, type)
      }
    }
    return known
  }()

  private let known = Self.all

  /// The directive of that name in lower case, in any spelling.
  func known(_ name: String) -> KnownDirective? { known[name] }

  var names: [String] {
    DirectiveCatalogue.shared.directives.flatMap { $0.spellings.map(\.name) }
  }

  func type(of name: String) -> DirectiveType? {
    (known[name] ?? known[name.lowercased()])?.type
  }

  private static func type(of directive: Directive) -> DirectiveType {
    let variants = directive.variants
    let variant = variants.last { $0.kind != .ignored } ?? variants.last
    let unit = microseconds(directive.unit)
    var words: [String] = []
    for entry in variants where entry.kind == .enumeration {
      words += entry.words.filter { !words.contains($0) }
    }
    return DirectiveType(
      name: directive.name, type: type(directive, variant, unit), words: words,
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
