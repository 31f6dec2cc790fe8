/// Why a server does not start from a file.
public struct ConfRefusal: Sendable, Hashable {
  /// The kinds of reasons.
  public enum Kind: String, Sendable {
    /// No server knows the name.
    case unknownName
    /// The name came later, or the other product has it.
    case otherVersion
    /// The name is gone.
    case removed
    /// A wrong number of arguments.
    case argumentCount
    /// A value of another kind.
    case valueKind
    /// A number out of bounds.
    case bounds
    /// A word that this server does not have, though others may.
    case word
    /// Unbalanced quotes.
    case quotes
    /// An include that cannot be read.
    case includeMissing
    /// A file that includes itself.
    case includeCycle
    /// A rule of a user.
    case user
    /// Users in two places.
    case twoSources
    /// A line of a Sentinel.
    case sentinel
    /// TLS without what it needs.
    case incompleteTLS
    /// A file or folder that this machine does not have.
    case missingHere
    /// What this server's usual builds do not have.
    case build
    /// Nothing to listen on, a replica in a cluster: what stops a server behind the last line.
    case start
    /// Something else.
    case other
  }

  /// The kind of reason.
  public var kind: Kind
  /// The file.
  public var file: String
  /// The line; nil for the file as a whole.
  public var line: Int?
  /// The directive in lower case, if it is about one.
  public var directive: String?
  /// Where in the line, as offsets into the file.
  public var range: Range<Int>?
  /// The reason, one sentence without a full stop.
  public var reason: String
  /// What the server prints; empty where it dies without a word.
  public var message = ""
  /// Whether the server has read all lines before it refuses.
  public var isAtStart = false
}
