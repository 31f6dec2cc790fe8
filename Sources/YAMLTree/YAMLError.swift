/// What is wrong with a YAML text: where, and what to write instead.
public struct YAMLError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kinds of errors.
  public enum Kind: Equatable, Sendable {
    /// Not YAML.
    case syntax
    /// Not UTF-8, or a character that YAML excludes.
    case encoding
    /// A tab where blanks indent.
    case tab
    /// An explicit tag, `!!bool`.
    case tag
    /// An alias without its anchor, to a node that holds it, or one alias too many.
    case alias
    /// An anchor of nothing.
    case anchor
    /// A key that a mapping has already, or that is no word.
    case key
    /// No document, or a second one.
    case documents
    /// More bytes, nodes or levels than allowed.
    case limit
  }

  /// What kind of error it is.
  public let kind: Kind
  /// What was found and what to write instead, one sentence without a full stop.
  public let message: String
  /// Where.
  public let position: YAMLPosition
  /// The other place that the error is about: the first of two keys that are the same.
  public let otherPosition: YAMLPosition?

  /// An error.
  public init(
    _ kind: Kind, _ message: String, at position: YAMLPosition,
    otherPosition: YAMLPosition? = nil
  ) {
    self.kind = kind
    self.message = message
    self.position = position
    self.otherPosition = otherPosition
  }

  /// `line 3, column 5: …`.
  public var description: String {
    "line \(position.line), column \(position.column): \(message)"
  }
}

/// Bounds on what is read.
public enum YAMLLimits {
  /// Bytes of a text.
  public static let byteCount = 16 << 20
  /// Levels of nesting.
  public static let depth = 100
  /// Nodes of a document, without aliases.
  public static let nodeCount = 1_000_000
  /// Nodes that aliases and merges add.
  public static let expandedNodeCount = 10_000
}
