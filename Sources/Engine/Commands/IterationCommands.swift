import RedisCodecs
import RedisModel

/// Commands that go over keys and elements, or take some at random. An iteration has one step: its
/// answer has everything, and the cursor 0.
enum IterationCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("KEYS", keys), .init("SCAN", scan), .init("RANDOMKEY", randomkey), .init("TIME", time),
    .init("SSCAN") { space, arguments throws(CommandError) in
      try scanElements(&space, arguments, .set)
    },
    .init("HSCAN") { space, arguments throws(CommandError) in
      try scanElements(&space, arguments, .hash)
    },
    .init("ZSCAN") { space, arguments throws(CommandError) in
      try scanElements(&space, arguments, .zset)
    },
    .init("HRANDFIELD") { space, arguments throws(CommandError) in
      try random(&space, arguments, .hash, pairWord: "WITHVALUES")
    },
    .init("ZRANDMEMBER") { space, arguments throws(CommandError) in
      try random(&space, arguments, .zset, pairWord: "WITHSCORES")
    },
  ]

  /// The keys that are there and that `isWanted` takes.
  private static func found(
    _ space: borrowing Keyspace, _ isWanted: (KeyHandle) -> Bool
  ) -> [[UInt8]] {
    let table = space.database.pointee.keys
    var names: [[UInt8]] = []
    for slot in 0..<table.capacity {
      guard let cell = table.cell(at: slot) else { continue }
      let handle = KeyHandle(slot: slot, cell: cell)
      if !space.isDue(handle.expiry), isWanted(handle) {
        names.append(Array(KeyCell.key(of: cell)))
      }
    }
    return names
  }

  private static func answer(_ space: inout Keyspace, _ texts: [[UInt8]]) {
    space.reply.array(texts.count)
    for text in texts { text.withUnsafeBytes { space.reply.bulk($0) } }
  }

  private static func keys(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let pattern = GlobPattern(arguments[1])
    answer(&space, found(space) { pattern.matches(KeyCell.key(of: $0.cell)) })
  }

  private static func randomkey(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let names = found(space) { _ in true }
    guard let name = names.randomElement(using: &space.random) else { return space.reply.null() }
    name.withUnsafeBytes { space.reply.bulk($0) }
  }

  private static func time(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.array(2)
    space.reply.bulk(space.integerText(space.nowMs / 1000))
    space.reply.bulk(space.integerText(space.nowMs % 1000 * 1000))
  }

  private struct Options {
    var pattern: GlobPattern?
    var type: [UInt8]?
    var withoutValues = false
  }

  /// The options of an iteration, the cursor in front at `index`.
  private static func options(
    _ arguments: Arguments, from index: Int, _ space: borrowing Keyspace
  ) throws(CommandError) -> Options {
    guard IntegerText.unsigned(arguments[index]) != nil else {
      throw .message("ERR invalid cursor")
    }
    var (options, index) = (Options(), index + 1)
    while index < arguments.count {
      let hasMore = index + 1 < arguments.count
      if hasMore, arguments.isWord(index, "COUNT") {
        if try arguments.integer(index + 1) < 1 { throw .syntax }
      } else if hasMore, arguments.isWord(index, "MATCH") {
        options.pattern = GlobPattern(arguments[index + 1])
      } else if hasMore, arguments[0].isWord("SCAN"), arguments.isWord(index, "TYPE"),
        space.dialect.age >= .since60
      {
        options.type = Array(arguments[index + 1].text.lowercased().utf8)
      } else if arguments[0].isWord("HSCAN"), arguments.isWord(index, "NOVALUES"),
        space.dialect.age >= .since74 || space.dialect.valkey >= 80
      {
        options.withoutValues = true
        index -= 1
      } else {
        throw .syntax
      }
      index += 2
    }
    return options
  }

  private static func scan(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let options = try options(arguments, from: 1, space)
    let names = found(space) { handle in
      if let type = options.type, Array(space.typeName(of: handle).utf8) != type { return false }
      return options.pattern?.matches(KeyCell.key(of: handle.cell)) ?? true
    }
    answerStep(&space, names)
  }

  private static func answerStep(_ space: inout Keyspace, _ texts: [[UInt8]]) {
    space.reply.array(2)
    space.reply.bulk(space.integerText(0))
    answer(&space, texts)
  }

  private static func scanElements(
    _ space: inout Keyspace, _ arguments: Arguments, _ type: ValueType
  ) throws(CommandError) {
    let options = try options(arguments, from: 2, space)
    var texts: [[UInt8]] = []
    guard let handle = try space.find(arguments[1], type) else {
      return answerStep(&space, texts)
    }
    for (name, other) in pairs(space, handle, type) {
      guard name.withUnsafeBytes({ options.pattern?.matches($0) ?? true }) else { continue }
      texts.append(name)
      if type != .set, !options.withoutValues { texts.append(other) }
    }
    answerStep(&space, texts)
  }

  /// The elements of a collection, each with its value or score.
  private static func pairs(
    _ space: borrowing Keyspace, _ handle: KeyHandle, _ type: ValueType
  ) -> [([UInt8], [UInt8])] {
    var pairs: [([UInt8], [UInt8])] = []
    switch type {
    case .set:
      SetValue(handle.value).forEach {
        pairs.append(($0.bytes, []))
        return true
      }
    case .hash:
      HashValue(handle.value).forEach { field, value, expiry in
        if !space.isDue(expiry) { pairs.append((field.bytes, value.bytes)) }
        return true
      }
    default:
      ZsetValue(handle.value).forEach { member, score in
        pairs.append((member.bytes, Array(space.doubleText(score))))
        return true
      }
    }
    return pairs
  }

  /// HRANDFIELD and ZRANDMEMBER: key [count [WITHVALUES|WITHSCORES]].
  private static func random(
    _ space: inout Keyspace, _ arguments: Arguments, _ type: ValueType, pairWord: StaticString
  ) throws(CommandError) {
    guard arguments.count <= 4, arguments.count < 4 || arguments.isWord(3, pairWord) else {
      throw .syntax
    }
    let withPairs = arguments.count == 4
    let count = arguments.count > 2 ? try arguments.integer(2) : nil
    if let count, count < -Int64(Int.max / 2) || withPairs && count > Int64(Int.max / 2) {
      throw .outOfRange
    }
    guard let handle = try space.find(arguments[1], type) else {
      return count == nil ? space.reply.null() : space.reply.array(0)
    }
    let pairs = pairs(space, handle, type)
    guard let count else {
      guard let pair = pairs.randomElement(using: &space.random) else {
        return space.reply.null()
      }
      return pair.0.withUnsafeBytes { space.reply.bulk($0) }
    }
    var chosen: [([UInt8], [UInt8])] = []
    if count >= 0 {
      chosen = Array(pairs.shuffled(using: &space.random).prefix(Int(clamping: count)))
    } else {
      if space.reply.keepsOnlyErrors { return }
      guard count.magnitude <= UInt64(SetCommands.repeatedMax) else {
        throw .unsupported("\(arguments[0].text) of more than \(SetCommands.repeatedMax) elements")
      }
      for _ in 0..<Int(count.magnitude) {
        if let pair = pairs.randomElement(using: &space.random) { chosen.append(pair) }
      }
    }
    answer(&space, chosen.flatMap { withPairs ? [$0.0, $0.1] : [$0.0] })
  }
}

extension Keyspace {
  /// The word that TYPE answers.
  func typeName(of handle: KeyHandle) -> String {
    switch handle.form {
    case .vectorSet: "vectorset"
    case .module, .array: ModuleRecord(handle.value).name
    default: "\(handle.form.type.name)"
    }
  }
}
