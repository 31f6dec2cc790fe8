import RedisModel

/// XCLAIM key group consumer min-idle id … [IDLE ms] [TIME ms] [RETRYCOUNT n] [FORCE] [JUSTID]
/// [LASTID id].
enum ClaimCommand {
  private struct Options {
    var deliveredMs: Int64
    var retryCount: Int64?
    var isForced = false
    var tellsIDs = false
    var lastID: StreamID?
  }

  /// Executes it.
  static func xclaim(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (stream, group) = try GroupCommands.group(space, arguments[1], arguments[2])
    let minIdle = max(
      0,
      try arguments.integer(
        4, or: .message("ERR Invalid min-idle-time argument for XCLAIM")))
    var end = 5
    while end < arguments.count, (try? StreamArguments.id(arguments[end])) != nil { end += 1 }
    var options = try readOptions(arguments, from: end, space)
    options.deliveredMs = min(max(0, options.deliveredMs), space.nowMs)
    if let last = options.lastID, group.pointee.lastID < last { group.pointee.lastID = last }
    var claimed: [StreamID] = []
    var consumer = group.pointee.consumer(arguments[3], space.heap)
    if consumer == nil, !makesConsumersLate(space) {
      consumer = group.pointee.makeConsumer(arguments[3], seenMs: space.nowMs, space.heap)
    }
    for index in 5..<end {
      let id = try StreamArguments.id(arguments[index])
      guard let old = try pending(id, stream, group, options, space) else { continue }
      if let old, minIdle > 0, space.nowMs - old.deliveredMs < minIdle { continue }
      let owner =
        consumer
        ?? group.pointee.makeConsumer(arguments[3], seenMs: space.nowMs, space.heap)
      consumer = owner
      let count = old?.deliveryCount ?? 1
      let entry = PendingEntry(
        id: id, consumer: owner, deliveredMs: options.deliveredMs,
        deliveryCount: options.retryCount
          ?? (options.tellsIDs ? count : count + (old == nil ? 0 : 1)))
      group.pointee.setPending(entry, space.heap)
      ConsumerCell.facts(owner).pointee.activeMs = space.nowMs
      claimed.append(id)
    }
    if let consumer { ConsumerCell.facts(consumer).pointee.seenMs = space.nowMs }
    answer(&space, claimed, stream, tellsIDs: options.tellsIDs)
  }

  /// Whether a consumer is made with the first entry that it gets, as 7.0 does, not at once.
  static func makesConsumersLate(_ space: borrowing Keyspace) -> Bool {
    space.dialect.age == .since70
  }

  /// The pending entry that is to be claimed: `.some(nil)` where FORCE makes one, `nil` where there
  /// is nothing to claim.
  private static func pending(
    _ id: StreamID, _ stream: UnsafeMutablePointer<StreamValue>,
    _ group: UnsafeMutablePointer<ConsumerGroup>, _ options: Options,
    _ space: borrowing Keyspace
  ) throws(CommandError) -> PendingEntry?? {
    let old = group.pointee.pendingEntry(id)?.0
    let isThere = stream.pointee.entry(id) != nil
    if !isThere, space.dialect.age >= .since70 {
      // The entry is gone, so nobody can acknowledge it.
      if old != nil { _ = group.pointee.acknowledge(id, space.heap) }
      return nil
    }
    if let old { return .some(old) }
    return options.isForced && isThere ? .some(nil) : nil
  }

  private static func readOptions(
    _ arguments: Arguments, from start: Int, _ space: borrowing Keyspace
  ) throws(CommandError) -> Options {
    var options = Options(deliveredMs: space.nowMs)
    var index = start
    while index < arguments.count {
      let hasMore = index + 1 < arguments.count
      if arguments.isWord(index, "FORCE") {
        options.isForced = true
      } else if arguments.isWord(index, "JUSTID") {
        options.tellsIDs = true
      } else if hasMore, arguments.isWord(index, "IDLE") {
        index += 1
        options.deliveredMs =
          space.nowMs
          - (try arguments.integer(
            index, or: .message("ERR Invalid IDLE option argument for XCLAIM")))
      } else if hasMore, arguments.isWord(index, "TIME") {
        index += 1
        options.deliveredMs = try arguments.integer(
          index, or: .message("ERR Invalid TIME option argument for XCLAIM"))
      } else if hasMore, arguments.isWord(index, "RETRYCOUNT") {
        index += 1
        options.retryCount = max(
          0,
          try arguments.integer(
            index, or: .message("ERR Invalid RETRYCOUNT option argument for XCLAIM")))
      } else if hasMore, arguments.isWord(index, "LASTID") {
        index += 1
        options.lastID = try StreamArguments.id(arguments[index])
      } else {
        throw .text("ERR Unrecognized XCLAIM option '\(arguments[index].text)'")
      }
      index += 1
    }
    return options
  }

