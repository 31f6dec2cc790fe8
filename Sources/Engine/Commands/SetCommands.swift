import RedisCodecs

/// Commands of sets.
enum SetCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("SADD", sadd), .init("SREM", srem), .init("SMOVE", smove), .init("SCARD", scard),
    .init("SISMEMBER", sismember), .init("SMISMEMBER", smismember), .init("SMEMBERS", smembers),
    .init("SPOP", spop), .init("SRANDMEMBER", srandmember),
    .init("SUNION") { space, arguments throws(CommandError) in
      try SetAlgebra.answer(&space, arguments, .union)
    },
    .init("SINTER") { space, arguments throws(CommandError) in
      try SetAlgebra.answer(&space, arguments, .intersection)
    },
    .init("SDIFF") { space, arguments throws(CommandError) in
      try SetAlgebra.answer(&space, arguments, .difference)
    },
    .init("SUNIONSTORE") { space, arguments throws(CommandError) in
      try SetAlgebra.store(&space, arguments, .union)
    },
    .init("SINTERSTORE") { space, arguments throws(CommandError) in
      try SetAlgebra.store(&space, arguments, .intersection)
    },
    .init("SDIFFSTORE") { space, arguments throws(CommandError) in
      try SetAlgebra.store(&space, arguments, .difference)
    },
  ]

  private static func sadd(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let key = arguments[1]
    let handle = try space.find(key, .set)
    var set = handle.map { SetValue($0.value) } ?? SetValue(first: arguments[2], space.heap)
    var added = 0
    for index in 2..<arguments.count where set.insert(arguments[index], space.heap) { added += 1 }
    if let handle {
      KeyCell.setValue(set.value, of: handle.cell)
    } else {
      space.put(key, set.value)
    }
    space.reply.integer(added)
  }

  private static func srem(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .set) else { return space.reply.integer(0) }
    var set = SetValue(handle.value)
    var removed = 0
    for index in 2..<arguments.count where set.remove(arguments[index], space.heap) {
      removed += 1
    }
    space.store(set.value, count: set.count, handle)
    space.reply.integer(removed)
  }

  private static func smove(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let member = arguments[3]
    guard let from = try space.find(arguments[1], .set) else { return space.reply.integer(0) }
    let to = try space.find(arguments[2], .set)
    var set = SetValue(from.value)
    if arguments[1].equals(arguments[2]) {
      return space.reply.flag(set.contains(member, space.heap))
    }
    guard set.remove(member, space.heap) else { return space.reply.integer(0) }
    var other = to.map { SetValue($0.value) } ?? SetValue(first: member, space.heap)
    other.insert(member, space.heap)
    if let to { KeyCell.setValue(other.value, of: to.cell) }
    space.store(set.value, count: set.count, from)
    if to == nil { space.put(arguments[2], other.value) }
    space.reply.integer(1)
  }

  private static func scard(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let handle = try space.find(arguments[1], .set)
    space.reply.integer(handle.map { SetValue($0.value).count } ?? 0)
  }

  private static func sismember(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .set)
    space.reply.flag(handle.map { SetValue($0.value).contains(arguments[2], space.heap) } ?? false)
  }

  private static func smismember(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .set)
    space.reply.array(arguments.count - 2)
    for index in 2..<arguments.count {
      let member = arguments[index]
      space.reply.flag(handle.map { SetValue($0.value).contains(member, space.heap) } ?? false)
    }
  }

  private static func smembers(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .set) else { return space.reply.array(0) }
    let set = SetValue(handle.value)
    space.reply.array(set.count)
    set.forEach {
      space.answer($0)
      return true
    }
  }

  private static func spop(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var count: Int64?
    if arguments.count > 2 {
      guard arguments.count == 3 else { throw .syntax }
      let error = CommandError.message("ERR value is out of range, must be positive")
      let stated = try arguments.integer(2, or: error)
      guard stated >= 0 else { throw error }
      count = stated
    }
    guard let handle = try space.find(arguments[1], .set) else {
      return count == nil ? space.reply.null() : space.reply.array(0)
    }
    var set = SetValue(handle.value)
    let taken = min(set.count, count.map { Int(clamping: $0) } ?? 1)
    if count != nil { space.reply.array(taken) }
    for _ in 0..<taken {
      let index = Int.random(in: 0..<set.count, using: &space.random)
      guard let member = set.member(near: index)?.bytes else { break }
      member.withUnsafeBytes {
        space.reply.bulk($0)
        _ = set.remove($0, space.heap)
      }
    }
    space.store(set.value, count: set.count, handle)
  }

  private static func srandmember(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard arguments.count <= 3 else { throw .syntax }
    let count = arguments.count == 3 ? try arguments.integer(2) : nil
    guard let handle = try space.find(arguments[1], .set) else {
      return count == nil ? space.reply.null() : space.reply.array(0)
    }
    let set = SetValue(handle.value)
    guard let count else {
      let index = Int.random(in: 0..<set.count, using: &space.random)
      if let member = set.member(near: index) { space.answer(member) }
      return
    }
    guard count >= 0 else {
      return try repeatedMembers(&space, set, Int(clamping: count.magnitude))
    }
    var left = min(Int(clamping: count), set.count)
    var seen = 0
    let total = set.count
    space.reply.array(left)
    // Each member is taken with the chance that keeps all choices alike.
    set.forEach { member in
      if Int.random(in: 0..<(total - seen), using: &space.random) < left {
        space.answer(member)
        left -= 1
      }
      seen += 1
      return left > 0
    }
  }

  /// The most members, repeated, that one command answers with.
  static let repeatedMax = 1 << 20

  private static func repeatedMembers(
    _ space: inout Keyspace, _ set: SetValue, _ count: Int
  ) throws(CommandError) {
    if space.reply.keepsOnlyErrors { return }
    if count > repeatedMax {
      throw .unsupported("SRANDMEMBER of more than \(repeatedMax) members")
    }
    space.reply.array(count)
    for _ in 0..<count {
      let index = Int.random(in: 0..<set.count, using: &space.random)
      if let member = set.member(near: index) { space.answer(member) }
    }
  }
}
