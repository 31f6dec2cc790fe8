import RedisModel

/// XINFO GROUPS and XINFO CONSUMERS. (XINFO STREAM tells nodes of a tree that is not built here.)
enum StreamInfoCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [.init("XINFO", xinfo)]

  private static func xinfo(_ space: inout Keyspace, _ arguments: Arguments) throws(CommandError) {
    let isGroups = arguments.isWord(1, "GROUPS") && arguments.count == 3
    guard isGroups || arguments.isWord(1, "CONSUMERS") && arguments.count == 4 else {
      throw .unsupported("XINFO \(arguments.count > 1 ? arguments[1].text.uppercased() : "")")
    }
    guard let stream = try space.stream(arguments[2]) else { throw .noSuchKey }
    if isGroups { return groups(&space, stream.pointee) }
    guard let group = stream.pointee.group(arguments[3], space.heap) else {
      throw .text(
        "NOGROUP No such consumer group '\(arguments[3].text)' for key name "
          + "'\(arguments[2].text)'")
    }
    consumers(&space, group.pointee)
  }

  private static func put(_ space: inout Keyspace, _ name: StaticString) {
    space.reply.bulk(name.bytes)
  }

  /// Cells by their names, as servers have them.
  private static func sorted<Layout>(_ table: CellTable<Layout>) -> [UnsafeMutableRawPointer] {
    (0..<table.capacity).compactMap { table.cell(at: $0) }
      .sorted { Layout.key(of: $0).compare(Layout.key(of: $1)) < 0 }
  }

  private static func groups(_ space: inout Keyspace, _ stream: StreamValue) {
    let hasLag = space.dialect.age >= .since70
    space.reply.array(stream.groups.count)
    for cell in sorted(stream.groups) {
      let group = GroupCell.group(cell).pointee
      space.reply.array(hasLag ? 12 : 8)
      put(&space, "name")
      space.reply.bulk(GroupCell.key(of: cell))
      put(&space, "consumers")
      space.reply.integer(group.consumers.count)
      put(&space, "pending")
      space.reply.integer(group.pending.count)
      put(&space, "last-delivered-id")
      space.answer(group.lastID)
      guard hasLag else { continue }
      put(&space, "entries-read")
      if group.entriesRead == ConsumerGroup.unknownCount {
        space.reply.null()
      } else {
        space.reply.integer(group.entriesRead)
      }
      put(&space, "lag")
      if let lag = lag(of: group, in: stream) {
        space.reply.integer(lag)
      } else {
        space.reply.null()
      }
    }
  }

  /// Entries that the group has yet to read; `nil` where that is not known.
  private static func lag(of group: ConsumerGroup, in stream: StreamValue) -> Int64? {
    let added = Int64(clamping: stream.entriesAdded)
    if added == 0 { return 0 }
    let hasGap =
      stream.count > 0 && stream.maxDeletedID != .zero && group.lastID <= stream.maxDeletedID
    if group.entriesRead != ConsumerGroup.unknownCount, !hasGap {
      return added - group.entriesRead
    }
    let read = stream.estimatedReads(upTo: group.lastID)
    return read == ConsumerGroup.unknownCount ? nil : added - read
  }

  private static func consumers(_ space: inout Keyspace, _ group: ConsumerGroup) {
    let hasActivity = space.dialect.age >= .since72
    space.reply.array(group.consumers.count)
    for cell in sorted(group.consumers) {
      let facts = ConsumerCell.facts(cell).pointee
      space.reply.array(hasActivity ? 8 : 6)
      put(&space, "name")
      space.reply.bulk(ConsumerCell.key(of: cell))
      put(&space, "pending")
      space.reply.integer(facts.pendingCount)
      put(&space, "idle")
      space.reply.integer(max(0, space.nowMs - facts.seenMs))
      guard hasActivity else { continue }
      put(&space, "inactive")
      space.reply.integer(facts.activeMs < 0 ? -1 : max(0, space.nowMs - facts.activeMs))
    }
  }
}
