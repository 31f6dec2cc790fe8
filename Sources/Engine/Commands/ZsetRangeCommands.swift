import RedisCodecs

/// Commands of ranges of sorted sets.
enum ZsetRangeCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("ZREMRANGEBYRANK", zremrangebyrank),
    .init("ZREMRANGEBYSCORE") { space, arguments throws(CommandError) in
      try remove(&space, arguments, ZsetRange(scores: arguments[2], arguments[3]))
    },
    .init("ZREMRANGEBYLEX") { space, arguments throws(CommandError) in
      try remove(&space, arguments, ZsetRange(members: arguments[2], arguments[3]))
    },
    .init("ZCOUNT") { space, arguments throws(CommandError) in
      try count(&space, arguments, ZsetRange(scores: arguments[2], arguments[3]))
    },
    .init("ZLEXCOUNT") { space, arguments throws(CommandError) in
      try count(&space, arguments, ZsetRange(members: arguments[2], arguments[3]))
    },
    .init("ZRANGE") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .byWord))
    },
    .init("ZREVRANGE") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .rank, reversed: true))
    },
    .init("ZRANGEBYSCORE") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .score))
    },
    .init("ZREVRANGEBYSCORE") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .score, reversed: true))
    },
    .init("ZRANGEBYLEX") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .lex))
    },
    .init("ZREVRANGEBYLEX") { space, arguments throws(CommandError) in
      try range(&space, arguments, Query(arguments, from: 1, .lex, reversed: true))
    },
    .init("ZRANGESTORE", zrangestore),
  ]

  private static func zremrangebyrank(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (start, end) = (try arguments.integer(2), try arguments.integer(3))
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.integer(0) }
    let range = IndexRange.clamped(start, end, count: ZsetValue(handle.value).count)
    remove(&space, handle, range)
  }

  private static func remove(
    _ space: inout Keyspace, _ arguments: Arguments, _ range: ZsetRange
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.integer(0) }
    remove(&space, handle, range.ranks(in: ZsetValue(handle.value)))
  }

  private static func remove(
    _ space: inout Keyspace, _ handle: KeyHandle, _ range: Range<Int>
  ) {
    var zset = ZsetValue(handle.value)
    zset.removeRange(from: range.lowerBound, count: range.count, space.heap)
    space.store(zset.value, count: zset.count, handle)
    space.reply.integer(range.count)
  }

  private static func count(
    _ space: inout Keyspace, _ arguments: Arguments, _ range: ZsetRange
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.integer(0) }
    space.reply.integer(range.ranks(in: ZsetValue(handle.value)).count)
  }

  /// A key, two ends and options, as ZRANGE and its kin have them.
  private struct Query {
    enum Kind {
      case rank, score, lex, byWord
    }

    private var kind: Kind
    private(set) var isReversed: Bool
    private(set) var withScores = false
    private var skipped = 0
    private var limit: Int?
    private let low: Bytes
    private let high: Bytes
    let key: Bytes

    init(
      _ arguments: Arguments, from first: Int, _ kind: Kind, reversed: Bool = false
    ) throws(CommandError) {
      self.kind = kind
      isReversed = reversed
      key = arguments[first]
      let mayChoose = kind == .byWord
      var index = first + 3
      while index < arguments.count {
        if arguments.isWord(index, "WITHSCORES"), first == 1 {
          withScores = true
        } else if arguments.isWord(index, "LIMIT"), index + 2 < arguments.count {
          skipped = Int(clamping: try arguments.integer(index + 1))
          let count = try arguments.integer(index + 2)
          limit = count < 0 ? Int.max : Int(clamping: count)
          index += 2
        } else if mayChoose, arguments.isWord(index, "REV") {
          isReversed = true
        } else if mayChoose, arguments.isWord(index, "BYSCORE") {
          self.kind = .score
        } else if mayChoose, arguments.isWord(index, "BYLEX") {
          self.kind = .lex
        } else {
          throw .syntax
        }
        index += 1
      }
      if self.kind == .byWord { self.kind = .rank }
      if limit != nil, self.kind == .rank {
        throw .message(
          "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
      }
      if withScores, self.kind == .lex {
        throw .message("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
      }
      let swaps = isReversed && self.kind != .rank
      low = arguments[first + (swaps ? 2 : 1)]
      high = arguments[first + (swaps ? 1 : 2)]
    }

    /// What the ends say; an error where they say nothing.
    func parse() throws(CommandError) -> Ends {
      switch kind {
      case .score: return .range(try ZsetRange(scores: low, high))
      case .lex: return .range(try ZsetRange(members: low, high))
      case .rank, .byWord:
        guard let start = IntegerText.canonical(low), let end = IntegerText.canonical(high) else {
          throw .notInteger
        }
        return .ranks(start, end)
      }
    }

    /// The ranks that are meant, in rising order of members.
    func ranks(_ ends: Ends, in zset: ZsetValue) -> Range<Int> {
      switch ends {
      case .ranks(let start, let end):
        let range = IndexRange.clamped(start, end, count: zset.count)
        guard isReversed, !range.isEmpty else { return range }
        return (zset.count - range.upperBound)..<(zset.count - range.lowerBound)
      case .range(let range):
        let all = range.ranks(in: zset)
        guard skipped >= 0, skipped < all.count else { return 0..<0 }
        let count = min(all.count - skipped, limit ?? Int.max)
        let first = isReversed ? all.upperBound - skipped - count : all.lowerBound + skipped
        return first..<(first + count)
      }
    }
  }

  private enum Ends {
    case ranks(Int64, Int64)
    case range(ZsetRange)
  }

  private static func range(
    _ space: inout Keyspace, _ arguments: Arguments, _ query: Query
  ) throws(CommandError) {
    let ends = try query.parse()
    guard let handle = try space.find(query.key, .zset) else { return space.reply.array(0) }
    let zset = ZsetValue(handle.value)
    let ranks = query.ranks(ends, in: zset)
    space.reply.array(query.withScores ? 2 * ranks.count : ranks.count)
    var left = ranks.count
    func tell(_ member: Element, _ score: Double) -> Bool {
      guard left > 0 else { return false }
      left -= 1
      space.answer(member)
      if query.withScores { space.answer(score) }
      return left > 0
    }
    if query.isReversed {
      zset.forEachReversed(from: ranks.upperBound - 1, tell)
    } else if !ranks.isEmpty {
      zset.forEach(from: ranks.lowerBound, tell)
    }
  }

  private static func zrangestore(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let query = try Query(arguments, from: 2, .byWord)
    let ends = try query.parse()
    let target = arguments[1]
    let source = try space.find(query.key, .zset)
    var result = ZsetValue(space.heap)
    if let source {
      let zset = ZsetValue(source.value)
      let ranks = query.ranks(ends, in: zset)
      var left = ranks.count
      zset.forEach(from: ranks.lowerBound) { member, score in
        guard left > 0 else { return false }
        left -= 1
        member.withBytes {
          result.set(
            $0, score, rules: space.zsetRules, space.heap)
        }
        return true
      }
    }
    space.delete(target)
    let count = result.count
    ZsetCommands.keep(space, result, nil, target)
    space.reply.integer(count)
  }
}
