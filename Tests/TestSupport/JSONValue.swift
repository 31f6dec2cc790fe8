/// A JSON document as a tree. Numbers keep their text, so that 64-bit integers and doubles lose
/// nothing, and members keep their order, so that duplicates show.
public enum JSONValue: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number as it is spelled.
  case number(String)
  /// A string, its escapes resolved.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, its members in document order.
  case object([Member])

  /// One member of an object.
  public struct Member: Equatable, Sendable {
    /// The member's name.
    public var name: String
    /// The member's value.
    public var value: JSONValue

    /// A member of that name.
    public init(name: String, value: JSONValue) {
      self.name = name
      self.value = value
    }
  }

  /// Reads one document.
  public init(parsing text: some Sequence<UInt8>) throws {
    var parser = JSONParser(bytes: Array(text))
    self = try parser.document()
  }

  /// The first member of that name; `nil` where there is none, or this is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// The members of an object, else none.
  public var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  /// The elements of an array, else none.
  public var elements: [JSONValue] {
    if case .array(let elements) = self { elements } else { [] }
  }

  /// The text of a string, else `nil`.
  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number as a signed integer, else `nil`.
  public var int: Int? {
    if case .number(let text) = self { Int(text) } else { nil }
  }

  /// The number as an unsigned integer, else `nil`.
  public var unsigned: UInt64? {
    if case .number(let text) = self { UInt64(text) } else { nil }
  }

  /// The number as a double, else `nil`.
  public var double: Double? {
    if case .number(let text) = self { Double(text) } else { nil }
  }

  /// The truth value, else `nil`.
  public var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }
}

/// Text that is not JSON.
public struct JSONSyntaxError: Error, CustomStringConvertible {
  /// Bytes before the place.
  public var offset: Int
  /// What was expected there.
  public var expected: String

  /// One line for a test's report.
  public var description: String { "no JSON at byte \(offset): expected \(expected)" }
}
