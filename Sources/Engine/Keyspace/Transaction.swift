/// The commands between MULTI and EXEC.
struct Transaction {
  private struct Command {
    var handler: Int
    var first: Int
    var count: Int
  }

  /// Whether MULTI was given.
  private(set) var isOpen = false
  /// Whether it is being executed: no other one begins meanwhile.
  private(set) var isExecuting = false
  /// Whether a command was refused, so that EXEC will execute nothing.
  var isSpoilt = false
  private var commands: [Command] = []
  private var spans: [Range<Int>] = []
  private var bytes: [UInt8] = []

  /// How many commands are queued.
  var count: Int { commands.count }

  /// Nothing begun.
  init() {}

  /// What stands in the place of a transaction that is being executed.
  static var executing: Transaction {
    var transaction = Transaction()
    transaction.isExecuting = true
    return transaction
  }

  /// Begins a transaction.
  mutating func begin() { isOpen = true }

  /// Keeps a command until EXEC.
  mutating func queue(_ arguments: Arguments, handler: Int) {
    commands.append(Command(handler: handler, first: spans.count, count: arguments.count))
    for index in 0..<arguments.count {
      let start = bytes.count
      bytes.append(contentsOf: arguments[index])
      spans.append(start..<bytes.count)
    }
  }

  /// Forgets everything; its room is kept for the next one.
  mutating func end() {
    isOpen = false
    isSpoilt = false
    commands.removeAll(keepingCapacity: true)
    spans.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with the commands in order.
  func forEach(_ body: (_ handler: Int, Arguments) -> Void) {
    bytes.withUnsafeBytes { bytes in
      let parts = spans.map { Bytes(rebasing: bytes[$0]) }
      parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return }
        for command in commands {
          body(command.handler, Arguments(start: start + command.first, count: command.count))
        }
      }
    }
  }
}
