/// How much of what was written the last state still needs, by the form of the commands alone.
///
/// A command's bytes fall evenly to its keys. They count until the key is overwritten, deleted or
/// flushed; a command that names elements to delete takes as many bytes away as it has. Expiries,
/// pops, reads, SELECT, MULTI and EXEC leave nothing. What fields or elements replace each other is
/// not seen, nor what pops took: a rewrite saves that too. On the other hand a rewritten base may
/// store the same data in more or fewer bytes than the commands.
public struct RewriteEstimate: Equatable, Sendable {
  /// Keys that were ever written or in a snapshot in front, databases told apart; an estimate where
  /// `isExact` is false.
  public var keyCount: Int
  /// Keys that were followed.
  public var sampledKeyCount: Int
  /// Each of them stands for so many.
  public var scale: Int
  /// The keys' records in snapshots in front, and the commands.
  public var byteCount: Int
  /// Those that still count.
  public var liveByteCount: Int
  /// Those that new values took the place of.
  public var overwrittenByteCount: Int
  /// Those that deletions undid.
  public var deletedByteCount: Int
  /// Those that FLUSHDB and FLUSHALL undid.
  public var flushedByteCount: Int
  /// Those of commands that leave nothing.
  public var tracelessByteCount: Int

  /// Whether all keys were followed.
  public var isExact: Bool { scale == 1 }

  /// The relative standard error of `keyCount`; 0 where it is exact.
  public var keyCountError: Double {
    isExact || sampledKeyCount == 0 ? 0 : (1 / Double(sampledKeyCount)).squareRoot()
  }

  /// What a rewrite would save at least, bytes.
  public var savedByteCount: Int { byteCount - liveByteCount }

  /// Bytes written for each byte that still counts; `nil` where none does.
  public var amplification: Double? {
    liveByteCount > 0 ? Double(byteCount) / Double(liveByteCount) : nil
  }
}
