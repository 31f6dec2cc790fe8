import Engine
import TestSupport

extension RESPConnection {
  /// The answers to commands that are sent together, as the engine has them.
  func run(_ commands: [[[UInt8]]]) throws -> [ReplyValue] {
    try exchange(commands).map { ReplyValue($0) }
  }
}

extension ReplyValue {
  /// A server's answer.
  init(_ reply: ServerReply) {
    self =
      switch reply {
      case .status(let text): .status(text)
      case .error(let text): .error(text)
      case .integer(let value): .integer(value)
      case .bulk(let bytes): .bulk(bytes)
      case .null: .null
      case .nullArray: .nullArray
      case .array(let parts): .array(parts.map { ReplyValue($0) })
      }
  }
}
