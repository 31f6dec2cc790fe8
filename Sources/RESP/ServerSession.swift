import ByteKit

/// A conversation with a server that changes nothing there: it has words for questions only.
public struct ServerSession {
  /// What can be asked.
  public enum Question: Equatable, Sendable {
    /// INFO of a section.
    case info(String)
    /// DEBUG DIGEST.
    case digest
    /// SELECT, which chooses for this connection alone.
    case select(Int)
    /// SCAN from a cursor on.
    case scan(cursor: [UInt8], count: Int)
    /// DUMP of a key.
    case dump([UInt8])
    /// PTTL of a key.
    case expiry([UInt8])

    var words: [[UInt8]] {
      switch self {
      case .info(let section): Self.words("INFO", section)
      case .digest: Self.words("DEBUG", "DIGEST")
      case .select(let number): Self.words("SELECT", "\(number)")
      case .scan(let cursor, let count):
        Self.words("SCAN") + [cursor] + Self.words("COUNT", "\(count)")
      case .dump(let key): Self.words("DUMP") + [key]
      case .expiry(let key): Self.words("PTTL") + [key]
      }
    }

    private static func words(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }
  }

  /// How long an answer may take.
  private static let timeoutSeconds = 30

  private let connection: TCPConnection
  private var replies: RESPReplyReader

  /// Connects, and says who asks.
  public init(_ address: ServerAddress) throws(InputError) {
    connection = try TCPConnection(
      host: address.host, port: address.port, timeoutSeconds: Self.timeoutSeconds)
    replies = RESPReplyReader(connection)
    guard let password = address.password else { return }
    let words = ["AUTH"] + (address.user.map { [$0] } ?? []) + [password]
    try connection.send(Self.request(words.map { Array($0.utf8) }))
    if case .error(let message) = try replies.next() {
      throw InputError(.system, at: 0, "the server refuses the password: \(message)")
    }
  }

  /// Asks, and waits for the answer.
  public mutating func ask(_ question: Question) throws(InputError) -> RESPReply {
    try ask([question])[0]
  }

  /// Asks several questions at once; the answers are in their order.
  public mutating func ask(_ questions: [Question]) throws(InputError) -> [RESPReply] {
    try connection.send(questions.flatMap { Self.request($0.words) })
    var answers: [RESPReply] = []
    for _ in questions { answers.append(try replies.next()) }
    return answers
  }

  private static func request(_ words: [[UInt8]]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.count)\r\n".utf8) + word + [0x0D, 0x0A] }
    return bytes
  }
}
