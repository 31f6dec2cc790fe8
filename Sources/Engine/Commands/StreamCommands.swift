import RedisModel

/// Commands of streams and their entries.
enum StreamCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("XADD", xadd), .init("XTRIM", xtrim), .init("XDEL", xdel), .init("XLEN", xlen),
    .init("XSETID", xsetid),
    .init("XRANGE") { space, arguments throws(CommandError) in
      try range(&space, arguments, reversed: false)
    },
    .init("XREVRANGE") { space, arguments throws(CommandError) in
      try range(&space, arguments, reversed: true)
    },
    .init("XACK", GroupCommands.xack), .init("XGROUP", GroupCommands.xgroup),
    .init("XCLAIM", ClaimCommand.xclaim), .init("XAUTOCLAIM", AutoClaimCommand.xautoclaim),
    .init("XPENDING", PendingCommand.xpending), .init("XREAD", ReadCommands.xread),
    .init("XREADGROUP", ReadCommands.xreadgroup), .init("XDELEX", ReferenceCommands.xdelex),
    .init("XACKDEL", ReferenceCommands.xackdel), .init("XCFGSET", ProducerCommands.xcfgset),
    .init("XIDMPRECORD", ProducerCommands.xidmprecord),
  ]

  /// How XADD states the new entry's id.
  private enum NewID {
    case automatic
    case sequence(milliseconds: UInt64)
    case explicit(StreamID)
  }

  private static func newID(_ text: Bytes, _ age: Dialect.Age) throws(CommandError) -> NewID {
    if text.count == 1, text[0] == UInt8(ascii: "*") { return .automatic }
    if age >= .since70, text.count > 2, text[text.count - 1] == UInt8(ascii: "*"),
      text[text.count - 2] == UInt8(ascii: "-")
    {
      guard let milliseconds = IntegerText.unsigned(text.part(0..<(text.count - 2))) else {
        throw StreamArguments.badID
      }
      return .sequence(milliseconds: milliseconds)
    }
    return .explicit(try StreamArguments.id(text))
  }

  private static func xadd(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var (index, makes, references) = (2, true, StreamReferences.keep)
    var trimming: StreamArguments.Trimming?
    var message: ProducerCommands.Message?
    let age = space.dialect.age
    while index < arguments.count {
      if age >= .since62, arguments.isWord(index, "NOMKSTREAM") {
        makes = false
        index += 1
      } else if let found = try StreamArguments.Trimming(arguments, &index, age) {
        trimming = found
      } else if age >= .since82, let found = StreamReferences(arguments[index]) {
        references = found
        index += 1
      } else if let found = try ProducerCommands.Message(arguments, &index, age) {
        message = found
      } else {
        break
      }
    }
    let wanted = index < arguments.count ? try newID(arguments[index], age) : .automatic
    let fieldCount = arguments.count - index - 1
    guard fieldCount >= 2, fieldCount % 2 == 0 else {
      throw .message("ERR wrong number of arguments for 'xadd' command")
    }
    if case .explicit(.zero) = wanted {
      throw .message("ERR The ID specified in XADD must be greater than 0-0")
    }
    let old = try space.stream(arguments[1])
    if old == nil, !makes { return space.reply.null() }
    if let message, let old, isStar(wanted),
      try ProducerCommands.answerDuplicate(
        &space, message, old, arguments, fieldsFrom: index + 1)
    {
      return
    }
    let id = try choose(wanted, after: old?.pointee.lastID ?? .zero, space)
    let stream = old ?? makeStream(space, arguments[1])
    stream.pointee.append(id, arguments.start + (index + 1), fieldCount, space.heap)
    stream.pointee.entriesAdded &+= 1
    if let message {
      ProducerCommands.remember(message, id, stream, arguments, fieldsFrom: index + 1, space)
    }
    if let trimming { _ = stream.pointee.trim(trimming, references, space.heap) }
    space.answer(id)
  }

  private static func isStar(_ wanted: NewID) -> Bool {
    if case .automatic = wanted { true } else { false }
  }

  /// A new stream under a key that is not there.
  static func makeStream(
    _ space: borrowing Keyspace, _ key: Bytes
  ) -> UnsafeMutablePointer<StreamValue> {
    let address = StreamValue(space.heap).allocate(space.heap)
    space.put(key, Value(.stream, address))
    return StreamValue.at(address)
  }

  private static func choose(
    _ wanted: NewID, after last: StreamID, _ space: borrowing Keyspace
  ) throws(CommandError) -> StreamID {
    let exhausted = CommandError.message(
      "ERR The stream has exhausted the last possible ID, unable to add more items")
    let tooSmall = CommandError.message(
      "ERR The ID specified in XADD is equal or smaller than the target stream top item")
    switch wanted {
    case .automatic:
      let now = StreamID(milliseconds: UInt64(max(0, space.nowMs)), sequence: 0)
      if now.milliseconds > last.milliseconds { return now }
      guard let next = last.next else { throw exhausted }
      return next
    case .sequence(let milliseconds):
      if milliseconds < last.milliseconds { throw tooSmall }
      if milliseconds > last.milliseconds {
        return StreamID(milliseconds: milliseconds, sequence: 0)
      }
      guard last.sequence < .max else { throw last == .largest ? exhausted : tooSmall }
      return StreamID(milliseconds: milliseconds, sequence: last.sequence + 1)
    case .explicit(let id):
      if last == .largest { throw exhausted }
      guard last < id else { throw tooSmall }
      return id
    }
  }

  private static func xtrim(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var index = 2
    guard let trimming = try StreamArguments.Trimming(arguments, &index, space.dialect.age) else {
      throw .syntax
    }
    var references = StreamReferences.keep
    if space.dialect.age >= .since82, index + 1 == arguments.count,
      let found = StreamReferences(arguments[index])
    {
      references = found
      index += 1
    }
    guard index == arguments.count else { throw .syntax }
    guard let stream = try space.stream(arguments[1]) else { return space.reply.integer(0) }
    space.reply.integer(stream.pointee.trim(trimming, references, space.heap))
  }

  private static func xdel(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let stream = try space.stream(arguments[1]) else { return space.reply.integer(0) }
    for index in 2..<arguments.count { _ = try StreamArguments.id(arguments[index]) }
    var deleted = 0
    for index in 2..<arguments.count {
      let id = try StreamArguments.id(arguments[index])
      guard stream.pointee.delete(id, space.heap) else { continue }
      deleted += 1
      if stream.pointee.maxDeletedID < id { stream.pointee.maxDeletedID = id }
    }
    space.reply.integer(deleted)
  }

  private static func xlen(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    space.reply.integer(try space.stream(arguments[1])?.pointee.count ?? 0)
  }

  private static func xsetid(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let id = try StreamArguments.id(arguments[2])
    var (added, maxDeleted): (Int64?, StreamID?) = (nil, nil)
    var index = 3
    while index < arguments.count {
      if arguments.isWord(index, "ENTRIESADDED"), index + 1 < arguments.count {
        let count = try arguments.integer(index + 1)
        if count < 0 { throw .message("ERR entries_added must be positive") }
        added = count
      } else if arguments.isWord(index, "MAXDELETEDID"), index + 1 < arguments.count {
        let deleted = try StreamArguments.id(arguments[index + 1])
        if id < deleted {
          throw .message(
            "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
        }
        maxDeleted = deleted
      } else {
        throw .syntax
      }
      index += 2
    }
    guard let stream = try space.stream(arguments[1]) else { throw .noSuchKey }
    if stream.pointee.count > 0 {
      if id < stream.pointee.lastLiveID {
        throw .message(
          "ERR The ID specified in XSETID is smaller than the target stream top item")
      }
      if space.dialect.age >= .since72, id < stream.pointee.maxDeletedID {
        throw .message(
          "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id")
      }
      if let added, added < stream.pointee.count {
        throw .message(
          "ERR The entries_added specified in XSETID is smaller than the target stream length")
      }
    }
    stream.pointee.lastID = id
    if let added { stream.pointee.entriesAdded = UInt64(added) }
    if let maxDeleted, maxDeleted != .zero { stream.pointee.maxDeletedID = maxDeleted }
    space.reply.ok()
  }

  private static func range(
    _ space: inout Keyspace, _ arguments: Arguments, reversed: Bool
  ) throws(CommandError) {
    let low = try StreamArguments.bound(arguments[reversed ? 3 : 2], isStart: true)
    let high = try StreamArguments.bound(arguments[reversed ? 2 : 3], isStart: false)
    var left = Int.max
    if arguments.count > 4 {
      guard arguments.count == 6, arguments.isWord(4, "COUNT") else { throw .syntax }
      left = Int(max(0, try arguments.integer(5)))
    }
    let first = low.isOpen ? low.id.next : low.id
    let last = high.isOpen ? high.id.previous : high.id
    guard let first else { throw .message("ERR invalid start ID for the interval") }
    guard let last else { throw .message("ERR invalid end ID for the interval") }
    guard let stream = try space.stream(arguments[1]) else { return space.reply.array(0) }
    if left == 0, arguments.count > 4 { return space.reply.nullArray() }
    guard first <= last else { return space.reply.array(0) }
    var found: [(StreamNode, StreamNode.Entry)] = []
    func take(_ node: StreamNode, _ entry: StreamNode.Entry) -> Bool {
      guard entry.id >= first, entry.id <= last, found.count < left else { return false }
      found.append((node, entry))
      return true
    }
    if reversed {
      stream.pointee.forEachReversed(from: last, take)
    } else {
      stream.pointee.forEach(from: first, take)
    }
    space.reply.array(found.count)
    for (node, entry) in found { space.answer(node, entry) }
  }
}
