/// Something about the host, the deployment or the use of a server that no configuration tells.
public struct Fact: Sendable {
  /// The name in expressions and facts files: `host.memory`.
  public let name: String
  /// What a value may be; the number's unit where a bare number is given.
  let type: ValueType
  /// The words that it may have; empty if any text will do.
  let words: [String]
  /// Other spellings of words.
  let synonyms: [String: String]
  /// What it is, one sentence without a full stop.
  public let summary: String

  init(
    _ name: String, _ type: ValueType, words: [String] = [], synonyms: [String: String] = [:],
    _ summary: String
  ) {
    self.name = name
    self.type = type
    self.words = words
    self.synonyms = synonyms
    self.summary = summary
  }

  /// What is expected as its value, for messages and the manual.
  public var form: String {
    let list = words.joined(separator: ", ")
    return switch type {
    case .bool: "yes or no"
    case .quantity(.bytes): "a size such as 8gb or 8GiB, or bytes"
    case .quantity(.rate): "a size per second such as 10mb"
    case .quantity(.duration): "a duration such as 30s or 5min, or seconds"
    case .quantity: "a number"
    case .words: "one or several of \(list)"
    case .list: "a list"
    default: words.isEmpty ? "text" : "one of \(list)"
    }
  }
}

/// All facts; they stand in Data/facts.json.
public enum FactTable {
  private static let places: [String: Int] = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($0.element.name, $0.offset) })

  /// The place of a fact in `all`.
  static func index(of name: String) -> Int? { places[name] }

  /// Whether some fact's name begins with `name` and a point.
  static func isGroup(_ name: String) -> Bool {
    all.contains { $0.name.hasPrefix(name + ".") }
  }
}
