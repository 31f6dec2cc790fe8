import RedisModel

/// Executes one command: its answer goes into `reply`, unless it throws.
typealias CommandHandler = @Sendable (inout Keyspace, Arguments) throws(CommandError) -> Void

/// The commands that can be executed.
enum CommandRegistry {
  /// A command by its name in capitals.
  struct Entry {
    /// The name, in capitals.
    var name: String
    /// What executes it.
    var handler: CommandHandler

    /// A command and what executes it.
    init(_ name: String, _ handler: @escaping CommandHandler) {
      self.name = name
      self.handler = handler
    }
  }

  private static let groups: [[Entry]] = [
    KeyCommands.all, ExpiryCommands.all, StringCommands.all, CounterCommands.all,
    BitCommands.all, TransactionCommands.all, ListCommands.all, SetCommands.all,
    HashCommands.all, FieldExpiryCommands.all, ZsetCommands.all, ZsetRangeCommands.all,
    ZsetAlgebra.all, StreamCommands.all, SortCommand.all, HyperLogLogCommands.all,
    GeoCommands.all, VectorSetCommands.all, ClusterCommands.all, ScriptCommands.all,
    IterationCommands.all, SearchCommands.all, GeoReadCommands.all, StreamInfoCommands.all,
  ]

  /// The handler of each command in a server's table, by the index that the table gives it; `nil`
  /// for those that cannot be executed.
  static func handlers(for table: CommandTable) -> [CommandHandler?] {
    var handlers = [CommandHandler?](repeating: nil, count: table.count)
    for entry in groups.joined() {
      guard let name = CommandName(entry.name), let index = table.index(of: name) else { continue }
      handlers[index] = entry.handler
    }
    return handlers
  }
}