  /// Answers with entries, or with their ids alone.
  static func answer(
    _ space: inout Keyspace, _ ids: [StreamID], _ stream: UnsafeMutablePointer<StreamValue>,
    tellsIDs: Bool
  ) {
    space.reply.array(ids.count)
    for id in ids {
      if tellsIDs {
        space.answer(id)
      } else if let (node, entry) = stream.pointee.entry(id) {
        space.answer(node, entry)
      } else {
        space.reply.null()
      }
    }
  }
}

/// XAUTOCLAIM key group consumer min-idle start [COUNT n] [JUSTID].
enum AutoClaimCommand {
  /// Executes it.
  static func xautoclaim(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (stream, group) = try GroupCommands.group(space, arguments[1], arguments[2])
    let minIdle = max(
      0,
      try arguments.integer(
        4, or: .message("ERR Invalid min-idle-time argument for XAUTOCLAIM")))
    let start = try StreamArguments.bound(arguments[5], isStart: true)
    guard var next = start.isOpen ? start.id.next : start.id else {
      throw .message("ERR invalid start ID for the interval")
    }
    var (left, tellsIDs, index) = (Int64(100), false, 6)
    while index < arguments.count {
      if arguments.isWord(index, "JUSTID") {
        tellsIDs = true
      } else if arguments.isWord(index, "COUNT"), index + 1 < arguments.count {
        index += 1
        left = try arguments.integer(index)
        if left < 1 { throw .message("ERR COUNT must be > 0") }
      } else {
        throw .syntax
      }
      index += 1
    }
    var consumer = group.pointee.consumer(arguments[3], space.heap)
    if consumer == nil, !ClaimCommand.makesConsumersLate(space) {
      consumer = group.pointee.makeConsumer(arguments[3], seenMs: space.nowMs, space.heap)
    }
    var (claimed, deleted): ([StreamID], [StreamID]) = ([], [])
    // Servers look at ten times as many entries as they claim.
    var attempts = left.multipliedReportingOverflow(by: 10).overflow ? Int64.max : left * 10
    var isAtEnd = true
    while true {
      let place = group.pointee.pending.firstPosition { $0.id < next }
      guard let entry = group.pointee.pending.entry(at: place) else { break }
      if left == 0 || attempts == 0 {
        (next, isAtEnd) = (entry.id, false)
        break
      }
      attempts -= 1
      next = entry.id.next ?? .largest
      if space.dialect.age >= .since70, stream.pointee.entry(entry.id) == nil {
        _ = group.pointee.acknowledge(entry.id, space.heap)
        deleted.append(entry.id)
        left -= 1
        continue
      }
      if minIdle > 0, space.nowMs - entry.deliveredMs < minIdle { continue }
      let owner =
        consumer ?? group.pointee.makeConsumer(arguments[3], seenMs: space.nowMs, space.heap)
      consumer = owner
      var moved = entry
      moved.consumer = owner
      moved.deliveredMs = space.nowMs
      if !tellsIDs { moved.deliveryCount += 1 }
      group.pointee.setPending(moved, space.heap)
      ConsumerCell.facts(owner).pointee.activeMs = space.nowMs
      claimed.append(entry.id)
      left -= 1
    }
    if let consumer { ConsumerCell.facts(consumer).pointee.seenMs = space.nowMs }
    space.reply.array(space.dialect.age >= .since70 ? 3 : 2)
    space.answer(isAtEnd ? StreamID.zero : next)
    ClaimCommand.answer(&space, claimed, stream, tellsIDs: tellsIDs)
    guard space.dialect.age >= .since70 else { return }
    space.reply.array(deleted.count)
    for id in deleted { space.answer(id) }
  }
}
