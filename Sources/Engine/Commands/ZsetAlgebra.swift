import RedisCodecs

/// Unions, intersections and differences of sorted sets.
enum ZsetAlgebra {
  /// What is made of the sources.
  enum Operation {
    case union, intersection, difference
  }

  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("ZUNIONSTORE") { space, arguments throws(CommandError) in
      try store(&space, arguments, .union)
    },
    .init("ZINTERSTORE") { space, arguments throws(CommandError) in
      try store(&space, arguments, .intersection)
    },
    .init("ZDIFFSTORE") { space, arguments throws(CommandError) in
      try store(&space, arguments, .difference)
    },
    .init("ZUNION") { space, arguments throws(CommandError) in
      try answer(&space, arguments, .union)
    },
    .init("ZINTER") { space, arguments throws(CommandError) in
      try answer(&space, arguments, .intersection)
    },
    .init("ZDIFF") { space, arguments throws(CommandError) in
      try answer(&space, arguments, .difference)
    },
    .init("ZINTERCARD", intersectionCount),
  ]

  private enum Aggregate {
    case sum, min, max

    /// Two scores made one; opposite infinities make zero.
    func combine(_ left: Double, _ right: Double) -> Double {
      switch self {
      case .sum:
        let sum = left + right
        return sum.isNaN ? 0 : sum
      case .min: return Swift.min(left, right)
      case .max: return Swift.max(left, right)
      }
    }
  }

  /// A source: a sorted set, or a set whose members all score 1.
  private enum Source {
    case none
    case zset(ZsetValue)
    case set(SetValue)

    var count: Int {
      switch self {
      case .none: 0
      case .zset(let zset): zset.count
      case .set(let set): set.count
      }
    }

    func score(_ member: Bytes, _ heap: Heap) -> Double? {
      switch self {
      case .none: nil
      case .zset(let zset): zset.score(member, heap)
      case .set(let set): set.contains(member, heap) ? 1 : nil
      }
    }

    func forEach(_ body: (Element, Double) -> Void) {
      switch self {
      case .none: break
      case .zset(let zset):
        zset.forEach {
          body($0, $1)
          return true
        }
      case .set(let set):
        set.forEach {
          body($0, 1)
          return true
        }
      }
    }
  }

  private struct Call {
    var sources: [Source] = []
    var weights: [Double] = []
    var aggregate = Aggregate.sum
    var withScores = false

    init(
      _ space: borrowing Keyspace, _ arguments: Arguments, from first: Int,
      _ operation: Operation, stores: Bool
    ) throws(CommandError) {
      let number = try arguments.integer(first)
      let name = arguments[0].text.lowercased()
      guard number >= 1 else {
        throw .text(
          space.dialect.age >= .since70
            ? "ERR at least 1 input key is needed for '\(name)' command"
            : "ERR at least 1 input key is needed for ZUNIONSTORE/ZINTERSTORE")
      }
      guard number <= Int64(arguments.count - first - 1) else { throw .syntax }
      let keys = (first + 1)..<(first + 1 + Int(number))
      for index in keys {
        guard let handle = space.find(arguments[index]) else {
          sources.append(.none)
          continue
        }
        switch handle.form.type {
        case .zset: sources.append(.zset(ZsetValue(handle.value)))
        case .set: sources.append(.set(SetValue(handle.value)))
        default: throw .wrongType
        }
      }
      weights = [Double](repeating: 1, count: Int(number))
      try readOptions(arguments, from: keys.upperBound, operation, stores)
    }

    private mutating func readOptions(
      _ arguments: Arguments, from start: Int, _ operation: Operation, _ stores: Bool
    ) throws(CommandError) {
      var index = start
      while index < arguments.count {
        let left = arguments.count - index - 1
        if operation != .difference, arguments.isWord(index, "WEIGHTS"), left >= sources.count {
          for number in sources.indices {
            guard let weight = DoubleText.parse(arguments[index + 1 + number]), !weight.isNaN
            else { throw .message("ERR weight value is not a float") }
            weights[number] = weight
          }
          index += 1 + sources.count
        } else if operation != .difference, arguments.isWord(index, "AGGREGATE"), left >= 1 {
          let word = arguments[index + 1]
          guard word.isWord("SUM") || word.isWord("MIN") || word.isWord("MAX") else {
            throw .syntax
          }
          aggregate = word.isWord("SUM") ? .sum : word.isWord("MIN") ? .min : .max
          index += 2
        } else if !stores, arguments.isWord(index, "WITHSCORES") {
          withScores = true
          index += 1
        } else {
          throw .syntax
        }
      }
    }

    func weighted(_ score: Double, _ number: Int) -> Double {
      let product = score * weights[number]
      return product.isNaN ? 0 : product
    }
  }

  private static func combine(
    _ call: Call, _ operation: Operation, _ space: borrowing Keyspace
  ) -> ZsetValue {
    var result = ZsetValue(space.heap)
    let (heap, rules) = (space.heap, space.zsetRules)
    func set(_ member: Bytes, _ score: Double) {
      result.set(member, score, rules: rules, heap)
    }
    // Servers begin with the smallest set, which decides in which order floats are added.
    let order =
      operation == .difference
      ? Array(call.sources.indices)
      : call.sources.indices.sorted {
        (call.sources[$0].count, $0) < (call.sources[$1].count, $1)
      }
    switch operation {
    case .union:
      for number in order {
        call.sources[number].forEach { member, score in
          member.withBytes { member in
            let score = call.weighted(score, number)
            let old = result.score(member, heap)
            set(member, old.map { call.aggregate.combine($0, score) } ?? score)
          }
        }
      }
    case .intersection:
      guard let first = order.first else { return result }
      call.sources[first].forEach { member, score in
        member.withBytes { member in
          var sum = call.weighted(score, first)
          for number in order.dropFirst() {
            guard let other = call.sources[number].score(member, heap) else { return }
            sum = call.aggregate.combine(sum, call.weighted(other, number))
          }
          set(member, sum)
        }
      }
    case .difference:
      call.sources.first?.forEach { member, score in
        member.withBytes { member in
          let isElsewhere = call.sources.dropFirst().contains {
            $0.score(member, heap) != nil
          }
          if !isElsewhere { set(member, score) }
        }
      }
    }
    return result
  }

  private static func store(
    _ space: inout Keyspace, _ arguments: Arguments, _ operation: Operation
  ) throws(CommandError) {
    let call = try Call(space, arguments, from: 2, operation, stores: true)
    let result = combine(call, operation, space)
    let count = result.count
    space.delete(arguments[1])
    ZsetCommands.keep(space, result, nil, arguments[1])
    space.reply.integer(count)
  }

  /// ZINTERCARD n key … [LIMIT n].
  private static func intersectionCount(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let number = try arguments.integer(1)
    let end = number >= 1 && number < Int64(arguments.count - 1) ? 2 + Int(number) : arguments.count
    let keys = Arguments(start: arguments.start, count: end)
    let call = try Call(space, keys, from: 1, .difference, stores: true)
    let limit = try SearchCommands.limit(arguments, from: end)
    let sources = call.sources.sorted { $0.count < $1.count }
    let heap = space.heap
    var count = 0
    sources.first?.forEach { member, _ in
      let isCommon = member.withBytes { bytes in
        sources.dropFirst().allSatisfy { $0.score(bytes, heap) != nil }
      }
      if isCommon { count += 1 }
    }
    space.reply.integer(limit == 0 ? count : min(count, limit))
  }

  private static func answer(
    _ space: inout Keyspace, _ arguments: Arguments, _ operation: Operation
  ) throws(CommandError) {
    let call = try Call(space, arguments, from: 1, operation, stores: false)
    let result = combine(call, operation, space)
    space.reply.array(call.withScores ? 2 * result.count : result.count)
    result.forEach { member, score in
      space.answer(member)
      if call.withScores { space.answer(score) }
      return true
    }
    result.value.destroy(space.heap)
  }
}
