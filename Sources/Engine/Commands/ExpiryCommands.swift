/// Commands of a key's expiry.
enum ExpiryCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("EXPIRE") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .seconds)
    },
    .init("PEXPIRE") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .milliseconds)
    },
    .init("EXPIREAT") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .unixSeconds)
    },
    .init("PEXPIREAT") { space, arguments throws(CommandError) in
      try expire(&space, arguments, .unixMilliseconds)
    },
    .init("TTL") { space, arguments throws(CommandError) in
      tell(&space, arguments, seconds: true, relative: true)
    },
    .init("PTTL") { space, arguments throws(CommandError) in
      tell(&space, arguments, seconds: false, relative: true)
    },
    .init("EXPIRETIME") { space, arguments throws(CommandError) in
      tell(&space, arguments, seconds: true, relative: false)
    },
    .init("PEXPIRETIME") { space, arguments throws(CommandError) in
      tell(&space, arguments, seconds: false, relative: false)
    },
    .init("PERSIST", persist),
  ]

  private static func expire(
    _ space: inout Keyspace, _ arguments: Arguments, _ unit: SetCommand.Unit
  ) throws(CommandError) {
    let condition = try ExpiryCondition(arguments, from: 3)
    let expiry = try moment(arguments[2], unit, arguments[0], space)
    guard let handle = space.find(arguments[1]),
      condition.allows(expiry, old: handle.expiry)
    else { return space.reply.integer(0) }
    if !space.isLoading, expiry <= space.nowMs {
      space.delete(handle)
    } else {
      space.setExpiry(expiry, of: handle)
    }
    space.reply.integer(1)
  }

  /// The moment in Unix milliseconds, which may have passed.
  private static func moment(
    _ text: Bytes, _ unit: SetCommand.Unit, _ command: Bytes, _ space: borrowing Keyspace
  ) throws(CommandError) -> Int64 {
    guard var value = IntegerText.canonical(text) else { throw .notInteger }
    let invalid = space.invalidExpiry(command)
    if unit == .seconds || unit == .unixSeconds {
      guard value <= .max / 1000, value >= .min / 1000 else { throw invalid }
      value *= 1000
    }
    if unit == .seconds || unit == .milliseconds {
      let (sum, overflow) = value.addingReportingOverflow(space.nowMs)
      if overflow { throw invalid }
      value = sum
    }
    return value
  }

  private static func tell(
    _ space: inout Keyspace, _ arguments: Arguments, seconds: Bool, relative: Bool
  ) {
    guard let handle = space.find(arguments[1]) else {
      return space.reply.integer(space.dialect.age >= .since28 ? -2 : -1)
    }
    guard let expiry = handle.expiry else { return space.reply.integer(-1) }
    let value = max(0, relative ? expiry &- space.nowMs : expiry)
    space.reply.integer(seconds ? (value &+ 500) / 1000 : value)
  }

  private static func persist(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let handle = space.find(arguments[1]), KeyCell.hasExpiry(handle.cell) else {
      return space.reply.integer(0)
    }
    space.setExpiry(nil, of: handle)
    space.reply.integer(1)
  }
}

/// When EXPIRE and its kin set an expiry: NX, XX, GT, LT.
struct ExpiryCondition {
  private var onlyNew = false
  private var onlyOld = false
  private var onlyLater = false
  private var onlySooner = false

  /// No condition.
  init() {}

  /// Reads the arguments from `start` on.
  init(_ arguments: Arguments, from start: Int) throws(CommandError) {
    for index in start..<max(start, arguments.count) {
      guard take(arguments[index]) else {
        throw .text("ERR Unsupported option \(arguments[index].text)")
      }
    }
    if onlyNew, onlyOld || onlyLater || onlySooner {
      throw .message("ERR NX and XX, GT or LT options at the same time are not compatible")
    }
    if onlyLater, onlySooner {
      throw .message("ERR GT and LT options at the same time are not compatible")
    }
  }

  /// Takes a word in; false where it is none of the four.
  mutating func take(_ word: Bytes) -> Bool {
    if word.isWord("NX") {
      onlyNew = true
    } else if word.isWord("XX") {
      onlyOld = true
    } else if word.isWord("GT") {
      onlyLater = true
    } else if word.isWord("LT") {
      onlySooner = true
    } else {
      return false
    }
    return true
  }

  /// Whether `expiry` may take the place of `old`; no expiry is later than any.
  func allows(_ expiry: Int64, old: Int64?) -> Bool {
    guard let old else { return !onlyOld && !onlyLater }
    if onlyNew { return false }
    return !(onlyLater && expiry <= old) && !(onlySooner && expiry >= old)
  }
}
