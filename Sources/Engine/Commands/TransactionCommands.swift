/// MULTI, EXEC, DISCARD, and WATCH, which guards nothing where one client alone is served.
enum TransactionCommands {
  /// The commands by their names.
  static let all: [CommandRegistry.Entry] = [
    .init("MULTI", multi), .init("EXEC", exec), .init("DISCARD", discard),
    .init("WATCH", watch), .init("UNWATCH", unwatch),
  ]

  private static func multi(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    if space.transaction.isOpen || space.transaction.isExecuting {
      throw .message("ERR MULTI calls can not be nested")
    }
    space.transaction.begin()
    space.reply.ok()
  }

  private static func exec(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard space.transaction.isOpen else { throw .message("ERR EXEC without MULTI") }
    var queued = Transaction.executing
    swap(&queued, &space.transaction)
    defer {
      queued.end()
      swap(&queued, &space.transaction)
    }
    if queued.isSpoilt {
      throw .message("EXECABORT Transaction discarded because of previous errors.")
    }
    space.reply.array(queued.count)
    queued.forEach { index, arguments in
      guard let handler = space.handlers[index] else { return }
      space.call(handler, arguments)
    }
  }

  private static func discard(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    guard space.transaction.isOpen else { throw .message("ERR DISCARD without MULTI") }
    space.transaction.end()
    space.reply.ok()
  }

  private static func watch(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    if space.transaction.isOpen || space.transaction.isExecuting {
      throw .message("ERR WATCH inside MULTI is not allowed")
    }
    space.reply.ok()
  }

  private static func unwatch(
    _ space: inout Keyspace, _ arguments: Arguments
  ) throws(CommandError) {
    space.reply.ok()
  }
}
