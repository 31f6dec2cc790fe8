import RedisModel

/// XPENDING key group [[IDLE ms] start end count [consumer]].
enum PendingCommand {
  /// Executes it.
  static func xpending(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    if arguments.count > 3 { return try list(&space, arguments) }
    let (_, group) = try GroupCommands.group(space, arguments[1], arguments[2])
    let pending = group.pointee.pending
    space.reply.array(4)
    space.reply.integer(pending.count)
    guard let first = pending.entry(at: pending.start), let last = pending.last else {
      space.reply.null()
      space.reply.null()
      return space.reply.nullArray()
    }
    space.answer(first.id)
    space.answer(last.id)
    let consumers = group.pointee.consumers
    let cells = (0..<consumers.capacity).compactMap { consumers.cell(at: $0) }
      .filter { ConsumerCell.facts($0).pointee.pendingCount > 0 }
      .sorted { ConsumerCell.key(of: $0).compare(ConsumerCell.key(of: $1)) < 0 }
    space.reply.array(cells.count)
    for cell in cells {
      space.reply.array(2)
      space.reply.bulk(ConsumerCell.key(of: cell))
      space.reply.bulk(space.integerText(Int64(ConsumerCell.facts(cell).pointee.pendingCount)))
    }
  }

  /// The entries of a range, each with its owner, its idle time and how often it was delivered.
  private static func list(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    var (index, idleMin) = (3, Int64(0))
    if space.dialect.age >= .since62, arguments.isWord(3, "IDLE"), arguments.count > 4 {
      idleMin = try arguments.integer(4)
      index = 5
    }
    guard arguments.count == index + 3 || arguments.count == index + 4 else { throw .syntax }
    let count = max(0, try arguments.integer(index + 2))
    let low = try StreamArguments.bound(arguments[index], isStart: true)
    let high = try StreamArguments.bound(arguments[index + 1], isStart: false)
    guard let first = low.isOpen ? low.id.next : low.id else {
      throw .message("ERR invalid start ID for the interval")
    }
    guard let last = high.isOpen ? high.id.previous : high.id else {
      throw .message("ERR invalid end ID for the interval")
    }
    let (_, group) = try GroupCommands.group(space, arguments[1], arguments[2])
    var owner: UnsafeMutableRawPointer?
    if arguments.count == index + 4 {
      owner = group.pointee.consumer(arguments[index + 3], space.heap)
      if owner == nil { return space.reply.array(0) }
    }
    let pending = group.pointee.pending
    var found: [PendingEntry] = []
    var place = pending.firstPosition { $0.id < first }
    while found.count < count, let entry = pending.entry(at: place), entry.id <= last {
      let isIdle = idleMin <= 0 || space.nowMs - entry.deliveredMs >= idleMin
      if isIdle, owner == nil || entry.consumer == owner { found.append(entry) }
      place = pending.next(place)
    }
    space.reply.array(found.count)
    for entry in found {
      space.reply.array(4)
      space.answer(entry.id)
      space.reply.bulk(ConsumerCell.key(of: entry.consumer))
      space.reply.integer(max(0, space.nowMs - entry.deliveredMs))
      space.reply.integer(entry.deliveryCount)
    }
  }
}
