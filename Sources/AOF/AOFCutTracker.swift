/// Follows the records of one file and knows the last place where it could be cut: behind a whole
/// record, outside a transaction, and not within a block that a header line announces.
///
/// Source: commands.md of the fact sheet, section 7; of the blocks only the discussion of Valkey's
/// pull request 3565 exists, `#HDR:v1;len:<bytes>;…` in front of so many bytes of records.
public struct AOFCutTracker {
  /// The last place for a cut.
  public private(set) var offset: Int
  /// The commands in front of it.
  public private(set) var commandCount = 0

  private var passedCommandCount = 0
  /// Whether the last record lies in a transaction behind whose torn end a server that was started
  /// again has written on: it chooses the database anew that is chosen already, or begins another
  /// transaction.
  public private(set) var isAbandoned = false

  private var isInTransaction = false
  private var database = 0
  private var blockEnd = 0

  /// - Parameter offset: where the first record begins.
  public init(from offset: Int) { self.offset = offset }

  /// Goes past a record, which follows the one before.
  public mutating func pass(_ record: AOFRecord) {
    switch record {
    case .command(let command):
      passedCommandCount &+= 1
      isInTransaction = command.transaction != nil && !command.isArgument(0, "EXEC")
      if isInTransaction {
        isAbandoned =
          isAbandoned || command.oddities.contains(.nestedMulti)
          || command.database == database && command.isArgument(0, "SELECT")
            && !command.oddities.contains(.badSelect)
      } else {
        isAbandoned = false
      }
      database = command.database
      move(to: command.offset &+ command.byteCount)
    case .annotation(let line):
      if line.isCut { return }
      let end = line.offset &+ line.byteCount
      if end >= blockEnd, let count = Self.blockByteCount(line.text) {
        blockEnd = end &+ min(count, Int.max &- end)
        return
      }
      move(to: end)
    }
  }

  private mutating func move(to end: Int) {
    guard !isInTransaction, end >= blockEnd else { return }
    offset = end
    commandCount = passedCommandCount
  }

  /// The bytes of the block that a line announces.
  private static func blockByteCount(_ text: UnsafeRawBufferPointer) -> Int? {
    guard text.starts(with: "HDR:".utf8) else { return nil }
    for field in text.split(separator: UInt8(ascii: ";")) where field.starts(with: "len:".utf8) {
      return Int(String(decoding: field.dropFirst(4), as: UTF8.self)).flatMap { $0 > 0 ? $0 : nil }
    }
    return nil
  }
}
