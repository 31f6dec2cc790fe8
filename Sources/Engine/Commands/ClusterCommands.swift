import RedisModel

/// Commands by which nodes of a cluster delete the keys of slots.
enum ClusterCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("CLUSTER", cluster), .init("TRIMSLOTS", trimslots),
  ]

  /// CLUSTER FLUSHSLOT slot [ASYNC|SYNC], and what a slot's move writes around its data.
  private static func cluster(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    if arguments.isWord(1, "FLUSHSLOT"), arguments.count == 3 || arguments.count == 4 {
      let slot = try slot(arguments, 2)
      guard arguments.count == 3 || arguments.isWord(3, "ASYNC") || arguments.isWord(3, "SYNC")
      else { throw .syntax }
      deleteKeys(space, slot...slot)
      return space.reply.ok()
    }
    if arguments.isWord(1, "SYNCSLOTS") {
      // What a move that failed has brought is deleted in ways that the file does not say.
      if arguments.isWord(2, "FINISH"), arguments.isWord(3, "STATE"),
        !arguments.isWord(4, "SUCCESS")
      {
        throw .unsupported("CLUSTER SYNCSLOTS FINISH of a move that failed")
      }
      return space.reply.ok()
    }
    throw .message("ERR This instance has cluster support disabled")
  }

  /// TRIMSLOTS RANGES n first last ….
  private static func trimslots(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard arguments.isWord(1, "RANGES") else { throw .syntax }
    let count = try arguments.integer(2)
    guard count > 0, count <= HashSlot.count, arguments.count == 3 + 2 * Int(count) else {
      throw .syntax
    }
    var ranges: [ClosedRange<Int>] = []
    for index in stride(from: 3, to: arguments.count, by: 2) {
      let (first, last) = (try slot(arguments, index), try slot(arguments, index + 1))
      guard first <= last else { throw invalidSlot }
      ranges.append(first...last)
    }
    for range in ranges { deleteKeys(space, range) }
    space.reply.ok()
  }

  private static var invalidSlot: CommandError { .message("ERR Invalid or out of range slot") }

  private static func slot(_ arguments: Arguments, _ index: Int) throws(CommandError) -> Int {
    let slot = try arguments.integer(index, or: invalidSlot)
    guard (0..<Int64(HashSlot.count)).contains(slot) else { throw invalidSlot }
    return Int(slot)
  }

  private static func deleteKeys(_ space: borrowing Keyspace, _ slots: ClosedRange<Int>) {
    for number in 0..<space.databaseCount {
      let keys = space.databases[number].keys
      for slot in 0..<keys.capacity {
        guard let cell = keys.cell(at: slot) else { continue }
        guard slots.contains(HashSlot.of(KeyCell.key(of: cell))) else { continue }
        space.databases[number].remove(KeyHandle(slot: slot, cell: cell), space.heap)
      }
    }
  }
}
