import RedisModel

/// What kind of value a directive takes.
public enum DirectiveKind: String, Sendable {
  /// A whole number.
  case integer = "int"
  /// `yes` or `no`.
  case boolean = "bool"
  /// Bytes with a unit.
  case memory
  /// One word of a list, or several.
  case enumeration = "enum"
  /// A number to the base 8.
  case octal
  /// Any text.
  case string
  /// Something with a grammar of its own.
  case special
  /// Accepted and without effect.
  case ignored
}

/// What some servers make of a directive.
public struct DirectiveVariant: Sendable {
  /// The servers, a bit each.
  public let servers: UInt32
  /// The name that these servers use themselves.
  public let name: String
  /// The kind of its value.
  public let kind: DirectiveKind
  /// The least number of arguments, where it is known.
  public let argumentCountMin: Int?
  /// The greatest number of arguments, where it is known.
  public let argumentCountMax: Int?
  /// The least number, for numbers.
  public let minimum: Int128?
  /// The greatest number, for numbers.
  public let maximum: Int128?
  /// Whether its number has no sign, as bounds are compared.
  public let isUnsigned: Bool
  /// Whether a share such as `5%` is a value too.
  public let takesPercent: Bool
  /// The words of an enumeration.
  public let words: [String]
  /// Whether several words may stand together.
  public let combinesWords: Bool
  /// `hidden`, `sensitive`, `multi-arg`, `ignored`, `debug`, …
  public let flags: [String]
  /// Whether CONFIG SET takes it: `settable`, `immutable`, `protected`, …
  public let runtime: String
  /// The default as CONFIG GET prints it.
  public let defaultText: String?
}

/// A name of a directive.
public struct DirectiveSpelling: Sendable {
  /// The name, in lower case.
  public let name: String
  /// The servers that accept it, a bit each.
  public let servers: UInt32
  /// The first release of each product that has it: `redis:7.0.0`, `valkey:<=7.2.5`.
  public let since: [String]
  /// The release of each product that dropped it.
  public let gone: [String]

  /// The first release of a product that has it; nil when none of those known was before it.
  public func first(of product: ServerVersion.Product) -> ServerVersion? {
    let mark = "\(product.rawValue):"
    return since.first { $0.hasPrefix(mark) }.flatMap {
      try? ServerVersion(target: $0.replacing("<=", with: ""))
    }
  }
}

/// A directive with all that is known about it.
public struct Directive: Sendable {
  /// The newest name.
  public let name: String
  /// The unit of its number: `seconds`, `milliseconds`, `percent`, …; empty for none.
  public let unit: String
  /// What a second line of it does.
  public let repeatRule: String
  /// All its names.
  public internal(set) var spellings: [DirectiveSpelling] = []
  /// What the servers make of it.
  public internal(set) var variants: [DirectiveVariant] = []

  /// What the server of that number makes of it; nil when it does not know the directive.
  public func variant(server: Int) -> DirectiveVariant? {
    variants.first { $0.servers & (1 << UInt32(server)) != 0 }
  }

  /// Whether each line adds to those before.
  public var accumulates: Bool {
    repeatRule.hasPrefix("add") || repeatRule.hasPrefix("accumulates") || name == "include"
  }
}

/// All directives of sixteen servers, generated from what those servers said.
public final class DirectiveCatalogue: Sendable {
  /// The one catalogue.
  public static let shared = DirectiveCatalogue()

  /// The servers that were asked, Redis before Valkey, each product in rising order.
  public let servers: [ServerVersion]
  /// All directives by name.
  public let directives: [Directive]
  private let indexes: [String: (directive: Int, spelling: Int)]

  private init() {
    var servers: [ServerVersion] = []
    var directives: [Directive] = []
    DirectiveRows.text.withUTF8Buffer { text in
      for row in text.split(separator: UInt8(ascii: "\n")) {
        let fields = DirectiveFields(row)
        switch fields.text(0) {
        case "servers":
          servers = fields.all.dropFirst().compactMap {
            try? ServerVersion(target: $0.replacing("-", with: ":", maxReplacements: 1))
          }
        case "d":
          directives.append(
            Directive(name: fields.text(1), unit: fields.text(2), repeatRule: fields.text(3)))
        case "s":
          directives[directives.count - 1].spellings.append(
            DirectiveSpelling(
              name: fields.text(1), servers: fields.mask(2), since: fields.words(3),
              gone: fields.words(4)))
        default: directives[directives.count - 1].variants.append(Self.variant(fields))
        }
      }
    }
    var indexes: [String: (Int, Int)] = [:]
    for (number, directive) in directives.enumerated() {
      for (index, spelling) in directive.spellings.enumerated() {
        indexes[spelling.name] = (number, index)
      }
    }
    self.servers = servers
    self.directives = directives
    self.indexes = indexes
  }

  private static let unsignedTypes: Set<String> = ["UInt", "ULongLong", "ULong", "SizeT"]

  private static func variant(_ fields: DirectiveFields) -> DirectiveVariant {
    DirectiveVariant(
      servers: fields.mask(1), name: fields.text(2),
      kind: DirectiveKind(rawValue: fields.text(3)) ?? .special,
      argumentCountMin: fields.isEmpty(4) ? nil : Int(fields.text(4)),
      argumentCountMax: fields.isEmpty(5) ? nil : Int(fields.text(5)),
      minimum: fields.isEmpty(6) ? nil : Int128(fields.text(6)),
      maximum: fields.isEmpty(7) ? nil : Int128(fields.text(7)),
      isUnsigned: unsignedTypes.contains(fields.text(14)), takesPercent: fields.text(8) == "%",
      words: fields.words(9), combinesWords: fields.text(10) == "+", flags: fields.words(11),
      runtime: fields.text(12),
      defaultText: fields.isEmpty(13) ? nil : String(fields.text(13).dropFirst()))
  }

  /// The directive of that name, letters in either case, and the spelling.
  public func find(_ name: String) -> (directive: Directive, spelling: DirectiveSpelling)? {
    guard let entry = indexes[name.lowercased()] else { return nil }
    let directive = directives[entry.directive]
    return (directive, directive.spellings[entry.spelling])
  }

  /// The number of the server that answers for `version`: its own line, or the one before.
  public func server(for version: ServerVersion) -> Int {
    var best: Int?
    for (index, server) in servers.enumerated() where server.product == version.product {
      if (server.major, server.minor) <= (version.major, version.minor) || best == nil {
        best = index
      }
    }
    return best ?? 0
  }
}
