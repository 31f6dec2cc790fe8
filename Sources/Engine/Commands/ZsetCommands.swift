import RedisCodecs

/// Commands of sorted sets that add, count and remove single members.
enum ZsetCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("ZADD", zadd), .init("ZINCRBY", zincrby), .init("ZREM", zrem), .init("ZCARD", zcard),
    .init("ZSCORE", zscore), .init("ZMSCORE", zmscore),
    .init("ZRANK") { space, arguments throws(CommandError) in
      try rank(&space, arguments, reversed: false)
    },
    .init("ZREVRANK") { space, arguments throws(CommandError) in
      try rank(&space, arguments, reversed: true)
    },
    .init("ZPOPMIN") { space, arguments throws(CommandError) in
      try pop(&space, arguments, lowest: true)
    },
    .init("ZPOPMAX") { space, arguments throws(CommandError) in
      try pop(&space, arguments, lowest: false)
    },
    .init("ZMPOP") { space, arguments throws(CommandError) in
      try popFirst(&space, arguments, from: 1)
    },
    .init("BZMPOP") { space, arguments throws(CommandError) in
      try ListMoves.checkTimeout(arguments[1])
      try popFirst(&space, arguments, from: 2)
    },
    .init("BZPOPMIN") { space, arguments throws(CommandError) in
      try blockingPop(&space, arguments, lowest: true)
    },
    .init("BZPOPMAX") { space, arguments throws(CommandError) in
      try blockingPop(&space, arguments, lowest: false)
    },
  ]

  private struct AddOptions {
    var onlyNew = false
    var onlyOld = false
    var onlyGreater = false
    var onlyLess = false
    var countsChanges = false
    var increments = false
  }

  /// ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member ….
  static func zadd(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var (options, index) = (AddOptions(), 2)
    let age = space.dialect.age
    while index < arguments.count, age >= .since30 {
      if arguments.isWord(index, "NX") {
        options.onlyNew = true
      } else if arguments.isWord(index, "XX") {
        options.onlyOld = true
      } else if arguments.isWord(index, "CH") {
        options.countsChanges = true
      } else if arguments.isWord(index, "INCR") {
        options.increments = true
      } else if age >= .since62, arguments.isWord(index, "GT") {
        options.onlyGreater = true
      } else if age >= .since62, arguments.isWord(index, "LT") {
        options.onlyLess = true
      } else {
        break
      }
      index += 1
    }
    let left = arguments.count - index
    guard left > 0, left % 2 == 0 else { throw .syntax }
    try check(options, pairs: left / 2)
    try add(&space, arguments, from: index, options)
  }

  private static func check(_ options: AddOptions, pairs: Int) throws(CommandError) {
    if options.onlyNew && options.onlyOld {
      throw .message("ERR XX and NX options at the same time are not compatible")
    }
    if options.onlyGreater && options.onlyNew || options.onlyLess && options.onlyNew
      || options.onlyGreater && options.onlyLess
    {
      throw .message("ERR GT, LT, and/or NX options at the same time are not compatible")
    }
    if options.increments, pairs > 1 {
      throw .message("ERR INCR option supports a single increment-element pair")
    }
  }

  private static func zincrby(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    try add(&space, arguments, from: 2, AddOptions(increments: true))
  }

  private static func add(
    _ space: inout Keyspace, _ arguments: Arguments, from first: Int, _ options: AddOptions
  ) throws(CommandError) {
    // All scores are read before anything is changed.
    for index in stride(from: first, to: arguments.count, by: 2) {
      _ = try arguments.double(index)
    }
    let handle = try space.find(arguments[1], .zset)
    if handle == nil, options.onlyOld {
      return options.increments ? space.reply.null() : space.reply.integer(0)
    }
    var zset = handle.map { ZsetValue($0.value) } ?? ZsetValue(space.heap)
    if ranksAtOnce(space, arguments, from: first, isNew: handle == nil) {
      zset.makeRanked(space.heap)
    }
    var (added, changed, answer) = (0, 0, Double?.none)
    for index in stride(from: first, to: arguments.count, by: 2) {
      let member = arguments[index + 1]
      var score = try arguments.double(index)
      let old = zset.score(member, space.heap)
      if old == nil ? options.onlyOld : options.onlyNew { continue }
      if let old {
        if options.increments {
          score += old
          if score.isNaN { throw .message("ERR resulting score is not a number (NaN)") }
        }
        if options.onlyGreater && score <= old || options.onlyLess && score >= old { continue }
      }
      answer = score
      if old == nil { added += 1 } else if score != old { changed += 1 }
      if score != old {
        zset.set(
          member, score, rules: space.zsetRules, space.heap)
      }
    }
    keep(space, zset, handle, arguments[1])
    if options.increments {
      if let answer { space.answer(answer) } else { space.reply.null() }
    } else {
      space.reply.integer(options.countsChanges ? added + changed : added)
    }
  }

  /// Whether the set is ranked before its first member comes: from 7.2 on for as many members as
  /// do not fit the packed form, in Valkey 9 also for a long one among those of a new set.
  private static func ranksAtOnce(
    _ space: borrowing Keyspace, _ arguments: Arguments, from first: Int, isNew: Bool
  ) -> Bool {
    guard space.dialect.age >= .since72 else { return false }
    if (arguments.count - first) / 2 > space.zsetRules.packedCountMax { return true }
    guard isNew, space.dialect.valkey >= 90 else { return false }
    return stride(from: first + 1, to: arguments.count, by: 2).contains {
      arguments[$0].count > space.zsetRules.packedMemberMax
    }
  }

  /// Stores a set that was changed; one without members is no key.
  static func keep(
    _ space: borrowing Keyspace, _ zset: ZsetValue, _ handle: KeyHandle?, _ key: Bytes
  ) {
    if let handle {
      space.store(zset.value, count: zset.count, handle)
    } else if zset.count == 0 {
      zset.value.destroy(space.heap)
    } else {
      space.put(key, zset.value)
    }
  }

  private static func zrem(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.integer(0) }
    var zset = ZsetValue(handle.value)
    var removed = 0
    for index in 2..<arguments.count where zset.remove(arguments[index], space.heap) {
      removed += 1
    }
    space.store(zset.value, count: zset.count, handle)
    space.reply.integer(removed)
  }

  private static func zcard(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let handle = try space.find(arguments[1], .zset)
    space.reply.integer(handle.map { ZsetValue($0.value).count } ?? 0)
  }

  private static func answerScore(
    _ space: inout Keyspace, _ zset: ZsetValue?, _ member: Bytes
  ) {
    if let score = zset.flatMap({ $0.score(member, space.heap) }) {
      space.answer(score)
    } else {
      space.reply.null()
    }
  }

  private static func zscore(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .zset)
    answerScore(&space, handle.map { ZsetValue($0.value) }, arguments[2])
  }

  private static func zmscore(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let zset = try space.find(arguments[1], .zset).map { ZsetValue($0.value) }
    space.reply.array(arguments.count - 2)
    for index in 2..<arguments.count { answerScore(&space, zset, arguments[index]) }
  }

  private static func rank(
    _ space: inout Keyspace, _ arguments: Arguments, reversed: Bool
  ) throws(CommandError) {
    let withScore = arguments.count == 4
    if arguments.count > 3 {
      guard withScore, space.dialect.age >= .since72, arguments.isWord(3, "WITHSCORE") else {
        throw .syntax
      }
    }
    let zset = try space.find(arguments[1], .zset).map { ZsetValue($0.value) }
    guard let zset, let rank = zset.rank(arguments[2], space.heap) else {
      return withScore ? space.reply.nullArray() : space.reply.null()
    }
    if withScore { space.reply.array(2) }
    space.reply.integer(reversed ? zset.count - 1 - rank : rank)
    if withScore { answerScore(&space, zset, arguments[2]) }
  }

  private static func pop(
    _ space: inout Keyspace, _ arguments: Arguments, lowest: Bool
  ) throws(CommandError) {
    guard arguments.count <= 3 else { throw .syntax }
    let error = CommandError.message("ERR value is out of range, must be positive")
    let stated = arguments.count == 3 ? try arguments.integer(2, or: error) : 1
    guard stated >= 0 else { throw error }
    guard let handle = try space.find(arguments[1], .zset) else { return space.reply.array(0) }
    popMany(&space, handle, count: Int(clamping: stated), lowest: lowest, nested: false)
  }

  /// Takes members out, which are the answer: one array, or an array of pairs.
  private static func popMany(
    _ space: inout Keyspace, _ handle: KeyHandle, count: Int, lowest: Bool, nested: Bool
  ) {
    var zset = ZsetValue(handle.value)
    let taken = min(count, zset.count)
    space.reply.array(nested ? taken : 2 * taken)
    var left = taken
    func tell(_ member: Element, _ score: Double) -> Bool {
      guard left > 0 else { return false }
      left -= 1
      if nested { space.reply.array(2) }
      space.answer(member)
      space.answer(score)
      return left > 0
    }
    if lowest { zset.forEach(tell) } else { zset.forEachReversed(from: zset.count - 1, tell) }
    zset.removeRange(from: lowest ? 0 : zset.count - taken, count: taken, space.heap)
    space.store(zset.value, count: zset.count, handle)
  }

  private static func popFirst(
    _ space: inout Keyspace, _ arguments: Arguments, from first: Int
  ) throws(CommandError) {
    let call = try MultiPop(arguments, from: first)
    let lowest = arguments.isWord(call.wordIndex, "MIN")
    guard lowest || arguments.isWord(call.wordIndex, "MAX") else { throw .syntax }
    for index in call.keys {
      guard let handle = try space.find(arguments[index], .zset) else { continue }
      space.reply.array(2)
      space.reply.bulk(arguments[index])
      return popMany(&space, handle, count: call.count, lowest: lowest, nested: true)
    }
    space.reply.nullArray()
  }

  private static func blockingPop(
    _ space: inout Keyspace, _ arguments: Arguments, lowest: Bool
  ) throws(CommandError) {
    try ListMoves.checkTimeout(arguments[arguments.count - 1])
    for index in 1..<(arguments.count - 1) {
      guard let handle = try space.find(arguments[index], .zset) else { continue }
      var zset = ZsetValue(handle.value)
      let rank = lowest ? 0 : zset.count - 1
      space.reply.array(3)
      space.reply.bulk(arguments[index])
      zset.forEach(from: rank) { member, score in
        space.answer(member)
        space.answer(score)
        return false
      }
      zset.removeRange(from: rank, count: 1, space.heap)
      return space.store(zset.value, count: zset.count, handle)
    }
    space.reply.nullArray()
  }
}
