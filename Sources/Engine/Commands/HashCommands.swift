import RedisCodecs

/// Commands of hashes.
enum HashCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("HSET", hset), .init("HMSET", hmset), .init("HSETNX", hsetnx), .init("HGET", hget),
    .init("HMGET", hmget), .init("HDEL", hdel), .init("HLEN", hlen), .init("HEXISTS", hexists),
    .init("HSTRLEN", hstrlen), .init("HINCRBY", hincrby), .init("HINCRBYFLOAT", hincrbyfloat),
    .init("HGETALL") { space, arguments throws(CommandError) in
      try list(&space, arguments, fields: true, values: true)
    },
    .init("HKEYS") { space, arguments throws(CommandError) in
      try list(&space, arguments, fields: true, values: false)
    },
    .init("HVALS") { space, arguments throws(CommandError) in
      try list(&space, arguments, fields: false, values: true)
    },
  ]

  private static func hset(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.integer(try set(&space, arguments))
  }

  private static func hmset(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    _ = try set(&space, arguments)
    space.reply.ok()
  }

  private static func set(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) -> Int {
    guard arguments.count % 2 == 0 else {
      let name = arguments[0].text
      throw .text(
        space.dialect.age >= .since50
          ? "ERR wrong number of arguments for '\(name.lowercased())' command"
          : "ERR wrong number of arguments for HMSET")
    }
    let handle = try space.find(arguments[1], .hash)
    var hash = handle.map { HashValue($0.value) } ?? HashValue(space.heap)
    var added = 0
    for index in stride(from: 2, to: arguments.count, by: 2)
    where hash.set(arguments[index], arguments[index + 1], space.heap) {
      added += 1
    }
    space.keep(hash, handle, arguments[1])
    return added
  }

  private static func hsetnx(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let handle = try space.find(arguments[1], .hash)
    if let handle, space.live(arguments[2], HashValue(handle.value)) != nil {
      return space.reply.integer(0)
    }
    var hash = handle.map { HashValue($0.value) } ?? HashValue(space.heap)
    hash.set(arguments[2], arguments[3], space.heap)
    space.keep(hash, handle, arguments[1])
    space.reply.integer(1)
  }

  private static func hget(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let handle = try space.find(arguments[1], .hash)
    space.answer(field: arguments[2], of: handle.map { HashValue($0.value) })
  }

  private static func hmget(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let hash = try space.find(arguments[1], .hash).map { HashValue($0.value) }
    space.reply.array(arguments.count - 2)
    for index in 2..<arguments.count { space.answer(field: arguments[index], of: hash) }
  }

  private static func hdel(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .hash) else { return space.reply.integer(0) }
    var hash = HashValue(handle.value)
    var removed = 0
    for index in 2..<arguments.count where hash.remove(arguments[index], space.heap) {
      removed += 1
    }
    space.store(hash.value, count: hash.count, handle)
    space.reply.integer(removed)
  }

  private static func hlen(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let handle = try space.find(arguments[1], .hash)
    space.reply.integer(handle.map { HashValue($0.value).count } ?? 0)
  }

  private static func hexists(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let hash = try space.find(arguments[1], .hash).map { HashValue($0.value) }
    space.reply.flag(hash.flatMap { space.live(arguments[2], $0) } != nil)
  }

  private static func hstrlen(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let hash = try space.find(arguments[1], .hash).map { HashValue($0.value) }
    space.reply.integer(hash.flatMap { space.live(arguments[2], $0) }?.byteCount ?? 0)
  }

  private static func list(
    _ space: inout Keyspace, _ arguments: Arguments, fields: Bool, values: Bool
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .hash) else { return space.reply.array(0) }
    let hash = HashValue(handle.value)
    var count = hash.count
    if hash.expiryCount > 0 {
      count = 0
      hash.forEach { _, _, expiry in
        if !space.isDue(expiry) { count += 1 }
        return true
      }
    }
    space.reply.array(fields && values ? 2 * count : count)
    hash.forEach { field, value, expiry in
      if space.isDue(expiry) { return true }
      if fields { space.answer(field) }
      if values { space.answer(value) }
      return true
    }
  }

  private static func hincrby(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let step = try arguments.integer(3)
    let handle = try space.find(arguments[1], .hash)
    var hash = handle.map { HashValue($0.value) } ?? HashValue(space.heap)
    var value: Int64 = 0
    if handle != nil, let old = space.live(arguments[2], hash) {
      guard let number = old.withBytes({ IntegerText.canonical($0) }) else {
        throw .message("ERR hash value is not an integer")
      }
      value = number
    }
    let (sum, overflow) = value.addingReportingOverflow(step)
    if overflow {
      discard(hash, handle, space)
      throw .message("ERR increment or decrement would overflow")
    }
    let expiry = handle == nil ? nil : hash.expiry(arguments[2], space.heap)
    Element(integer: sum).withBytes {
      _ = hash.set(arguments[2], $0, expiry: expiry, space.heap)
    }
    space.keep(hash, handle, arguments[1])
    space.reply.integer(sum)
  }

  /// Gives an empty hash back that was made for a command which then failed.
  private static func discard(_ hash: HashValue, _ handle: KeyHandle?, _ space: borrowing Keyspace)
  {
    if handle == nil { hash.value.destroy(space.heap) }
  }

  private static func hincrbyfloat(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let step = LongDoubleText.parse(arguments[3]) else { throw .notFloat }
    let handle = try space.find(arguments[1], .hash)
    var value: LongDouble = 0
    if let handle, let old = space.live(arguments[2], HashValue(handle.value)) {
      guard let number = old.withBytes({ LongDoubleText.parse($0) }) else {
        throw .message("ERR hash value is not a float")
      }
      value = number
    }
    guard let text = LongDoubleText.text(value + step) else {
      throw .message("ERR increment would produce NaN or Infinity")
    }
    var hash = handle.map { HashValue($0.value) } ?? HashValue(space.heap)
    let expiry = handle == nil ? nil : hash.expiry(arguments[2], space.heap)
    text.withUnsafeBytes {
      _ = hash.set(arguments[2], $0, expiry: expiry, space.heap)
      space.reply.bulk($0)
    }
    space.keep(hash, handle, arguments[1])
  }
}

/// Fields of hashes, with their expiries.
extension Keyspace {
  /// Whether an expiry has passed, in an engine that expires at all.
  @inline(__always)
  func isDue(_ expiry: Int64?) -> Bool {
    guard let expiry, !isLoading else { return false }
    return expiry < nowMs
  }

  /// The value of a field that is there and not due.
  func live(_ field: Bytes, _ hash: HashValue) -> Element? {
    guard let value = hash.get(field, heap) else { return nil }
    return hash.expiryCount > 0 && isDue(hash.expiry(field, heap)) ? nil : value
  }

  /// Answers with the value of a field.
  mutating func answer(field: Bytes, of hash: HashValue?) {
    guard let hash, let value = live(field, hash) else { return reply.null() }
    answer(value)
  }

  /// Stores a hash that was changed: in the key that it came from, or in a new one.
  func keep(_ hash: HashValue, _ handle: KeyHandle?, _ key: Bytes) {
    if let handle {
      KeyCell.setValue(hash.value, of: handle.cell)
    } else {
      put(key, hash.value)
    }
  }
}
