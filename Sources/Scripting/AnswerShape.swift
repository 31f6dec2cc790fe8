import CLua
import Engine

/// What RESP3 makes of the answer to a command, which the engine gives as RESP2 has it.
struct AnswerShape {
  /// The interpreter's number of the shape.
  let rawValue: UInt32

  private init(_ shape: clua_shape) { rawValue = shape.rawValue }

  private static let byName: [String: clua_shape] = [
    "HGETALL": CLUA_MAP, "XREAD": CLUA_MAP_OF_PAIRS, "XREADGROUP": CLUA_MAP_OF_PAIRS,
    "SMEMBERS": CLUA_SET, "SINTER": CLUA_SET, "SUNION": CLUA_SET, "SDIFF": CLUA_SET,
    "ZSCORE": CLUA_NUMBER, "ZINCRBY": CLUA_NUMBER, "ZMSCORE": CLUA_NUMBERS,
  ]

  private static let withScores: Set<String> = [
    "ZRANGE", "ZREVRANGE", "ZRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZUNION", "ZINTER", "ZDIFF",
    "ZRANDMEMBER",
  ]

  /// The shape of the answer to a command.
  static func of(_ arguments: Arguments) -> AnswerShape {
    let name = String(decoding: arguments[0], as: UTF8.self).uppercased()
    if let shape = byName[name] { return AnswerShape(shape) }
    func has(_ word: String, from first: Int) -> Bool {
      (first..<max(first, arguments.count)).contains {
        arguments[$0].count == word.utf8.count
          && String(decoding: arguments[$0], as: UTF8.self).uppercased() == word
      }
    }
    switch name {
    case "SPOP" where arguments.count > 2: return AnswerShape(CLUA_SET)
    case "ZPOPMIN", "ZPOPMAX":
      return AnswerShape(arguments.count > 2 ? CLUA_SCORED : CLUA_PLAIN)
    case "ZADD" where has("INCR", from: 2): return AnswerShape(CLUA_NUMBER)
    case "HRANDFIELD" where has("WITHVALUES", from: 3): return AnswerShape(CLUA_PAIRED)
    default:
      let isScored = withScores.contains(name) && has("WITHSCORES", from: 3)
      return AnswerShape(isScored ? CLUA_SCORED : CLUA_PLAIN)
    }
  }
}
