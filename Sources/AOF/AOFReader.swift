import ByteKit
import RESP

/// Reads the commands and annotations of one append-only file, in file order.
///
/// A command that stands whole in the window, in the form that servers write, is scanned in place;
/// all others (at a window's border, in a form that only loaders take, too large for the window) go
/// through `readSlowly`. Nothing is allocated per command.
///
/// Each file starts at database 0 and outside a transaction, as a server's loader does.
///
/// Source: commands.md of the fact sheet, sections 3, 5 and 6.
public struct AOFReader: ~Copyable {
  /// What of a large command is kept.
  public enum Holding: Sendable {
    /// All arguments: in the window, and beyond `windowByteCountMax` in a temporary file that is
    /// mapped into memory.
    case everything
    /// The arguments that fit into the first `frontByteCountMax` bytes of a large command: enough
    /// to check its form, and to know its name and mostly its key.
    case front
  }

  /// What goes on from file to file of a set.
  public struct Progress: Equatable, Sendable {
    /// How many whole commands were read.
    public var commandCount = 0
    /// How many transactions have begun.
    public var transactionCount = 0
    /// The last `#TS:`, Unix seconds.
    public var timestamp: Int64?

    /// Nothing read yet.
    public init() {}
  }

  /// A command of more bytes leaves the window.
  public static let windowByteCountMax = 8 << 20
  /// What is kept of a large command that is not wanted whole.
  public static let frontByteCountMax = 1 << 20
  /// The longest annotation that servers take, its line end included.
  public static let annotationByteCountMax = 1023
  /// An argument that is said to be longer is none that a server has memory for.
  static let plausibleByteCountMax = 4 << 30
  /// The longest line with a number that servers before Redis 7.0 take, its line end included.
  static let oldLineByteCountMax = 127

  /// The window over the bytes.
  public internal(set) var input: ByteInput
  /// What is kept of large commands.
  public let holding: Holding
  /// The database of the next command.
  public internal(set) var database = 0
  /// What was counted so far, in the files before too.
  public internal(set) var progress: Progress
  /// The line of the next record, from 1.
  public internal(set) var line = 1
  /// Where the transaction that is open began; `nil` outside.
  public internal(set) var openTransactionOffset: Int?
  /// Where the record that is being read begins.
  public internal(set) var recordOffset: Int
  /// Behind the last whole record that stands outside an open transaction: where a cut loses
  /// nothing that a server would keep.
  public internal(set) var soundOffset: Int

  var spans = RequestSpans()
  var large = LargeCommand()

  /// Reads from where `input` stands: the front of a file, or behind its snapshot.
  ///
  /// - Parameter progress: that of the files before.
  public init(
    _ input: consuming ByteInput, holding: Holding = .everything, progress: Progress = .init()
  ) {
    recordOffset = input.offset
    soundOffset = recordOffset
    self.input = input
    self.holding = holding
    self.progress = progress
  }

  /// The next record; `nil` at the end, where `openTransactionError` may have something to say.
  ///
  /// After an error the reader stands somewhere behind `recordOffset` and is of no further use.
  public mutating func next() throws(AOFError) -> AOFRecord? {
    let start = input.cursor
    if let end = RequestScan.request(at: start, limit: input.limit, into: &spans) {
      recordOffset = input.offset
      input.cursor = end
      return .command(
        finish(base: start, byteCount: end - start, argumentCount: spans.count, oddities: []))
    }
    return try readSlowly()
  }

  /// That the file has ended within a transaction; `nil` where it has not.
  public var openTransactionError: AOFError? {
    guard let openTransactionOffset else { return nil }
    return AOFError(
      .openTransaction, at: openTransactionOffset,
      "the file ends within a transaction: no EXEC follows this MULTI")
  }

  /// Takes a whole command into account.
  @inline(__always)
  mutating func finish(
    base: UnsafeRawPointer, byteCount: Int, argumentCount: Int, oddities: AOFOddities
  ) -> AOFCommand {
    var oddities = oddities
    var transaction = openTransactionOffset == nil ? nil : progress.transactionCount
    // A word of four to seven letters may be one of those that change the reader's state.
    if spans.count > 0, spans[0].count &- 4 <= 3, spans[0].count >= 4,
      Self.mayBeObeyed(base.load(fromByteOffset: spans[0].offset, as: UInt8.self))
    {
      obey(base, argumentCount, &transaction, &oddities)
    }
    progress.commandCount &+= 1
    let command = AOFCommand(
      offset: recordOffset, byteCount: byteCount, index: progress.commandCount, line: line,
      database: database, transaction: transaction, timestamp: progress.timestamp,
      oddities: oddities,
      argumentCount: argumentCount, heldCount: spans.count, base: base, spans: spans.start)
    line &+= 1 &+ 2 &* argumentCount
    if openTransactionOffset == nil { soundOffset = recordOffset &+ byteCount }
    return command
  }

  /// Whether a name that begins with `letter` may be one of those that `obey` knows.
  @inline(__always)
  private static func mayBeObeyed(_ letter: UInt8) -> Bool {
    switch letter | 0x20 {
    case UInt8(ascii: "s"), UInt8(ascii: "m"), UInt8(ascii: "e"), UInt8(ascii: "d"),
      UInt8(ascii: "w"):
      true
    default: false
    }
  }

  /// Follows a command that chooses a database, or begins or ends a transaction.
  @inline(never)
  private mutating func obey(
    _ base: UnsafeRawPointer, _ argumentCount: Int, _ transaction: inout Int?,
    _ oddities: inout AOFOddities
  ) {
    func argument(_ index: Int) -> UnsafeRawBufferPointer {
      UnsafeRawBufferPointer(start: base + spans[index].offset, count: spans[index].count)
    }
    let name = argument(0)
    if ASCIIWord.matches(name, "SELECT") {
      let number = spans.count == 2 && argumentCount == 2 ? databaseNumber(argument(1)) : nil
      if let number { database = number } else { oddities.insert(.badSelect) }
    } else if ASCIIWord.matches(name, "MULTI") {
      guard openTransactionOffset == nil else { return oddities.formUnion(.nestedMulti) }
      openTransactionOffset = recordOffset
      progress.transactionCount &+= 1
      transaction = progress.transactionCount
    } else if ASCIIWord.matches(name, "EXEC") {
      if openTransactionOffset == nil { oddities.insert(.execWithoutMulti) }
      openTransactionOffset = nil
    } else if openTransactionOffset != nil {
      if ASCIIWord.matches(name, "DISCARD") { oddities.insert(.discardInMulti) }
      if ASCIIWord.matches(name, "WATCH") { oddities.insert(.watchInMulti) }
    }
  }

  /// The number of a database as servers read it: digits without zeros in front, no more than an
  /// `int`.
  private func databaseNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    guard (1...10).contains(text.count), text.count == 1 || text[0] != 0x30 else { return nil }
    var number = 0
    for byte in text {
      guard (0x30...0x39).contains(byte) else { return nil }
      number = number * 10 + Int(byte &- 0x30)
    }
    return number <= Int(Int32.max) ? number : nil
  }
}
