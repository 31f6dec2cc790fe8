import CLua
import Engine

/// What a script returned, as the answer to its command.
enum ScriptAnswer {
  private static let headByteCount = 9

  /// Whether the whole answer is an error.
  static func isError(_ parts: Bytes) -> Bool {
    parts.count >= headByteCount && UInt32(parts[0]) == CLUA_ERROR.rawValue
  }

  /// Appends the parts of an answer to `space.reply`.
  static func append(_ parts: Bytes, to space: inout Keyspace) {
    guard parts.count >= headByteCount else { return space.reply.null() }
    if isError(parts) {
      let text = Bytes(rebasing: parts[headByteCount...])
      space.reply.error(String(decoding: text, as: UTF8.self), since: space.reply.mark)
      return
    }
    if space.reply.keepsOnlyErrors { return }
    // Doubles are written as the server writes them; all else is taken over as it is.
    var (offset, done) = (0, 0)
    while offset + headByteCount <= parts.count {
      let tag = UInt32(parts[offset])
      let word = parts.loadUnaligned(fromByteOffset: offset + 1, as: Int64.self)
      let next = offset + headByteCount + textByteCount(tag, word)
      if tag == CLUA_DOUBLE.rawValue {
        space.reply.append(parts: Bytes(rebasing: parts[done..<offset]))
        let value = Double(bitPattern: UInt64(bitPattern: word))
        space.reply.bulk(space.doubleText(value))
        done = next
      }
      offset = next
    }
    space.reply.append(parts: Bytes(rebasing: parts[done...]))
  }

  private static func textByteCount(_ tag: UInt32, _ word: Int64) -> Int {
    switch tag {
    case CLUA_STATUS.rawValue, CLUA_ERROR.rawValue, CLUA_BULK.rawValue: Int(word)
    default: 0
    }
  }
}
