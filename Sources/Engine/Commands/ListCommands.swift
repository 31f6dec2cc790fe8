import RedisCodecs

/// Commands of lists.
enum ListCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("LPUSH") { space, arguments throws(CommandError) in
      try push(&space, arguments, atHead: true, onlyOld: false)
    },
    .init("RPUSH") { space, arguments throws(CommandError) in
      try push(&space, arguments, atHead: false, onlyOld: false)
    },
    .init("LPUSHX") { space, arguments throws(CommandError) in
      try push(&space, arguments, atHead: true, onlyOld: true)
    },
    .init("RPUSHX") { space, arguments throws(CommandError) in
      try push(&space, arguments, atHead: false, onlyOld: true)
    },
    .init("LPOP") { space, arguments throws(CommandError) in
      try pop(&space, arguments, atHead: true)
    },
    .init("RPOP") { space, arguments throws(CommandError) in
      try pop(&space, arguments, atHead: false)
    },
    .init("LLEN", llen), .init("LINDEX", lindex), .init("LRANGE", lrange), .init("LSET", lset),
    .init("LINSERT", linsert), .init("LREM", lrem), .init("LTRIM", ltrim),
    .init("RPOPLPUSH") { space, arguments throws(CommandError) in
      try ListMoves.move(
        &space, arguments[1], arguments[2], fromHead: false, toHead: true)
    },
    .init("LMOVE", ListMoves.lmove), .init("LMPOP", ListMoves.lmpop),
    .init("BLPOP") { space, arguments throws(CommandError) in
      try ListMoves.blockingPop(&space, arguments, atHead: true)
    },
    .init("BRPOP") { space, arguments throws(CommandError) in
      try ListMoves.blockingPop(&space, arguments, atHead: false)
    },
    .init("BRPOPLPUSH", ListMoves.brpoplpush), .init("BLMOVE", ListMoves.blmove),
    .init("BLMPOP", ListMoves.blmpop),
  ]

  private static func push(
    _ space: inout Keyspace, _ arguments: Arguments, atHead: Bool, onlyOld: Bool
  ) throws(CommandError) {
    let key = arguments[1]
    var handle = try space.find(key, .list)
    if handle == nil, onlyOld { return space.reply.integer(0) }
    var list = handle.map { ListValue($0.value) } ?? ListValue(space.heap)
    for index in 2..<arguments.count {
      list.push(PackedEntry(arguments[index]), atHead: atHead, space.heap)
    }
    if let handle {
      KeyCell.setValue(list.value, of: handle.cell)
    } else {
      handle = space.put(key, list.value)
    }
    space.reply.integer(list.count)
  }

  private static func pop(
    _ space: inout Keyspace, _ arguments: Arguments, atHead: Bool
  ) throws(CommandError) {
    guard arguments.count < 4 else {
      throw .text(
        "ERR wrong number of arguments for '\(arguments[0].text.lowercased())' command")
    }
    if arguments.count == 3 { return try popSeveral(&space, arguments, atHead: atHead) }
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.null() }
    popOne(&space, handle, atHead: atHead)
  }

  /// Takes one element out, which is the answer.
  static func popOne(_ space: inout Keyspace, _ handle: KeyHandle, atHead: Bool) {
    var list = ListValue(handle.value)
    list.pop(atHead: atHead, space.heap) { space.answer($0) }
    space.store(list.value, count: list.count, handle)
  }

  private static func popSeveral(
    _ space: inout Keyspace, _ arguments: Arguments, atHead: Bool
  ) throws(CommandError) {
    let error = CommandError.message("ERR value is out of range, must be positive")
    let count = try arguments.integer(2, or: error)
    if count < 0 { throw error }
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.nullArray() }
    if count == 0 { return space.reply.array(0) }
    popMany(&space, handle, count: Int(count), atHead: atHead)
  }

  /// Takes several elements out, which are the answer, an array.
  static func popMany(_ space: inout Keyspace, _ handle: KeyHandle, count: Int, atHead: Bool) {
    var list = ListValue(handle.value)
    let taken = min(count, list.count)
    space.reply.array(taken)
    if !space.reply.keepsOnlyErrors {
      if atHead {
        list.forEach(count: taken) { space.answer($0) }
      } else {
        for index in 1...taken { space.answer(list.element(list.count - index)) }
      }
    }
    list.removeEnd(taken, atHead: atHead, space.heap)
    space.store(list.value, count: list.count, handle)
  }

  private static func llen(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let handle = try space.find(arguments[1], .list)
    space.reply.integer(handle.map { ListValue($0.value).count } ?? 0)
  }

  /// The index that an argument says, counted from the front; `nil` outside of the list.
  private static func index(_ stated: Int64, _ count: Int) -> Int? {
    let index = stated < 0 ? stated &+ Int64(count) : stated
    return index >= 0 && index < Int64(count) ? Int(index) : nil
  }

  private static func lindex(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.null() }
    let list = ListValue(handle.value)
    guard let index = index(try arguments.integer(2), list.count) else {
      return space.reply.null()
    }
    space.answer(list.element(index))
  }

  private static func lrange(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let (start, end) = (try arguments.integer(2), try arguments.integer(3))
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.array(0) }
    let list = ListValue(handle.value)
    let range = IndexRange.clamped(start, end, count: list.count)
    space.reply.array(range.count)
    list.forEach(from: range.lowerBound, count: range.count) { space.answer($0) }
  }

  private static func lset(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    guard let handle = try space.find(arguments[1], .list) else { throw .noSuchKey }
    let stated = try arguments.integer(2)
    var list = ListValue(handle.value)
    guard let index = index(stated, list.count) else { throw .indexOutOfRange }
    list.replace(list.place(of: index), by: PackedEntry(arguments[3]), space.heap)
    KeyCell.setValue(list.value, of: handle.cell)
    space.reply.ok()
  }

  private static func linsert(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let isAfter = arguments.isWord(2, "AFTER")
    guard isAfter || arguments.isWord(2, "BEFORE") else { throw .syntax }
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.integer(0) }
    var list = ListValue(handle.value)
    let pivot = PackedNeedle(arguments[3])
    for number in 0..<list.nodeCount {
      guard let offset = list.node(number).find(pivot) else { continue }
      list.insert(
        PackedEntry(arguments[4]), at: .init(node: number, offset: offset), after: isAfter,
        space.heap)
      KeyCell.setValue(list.value, of: handle.cell)
      return space.reply.integer(list.count)
    }
    space.reply.integer(-1)
  }

  private static func lrem(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let count = try arguments.integer(2)
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.integer(0) }
    var list = ListValue(handle.value)
    let (needle, old) = (PackedNeedle(arguments[3]), list.count)
    let limit = count == 0 ? Int.max : Int(clamping: count.magnitude)
    if count >= 0 {
      removeForward(&list, needle, limit, space.heap)
    } else {
      removeBackward(&list, needle, limit, space.heap)
    }
    let removed = old - list.count
    space.store(list.value, count: list.count, handle)
    space.reply.integer(removed)
  }

  private static func removeForward(
    _ list: inout ListValue, _ needle: PackedNeedle, _ limit: Int, _ heap: Heap
  ) {
    var (left, number) = (limit, 0)
    while left > 0, number < list.nodeCount, list.count > 0 {
      var offset = PackedList.firstOffset
      var isGone = false
      while left > 0, let found = list.node(number).find(needle, from: offset) {
        left -= 1
        isGone = list.remove(.init(node: number, offset: found), heap)
        if isGone { break }
        offset = found
      }
      if !isGone { number += 1 }
    }
  }

  private static func removeBackward(
    _ list: inout ListValue, _ needle: PackedNeedle, _ limit: Int, _ heap: Heap
  ) {
    var left = limit
    for number in stride(from: list.nodeCount - 1, through: 0, by: -1) {
      var offset = list.node(number).endOffset
      while left > 0, offset > PackedList.firstOffset {
        offset = list.node(number).previous(offset)
        guard needle.matches(list.node(number).element(at: offset)) else { continue }
        left -= 1
        if list.remove(.init(node: number, offset: offset), heap) { break }
      }
    }
  }

  private static func ltrim(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let (start, end) = (try arguments.integer(2), try arguments.integer(3))
    guard let handle = try space.find(arguments[1], .list) else { return space.reply.ok() }
    var list = ListValue(handle.value)
    let count = list.count
    let range = IndexRange.clamped(start, end, count: count)
    if range.isEmpty {
      space.delete(handle)
      return space.reply.ok()
    }
    list.removeEnd(count - range.upperBound, atHead: false, space.heap)
    list.removeEnd(range.lowerBound, atHead: true, space.heap)
    KeyCell.setValue(list.value, of: handle.cell)
    space.reply.ok()
  }
}
