/// Why there is no plan for a set.
public struct AOFPlanError: Error {
  /// The causes that callers tell apart.
  public enum Kind: Sendable {
    /// The point does not exist, or cannot be found.
    case noPoint
    /// What was asked for names no file, or more than one.
    case usage
    /// Damage lies in front of the point.
    case damage
    /// The system refused to give the bytes.
    case unreadable
  }

  /// The cause.
  public let kind: Kind
  /// The path that it is about.
  public let path: String
  /// Where in it, bytes.
  public let offset: Int?
  /// What was found and what to do.
  public let message: String

  /// An error.
  public init(_ kind: Kind, _ path: String, at offset: Int? = nil, _ message: String) {
    self.kind = kind
    self.path = path
    self.offset = offset
    self.message = message
  }
}

/// What people should know of a plan.
public struct AOFPlanNote: Sendable {
  /// Whether it may not be what they want.
  public var isWarning: Bool
  /// The path that it is about.
  public var path: String
  /// Where in it, bytes.
  public var offset: Int?
  /// One sentence.
  public var message: String
}
