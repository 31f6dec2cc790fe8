import Engine
import RedisModel
import TestSupport

/// A keyspace behind a reference, with commands as arrays of words.
final class Session {
  var space: Keyspace

  init(
    _ target: ServerVersion = ServerVersion(.redis, 7, 0, 15), nowMs: Int64 = 1_700_000_000_000,
    seed: UInt64 = 1
  ) {
    space = Keyspace(target: target, seed: seed)
    space.nowMs = nowMs
  }

  /// The answer to a command; `nil` where the engine cannot execute it.
  @discardableResult
  func run(_ words: [[UInt8]]) -> ReplyValue? {
    execute(words) == .unsupported ? nil : space.reply.value
  }

  /// The answer to a command in text.
  @discardableResult
  func run(_ words: String...) -> ReplyValue? { run(words.map { Array($0.utf8) }) }

  /// Executes a command, answer and all.
  @discardableResult
  func execute(_ words: [[UInt8]]) -> CommandOutcome {
    let bytes = Array(words.joined()) + [0]
    return bytes.withUnsafeBytes { bytes in
      var start = 0
      let parts = words.map { word in
        defer { start += word.count }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + word.count)])
      }
      return parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return .unknown }
        return space.execute(Arguments(start: start, count: parts.count))
      }
    }
  }

  var digest: String { space.digest.description }
}

extension ReplyValue {
  /// Strings of a test.
  static func text(_ text: String) -> ReplyValue { .bulk(Array(text.utf8)) }

  static func texts(_ texts: String...) -> ReplyValue { .array(texts.map { .text($0) }) }

  static let ok = ReplyValue.status("OK")
}
