/// Why a command did not do what it says: the error that a server answers.
enum CommandError: Error {
  /// The key holds a value of another type.
  case wrongType
  /// An option that does not exist, or in the wrong place.
  case syntax
  /// An argument or a stored value that should be an integer.
  case notInteger
  /// An argument or a stored value that should be a number.
  case notFloat
  /// A source key that is not there.
  case noSuchKey
  /// An index beyond the end.
  case indexOutOfRange
  /// An argument that takes no number of this size.
  case outOfRange
  /// Any other error, with its code in front.
  case message(StaticString)
  /// Any other error that names what was sent, with its code in front.
  case text(String)

  /// The server would do it, and this engine does not know how: what it is.
  case unsupported(String)

  /// What the server answers, without the leading minus.
  var text: String {
    switch self {
    case .wrongType: "WRONGTYPE Operation against a key holding the wrong kind of value"
    case .syntax: "ERR syntax error"
    case .notInteger: "ERR value is not an integer or out of range"
    case .notFloat: "ERR value is not a valid float"
    case .noSuchKey: "ERR no such key"
    case .indexOutOfRange: "ERR index out of range"
    case .outOfRange: "ERR value is out of range"
    case .message(let text): "\(text)"
    case .text(let text): text
    case .unsupported(let what): "ERR \(what) is not supported"
    }
  }
}
