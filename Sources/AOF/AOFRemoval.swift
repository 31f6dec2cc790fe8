/// A stretch of a file that is not kept when it is repaired.
public struct AOFRemoval {
  /// Why.
  public enum Kind: String, Sendable {
    /// The file ends within a record.
    case tornRecord = "torn-record"
    /// The file ends between MULTI and EXEC.
    case openTransaction = "open-transaction"
    /// A transaction without its end, behind which a server that was started again has written.
    case abandonedTransaction = "abandoned-transaction"
    /// Bytes that are no record, and what follows them.
    case damage
    /// The file ends within a `#` line, of which the next record would become a part.
    case tornAnnotation = "torn-annotation"
    /// A MULTI within a transaction, which servers answer by an error.
    case nestedMulti = "nested-multi"
    /// An EXEC without a MULTI, which servers answer by an error.
    case execWithoutMulti = "exec-without-multi"
    /// Another command that servers answer by an error, or crash at, without touching the data.
    case noEffect = "no-effect"
    /// A command with a number of arguments that no server takes.
    case wrongArity = "wrong-arity"
    /// A command that no server knows.
    case unknownCommand = "unknown-command"
    /// A file behind one that has lost something.
    case behindDamage = "behind-damage"
  }

  /// The file.
  public var part: AOFSet.Part
  /// The bytes.
  public var range: Range<Int>
  /// Why they are not kept.
  public var kind: Kind
  /// One sentence: what was found.
  public var message: String
  /// The database that was chosen where they begin.
  public var database: Int
}

/// A command that is put in.
public struct AOFInsertion {
  /// The file.
  public var part: AOFSet.Part
  /// Where in the original.
  public var offset: Int
  /// Its words.
  public var words: [String]

  /// The command as it stands in the new file.
  var bytes: [UInt8] {
    let bulks = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    return Array("*\(words.count)\r\n\(bulks)".utf8)
  }
}
