import RedisCodecs

/// A range of a sorted set by score, or by member among equal scores.
enum ZsetRange {
  /// From a score to a score.
  case score(low: Double, lowOpen: Bool, high: Double, highOpen: Bool)
  /// From a member to a member.
  case lex(low: LexBound, high: LexBound)

  /// An end of a range by member.
  enum LexBound {
    /// Before all members.
    case lowest
    /// Behind all members.
    case highest
    /// At a member, which belongs to the range unless it is open there.
    case member(Bytes, open: Bool)

    /// Reads `-`, `+`, `[member` or `(member`.
    init(_ text: Bytes) throws(CommandError) {
      guard let first = text.first else { throw ZsetRange.badLex }
      switch first {
      case UInt8(ascii: "-") where text.count == 1: self = .lowest
      case UInt8(ascii: "+") where text.count == 1: self = .highest
      case UInt8(ascii: "["): self = .member(text.part(1..<text.count), open: false)
      case UInt8(ascii: "("): self = .member(text.part(1..<text.count), open: true)
      default: throw ZsetRange.badLex
      }
    }
  }

  private static var badLex: CommandError {
    .message("ERR min or max not valid string range item")
  }

  /// Reads two scores, each with `(` in front where it does not belong to the range itself.
  init(scores low: Bytes, _ high: Bytes) throws(CommandError) {
    let (low, high) = (try Self.score(low), try Self.score(high))
    self = .score(low: low.value, lowOpen: low.open, high: high.value, highOpen: high.open)
  }

  /// Reads two ends by member.
  init(members low: Bytes, _ high: Bytes) throws(CommandError) {
    self = .lex(low: try LexBound(low), high: try LexBound(high))
  }

  private static func score(_ text: Bytes) throws(CommandError) -> (value: Double, open: Bool) {
    let open = text.first == UInt8(ascii: "(")
    let number = open ? text.part(1..<text.count) : text
    guard let value = DoubleText.parse(number), !value.isNaN else {
      throw .message("ERR min or max is not a float")
    }
    return (value, open)
  }

  /// The ranks of the members within the range.
  func ranks(in zset: ZsetValue) -> Range<Int> {
    let first: Int
    let end: Int
    switch self {
    case .score(let low, let lowOpen, let high, let highOpen):
      first = zset.rank { _, score in lowOpen ? score <= low : score < low }
      end = zset.rank { _, score in highOpen ? score < high : score <= high }
    case .lex(let low, let high):
      first = zset.rank { member, _ in Self.isBefore(member, low, orAt: false) }
      end = zset.rank { member, _ in Self.isBefore(member, high, orAt: true) }
    }
    return first < end ? first..<end : 0..<0
  }

  /// Whether a member stands before an end; `orAt`: or at it, where that belongs to the range.
  private static func isBefore(_ member: Element, _ bound: LexBound, orAt: Bool) -> Bool {
    switch bound {
    case .lowest: return false
    case .highest: return true
    case .member(let text, let open):
      let order = member.withBytes { $0.compare(text) }
      return order < 0 || order == 0 && open != orAt
    }
  }
}
