import RedisModel

/// Commands of Redis 8.2 that delete entries and say what becomes of the references to them.
enum ReferenceCommands {
  /// The option and the ids, from the word at `index` on.
  private static func read(
    _ arguments: Arguments, from start: Int
  ) throws(CommandError) -> (StreamReferences, [StreamID]) {
    var (index, references) = (start, StreamReferences.keep)
    if index < arguments.count, let found = StreamReferences(arguments[index]) {
      references = found
      index += 1
    }
    guard arguments.isWord(index, "IDS"), index + 1 < arguments.count else { throw .syntax }
    let count = try arguments.integer(
      index + 1, or: .message("ERR Number of IDs must be a positive integer"))
    guard count > 0 else { throw .message("ERR Number of IDs must be a positive integer") }
    guard Int64(arguments.count - index - 2) == count else {
      throw .message("ERR The `numids` parameter must match the number of arguments")
    }
    var ids: [StreamID] = []
    for place in (index + 2)..<arguments.count {
      ids.append(try StreamArguments.id(arguments[place]))
    }
    return (references, ids)
  }

  /// XDELEX key [KEEPREF|DELREF|ACKED] IDS n id ….
  static func xdelex(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let stream = try space.stream(arguments[1])
    let (references, ids) = try read(arguments, from: 2)
    space.reply.array(ids.count)
    for id in ids {
      let deletion = stream?.pointee.delete(id, references, space.heap) ?? .absent
      space.reply.integer(deletion.rawValue)
    }
  }

  /// XACKDEL key group [KEEPREF|DELREF|ACKED] IDS n id ….
  static func xackdel(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let stream = try space.stream(arguments[1])
    let group = stream?.pointee.group(arguments[2], space.heap)
    let (references, ids) = try read(arguments, from: 3)
    space.reply.array(ids.count)
    for id in ids {
      guard let stream, let group, group.pointee.acknowledge(id, space.heap) else {
        space.reply.integer(StreamValue.Deletion.absent.rawValue)
        continue
      }
      // Acknowledged it is, even where the entry is gone already.
      let deletion = stream.pointee.delete(id, references, space.heap)
      space.reply.integer(
        deletion == .absent ? StreamValue.Deletion.deleted.rawValue : deletion.rawValue)
    }
  }
}
