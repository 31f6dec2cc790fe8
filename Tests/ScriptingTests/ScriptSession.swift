import Engine
import RedisModel
import TestSupport

@testable import Scripting

/// A keyspace with scripts, behind a reference.
final class ScriptSession {
  var space: Keyspace
  let scripts: ServerScripts
  /// What became of the last command.
  private(set) var outcome = CommandOutcome.done

  init(
    _ target: ServerVersion = ServerVersion(.redis, 7, 0, 15), nowMs: Int64 = 1_700_000_000_000,
    limits: ScriptLimits = ScriptLimits()
  ) {
    space = Keyspace(target: target, seed: 1)
    space.nowMs = nowMs
    scripts = ServerScripts(target, limits: limits)
    space.scriptHost = scripts
  }

  /// The answer to a command; `nil` for none.
  @discardableResult
  func run(_ words: [[UInt8]]) -> ReplyValue? {
    let bytes = Array(words.joined()) + [0]
    return bytes.withUnsafeBytes { bytes in
      var start = 0
      let parts = words.map { word in
        defer { start += word.count }
        return UnsafeRawBufferPointer(rebasing: bytes[start..<(start + word.count)])
      }
      return parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return nil }
        outcome = space.execute(Arguments(start: start, count: parts.count))
        return space.reply.value
      }
    }
  }

  /// The answer to a command in text.
  @discardableResult
  func run(_ words: String...) -> ReplyValue? { run(words.map { Array($0.utf8) }) }

  /// The answer to a script without keys.
  @discardableResult
  func eval(_ script: String) -> ReplyValue? { run("EVAL", script, "0") }
}

extension ReplyValue {
  /// Strings of a test.
  static func text(_ text: String) -> ReplyValue { .bulk(Array(text.utf8)) }
}
