import RedisCodecs

/// Commands of hash fields that expire (Redis 7.4 and later, Valkey 9).
enum FieldExpiryCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("HEXPIRE") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .seconds)
    },
    .init("HPEXPIRE") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .milliseconds)
    },
    .init("HEXPIREAT") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .unixSeconds)
    },
    .init("HPEXPIREAT") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .unixMilliseconds)
    },
    .init("HPERSIST", hpersist), .init("HSETEX", hsetex), .init("HGETEX", hgetex),
    .init("HGETDEL", hgetdel),
    .init("HPTTL") { space, arguments throws(CommandError) in
      try tell(&space, arguments, relative: true)
    },
    .init("HPEXPIRETIME") { space, arguments throws(CommandError) in
      try tell(&space, arguments, relative: false)
    },
    .init("HTTL") { space, arguments throws(CommandError) in
      try tell(&space, arguments, relative: true, unitMs: 1000)
    },
    .init("HEXPIRETIME") { space, arguments throws(CommandError) in
      try tell(&space, arguments, relative: false, unitMs: 1000)
    },
  ]

  /// The largest expiry of a field, Unix milliseconds.
  private static let expiryMax: Int64 = 1 << 46 - 1

  /// `FIELDS count field …` from `index` on: the places of the fields.
  private static func fields(
    _ arguments: Arguments, _ index: Int, width: Int = 1
  ) throws(CommandError) -> StrideTo<Int> {
    guard arguments.isWord(index, "FIELDS") else {
      throw .message("ERR Mandatory argument FIELDS is missing or not at the right position")
    }
    let error = CommandError.message("ERR Parameter `numFields` should be greater than 0")
    guard index + 1 < arguments.count else { throw .syntax }
    let count = try arguments.integer(index + 1, or: error)
    guard count > 0 else { throw error }
    guard count.multipliedReportingOverflow(by: Int64(width)).overflow == false,
      count * Int64(width) == Int64(arguments.count - index - 2)
    else { throw .message("ERR The `numfields` parameter must match the number of arguments") }
    return stride(from: index + 2, to: arguments.count, by: width)
  }

  private static func moment(
    _ text: Bytes, _ unit: SetCommand.Unit, _ command: Bytes, _ space: borrowing Keyspace
  ) throws(CommandError) -> Int64 {
    guard var value = IntegerText.canonical(text) else { throw .notInteger }
    let invalid = CommandError.text(
      "ERR invalid expire time in '\(command.text.lowercased())' command")
    guard value >= 0 else { throw .message("ERR invalid expire time, must be >= 0") }
    if unit == .seconds || unit == .unixSeconds {
      guard value <= .max / 1000 else { throw invalid }
      value *= 1000
    }
    if unit == .seconds || unit == .milliseconds {
      let (sum, overflow) = value.addingReportingOverflow(space.nowMs)
      if overflow { throw invalid }
      value = sum
    }
    guard value <= expiryMax else { throw invalid }
    return value
  }

  private static func expire(
    _ space: inout Keyspace, _ arguments: Arguments, _ unit: SetCommand.Unit
  ) throws(CommandError) {
    let expiry = try moment(arguments[2], unit, arguments[0], space)
    var condition = ExpiryCondition()
    let hasCondition = condition.take(arguments[3])
    let places = try fields(arguments, hasCondition ? 4 : 3)
    let handle = try space.find(arguments[1], .hash)
    guard let handle else { return answerAll(&space, places, -2) }
    var hash = HashValue(handle.value)
    space.reply.array(places.underestimatedCount)
    for place in places {
      let field = arguments[place]
      if space.live(field, hash) == nil {
        space.reply.integer(-2)
      } else if !condition.allows(expiry, old: hash.expiry(field, space.heap)) {
        space.reply.integer(0)
      } else if !space.isLoading, expiry <= space.nowMs {
        _ = hash.remove(field, space.heap)
        space.reply.integer(2)
      } else {
        hash.setExpiry(expiry, of: field, space.heap)
        space.reply.integer(1)
      }
    }
    space.store(hash.value, count: hash.count, handle)
  }

  private static func answerAll(
    _ space: inout Keyspace, _ places: StrideTo<Int>, _ value: Int
  ) {
    space.reply.array(places.underestimatedCount)
    for _ in places { space.reply.integer(value) }
  }

  private static func hpersist(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let places = try fields(arguments, 2)
    guard let handle = try space.find(arguments[1], .hash) else {
      return answerAll(&space, places, -2)
    }
    var hash = HashValue(handle.value)
    space.reply.array(places.underestimatedCount)
    for place in places {
      if space.live(arguments[place], hash) == nil {
        space.reply.integer(-2)
      } else if hash.expiry(arguments[place], space.heap) == nil {
        space.reply.integer(-1)
      } else {
        hash.setExpiry(nil, of: arguments[place], space.heap)
        space.reply.integer(1)
      }
    }
    KeyCell.setValue(hash.value, of: handle.cell)
  }

  private static func tell(
    _ space: inout Keyspace, _ arguments: Arguments, relative: Bool, unitMs: Int64 = 1
  ) throws(CommandError) {
    let places = try fields(arguments, 2)
    guard let handle = try space.find(arguments[1], .hash) else {
      return answerAll(&space, places, -2)
    }
    let hash = HashValue(handle.value)
    space.reply.array(places.underestimatedCount)
    for place in places {
      if space.live(arguments[place], hash) == nil {
        space.reply.integer(-2)
      } else if let expiry = hash.expiry(arguments[place], space.heap) {
        // Seconds are rounded up.
        let time = relative ? expiry - space.nowMs : expiry
        space.reply.integer((time + unitMs - 1) / unitMs)
      } else {
        space.reply.integer(-1)
      }
    }
  }

  /// The options before FIELDS.
  private struct Options {
    var onlyNew = false
    var onlyOld = false
    var keepsExpiry = false
    var persists = false
    var expiry: Int64?
    /// Where FIELDS stands.
    var index = 2

    init(_ arguments: Arguments, _ space: borrowing Keyspace) throws(CommandError) {
      while index < arguments.count, !arguments.isWord(index, "FIELDS") {
        if arguments.isWord(index, "FNX") {
          onlyNew = true
        } else if arguments.isWord(index, "FXX") {
          onlyOld = true
        } else if arguments.isWord(index, "KEEPTTL") {
          keepsExpiry = true
        } else if arguments.isWord(index, "PERSIST") {
          persists = true
        } else if let unit = SetCommand.Unit(arguments[index]), index + 1 < arguments.count,
          expiry == nil
        {
          index += 1
          expiry = try moment(arguments[index], unit, arguments[0], space)
        } else {
          throw .syntax
        }
        index += 1
      }
      if onlyNew && onlyOld || expiry != nil && (keepsExpiry || persists) { throw .syntax }
    }
  }

  /// HSETEX key [FNX|FXX] [EX|PX|EXAT|PXAT moment|KEEPTTL] FIELDS count field value ….
  private static func hsetex(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let options = try Options(arguments, space)
    let places = try fields(arguments, options.index, width: 2)
    let handle = try space.find(arguments[1], .hash)
    var hash = handle.map { HashValue($0.value) } ?? HashValue(space.heap)
    for place in places where options.onlyNew || options.onlyOld {
      let isThere = handle != nil && space.live(arguments[place], hash) != nil
      if isThere ? options.onlyNew : options.onlyOld {
        if handle == nil { hash.value.destroy(space.heap) }
        return space.reply.integer(0)
      }
    }
    let isPast = options.expiry.map { !space.isLoading && $0 <= space.nowMs } ?? false
    for place in places {
      let field = arguments[place]
      if isPast {
        _ = hash.remove(field, space.heap)
        continue
      }
      let kept = options.keepsExpiry ? hash.expiry(field, space.heap) : nil
      hash.set(field, arguments[place + 1], expiry: options.expiry ?? kept, space.heap)
    }
    if let handle {
      space.store(hash.value, count: hash.count, handle)
    } else if hash.count == 0 {
      hash.value.destroy(space.heap)
    } else {
      space.put(arguments[1], hash.value)
    }
    space.reply.integer(1)
  }

  /// HGETEX key [EX|PX|EXAT|PXAT moment|PERSIST] FIELDS count field ….
  private static func hgetex(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let options = try Options(arguments, space)
    if options.onlyNew || options.onlyOld || options.keepsExpiry { throw .syntax }
    let places = try fields(arguments, options.index)
    let handle = try space.find(arguments[1], .hash)
    var hash = handle.map { HashValue($0.value) }
    space.reply.array(places.underestimatedCount)
    for place in places {
      let field = arguments[place]
      space.answer(field: field, of: hash)
      guard var found = hash, space.live(field, found) != nil else { continue }
      if let expiry = options.expiry, !space.isLoading, expiry <= space.nowMs {
        _ = found.remove(field, space.heap)
      } else if options.expiry != nil || options.persists {
        found.setExpiry(options.expiry, of: field, space.heap)
      }
      hash = found
    }
    if let hash, let handle { space.store(hash.value, count: hash.count, handle) }
  }

  /// HGETDEL key FIELDS count field ….
  private static func hgetdel(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let places = try fields(arguments, 2)
    let handle = try space.find(arguments[1], .hash)
    var hash = handle.map { HashValue($0.value) }
    space.reply.array(places.underestimatedCount)
    for place in places {
      space.answer(field: arguments[place], of: hash)
      guard var found = hash else { continue }
      _ = found.remove(arguments[place], space.heap)
      hash = found
    }
    if let hash, let handle { space.store(hash.value, count: hash.count, handle) }
  }
}
