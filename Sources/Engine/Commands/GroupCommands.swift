import RedisModel

/// Commands of consumer groups.
enum GroupCommands {
  /// XACK key group id ….
  static func xack(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let stream = try space.stream(arguments[1])
    guard let group = stream?.pointee.group(arguments[2], space.heap) else {
      return space.reply.integer(0)
    }
    for index in 3..<arguments.count { _ = try StreamArguments.id(arguments[index]) }
    var count = 0
    for index in 3..<arguments.count {
      let id = try StreamArguments.id(arguments[index])
      if group.pointee.acknowledge(id, space.heap) { count += 1 }
    }
    space.reply.integer(count)
  }

  /// XGROUP and its subcommands.
  static func xgroup(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let count = arguments.count
    let hasRead = space.dialect.age >= .since70
    if arguments.isWord(1, "CREATE"), (5...(hasRead ? 8 : 6)).contains(count) {
      return try create(&space, arguments)
    }
    let isSetID = arguments.isWord(1, "SETID") && (count == 5 || hasRead && count == 7)
    let isDestroy = arguments.isWord(1, "DESTROY") && count == 4
    let isCreate =
      arguments.isWord(1, "CREATECONSUMER") && count == 5
      && space.dialect.age >= .since62
    let isDelete = arguments.isWord(1, "DELCONSUMER") && count == 5
    guard isSetID || isDestroy || isCreate || isDelete else {
      throw .text(
        "ERR Unknown subcommand or wrong number of arguments for '\(arguments[1].text)'. "
          + "Try XGROUP HELP.")
    }
    guard let stream = try space.stream(arguments[2]) else { throw keyNeeded }
    if isDestroy {
      return space.reply.flag(stream.pointee.removeGroup(arguments[3], space.heap))
    }
    guard let group = stream.pointee.group(arguments[3], space.heap) else {
      throw .text(
        "NOGROUP No such consumer group '\(arguments[3].text)' for key name "
          + "'\(arguments[2].text)'")
    }
    if isSetID {
      let (id, read) = try position(arguments, stream, space)
      group.pointee.lastID = id
      group.pointee.entriesRead = read
      space.reply.ok()
    } else if isCreate {
      let isNew = group.pointee.consumer(arguments[4], space.heap) == nil
      if isNew {
        _ = group.pointee.makeConsumer(arguments[4], seenMs: space.nowMs, space.heap)
      }
      space.reply.flag(isNew)
    } else {
      let consumer = group.pointee.consumer(arguments[4], space.heap)
      space.reply.integer(consumer.map { group.pointee.removeConsumer($0, space.heap) } ?? 0)
    }
  }

  private static var keyNeeded: CommandError {
    .text(
      "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to "
        + "use the MKSTREAM option to create an empty stream automatically.")
  }

  /// The id and ENTRIESREAD of CREATE and SETID.
  private static func position(
    _ arguments: Arguments, _ stream: UnsafeMutablePointer<StreamValue>?,
    _ space: borrowing Keyspace
  ) throws(CommandError) -> (StreamID, Int64) {
    var read = ConsumerGroup.unknownCount
    var index = 5
    while index < arguments.count {
      if arguments.isWord(index, "MKSTREAM"), arguments.isWord(1, "CREATE") {
        index += 1
      } else if space.dialect.age >= .since70, arguments.isWord(index, "ENTRIESREAD"),
        index + 1 < arguments.count
      {
        read = try arguments.integer(index + 1)
        if read < -1 { throw .message("ERR value for ENTRIESREAD must be positive or -1") }
        index += 2
      } else {
        throw .syntax
      }
    }
    let text = arguments[4]
    if text.count == 1, text[0] == UInt8(ascii: "$") {
      return (stream?.pointee.lastID ?? .zero, read)
    }
    return (try StreamArguments.id(text), read)
  }

  private static func create(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    let makes = (5..<arguments.count).contains { arguments.isWord($0, "MKSTREAM") }
    let old = try space.stream(arguments[2])
    if old == nil, !makes { throw keyNeeded }
    let (id, read) = try position(arguments, old, space)
    let stream = old ?? StreamCommands.makeStream(space, arguments[2])
    guard stream.pointee.group(arguments[3], space.heap) == nil else {
      throw .message("BUSYGROUP Consumer Group name already exists")
    }
    let group = ConsumerGroup(lastID: id, entriesRead: read, space.heap)
    stream.pointee.addGroup(arguments[3], at: group.allocate(space.heap), space.heap)
    space.reply.ok()
  }

  /// The group of a key.
  static func group(
    _ space: borrowing Keyspace, _ key: Bytes, _ name: Bytes
  ) throws(CommandError) -> (
    UnsafeMutablePointer<StreamValue>, UnsafeMutablePointer<ConsumerGroup>
  ) {
    guard let stream = try space.stream(key),
      let group = stream.pointee.group(name, space.heap)
    else {
      throw .text("NOGROUP No such key '\(key.text)' or consumer group '\(name.text)'")
    }
    return (stream, group)
  }
}
