/// A place in a YAML text.
public struct YAMLPosition: Hashable, Sendable {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, in bytes.
  public var column: Int
  /// The byte offset from the start of the file, a byte order mark included.
  public var offset: Int

  /// A position.
  public init(line: Int, column: Int, offset: Int) {
    self.line = line
    self.column = column
    self.offset = offset
  }
}

/// A node of a YAML document: its text and shape, and where it stands. Nothing is typed: whether
/// `no` is a word or an answer is for the schema to say.
public struct YAMLNode: Hashable, Sendable {
  /// What the node is.
  public enum Content: Hashable, Sendable {
    /// A single value.
    case scalar(YAMLScalar)
    /// A list.
    case sequence([YAMLNode])
    /// Entries in the order of the text, with keys that differ.
    case mapping([YAMLEntry])
  }

  /// What the node is.
  public let content: Content
  /// The first byte; for an alias, where the anchored node stands.
  public let start: YAMLPosition
  /// The byte behind the last one.
  public let end: YAMLPosition

  /// A node.
  public init(_ content: Content, start: YAMLPosition, end: YAMLPosition) {
    self.content = content
    self.start = start
    self.end = end
  }

  /// The scalar, if it is one.
  public var scalar: YAMLScalar? {
    if case .scalar(let scalar) = content { return scalar }
    return nil
  }

  /// The items, if it is a sequence.
  public var items: [YAMLNode]? {
    if case .sequence(let items) = content { return items }
    return nil
  }

  /// The entries, if it is a mapping.
  public var entries: [YAMLEntry]? {
    if case .mapping(let entries) = content { return entries }
    return nil
  }

  /// Whether nothing was written, or one of the words `~ null Null NULL` without quotes.
  public var isNull: Bool { scalar?.isNull ?? false }

  /// The value of `key`, if this is a mapping that has it.
  public subscript(key: String) -> YAMLNode? {
    entries?.first { $0.key.text == key }?.value
  }

  /// What the node is, for messages: `a value`, `a list`, `a map`.
  public var kindName: String {
    switch content {
    case .scalar(let scalar): scalar.isNull ? "nothing" : "a value"
    case .sequence: "a list"
    case .mapping: "a map"
    }
  }
}

/// A key of a mapping and its value.
public struct YAMLEntry: Hashable, Sendable {
  /// The key.
  public let key: YAMLScalar
  /// The first byte of the key.
  public let keyStart: YAMLPosition
  /// The byte behind the key.
  public let keyEnd: YAMLPosition
  /// The value; a scalar without text where nothing was written.
  public let value: YAMLNode

  /// An entry.
  public init(
    key: YAMLScalar, keyStart: YAMLPosition, keyEnd: YAMLPosition, value: YAMLNode
  ) {
    self.key = key
    self.keyStart = keyStart
    self.keyEnd = keyEnd
    self.value = value
  }
}

/// The text of a scalar and how it was written.
public struct YAMLScalar: Hashable, Sendable {
  /// How a scalar is written.
  public enum Style: Hashable, Sendable {
    case plain, singleQuoted, doubleQuoted, literal, folded
  }

  /// The text: as it stands in the source for a plain scalar, else without quotes and escapes.
  public let text: String
  /// How it is written.
  public let style: Style
  /// Whether a comment stands behind it on its line, as in `requirepass: a #b`.
  public let isFollowedByComment: Bool

  /// A scalar.
  public init(_ text: String, style: Style = .plain, isFollowedByComment: Bool = false) {
    self.text = text
    self.style = style
    self.isFollowedByComment = isFollowedByComment
  }

  /// Whether it stands in quotes.
  public var isQuoted: Bool { style == .singleQuoted || style == .doubleQuoted }

  /// Whether it is a block, `|` or `>`.
  public var isBlock: Bool { style == .literal || style == .folded }

  /// Whether nothing was written, or one of the words `~ null Null NULL` without quotes.
  public var isNull: Bool {
    guard style == .plain else { return false }
    return switch text {
    case "", "~", "null", "Null", "NULL": true
    default: false
    }
  }
}
