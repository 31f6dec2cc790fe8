import ByteKit

/// Why an append-only file could not be read on.
public struct AOFError: Error, Equatable, Sendable {
  /// The causes that callers tell apart; the raw value is the finding's id.
  public enum Kind: String, Sendable {
    /// The system refused to give the bytes: no verdict on the data.
    case unreadable = "aof-unreadable"
    /// The gzip layer is damaged.
    case damagedGzip = "aof-gzip"
    /// The file ends within a record.
    case truncated = "aof-truncated"
    /// The file ends between MULTI and EXEC.
    case openTransaction = "aof-open-multi"
    /// Zero bytes from here to the end, as a power failure leaves them.
    case zeroTail = "aof-zero-tail"
    /// Zero bytes, and others behind them.
    case zeros = "aof-zeros"
    /// Neither `*` nor `#` where a record begins.
    case garbage = "aof-garbage"
    /// A number of arguments that no command can have.
    case count = "aof-count"
    /// No `$` where an argument begins: a length or a count before it is wrong.
    case argument = "aof-argument"
    /// An argument whose length is no length.
    case length = "aof-length"
    /// An annotation longer than servers take.
    case annotation = "aof-annotation"
    /// The snapshot in front or the base is damaged.
    case snapshot = "aof-snapshot"
    /// The manifest is wrong.
    case manifest = "aof-manifest"
    /// A file that the manifest names and servers need is not there.
    case missingFile = "aof-missing-file"
  }

  /// The cause.
  public let kind: Kind
  /// The absolute offset in the (unpacked) file: where the bytes stand that are wrong or missing.
  public let offset: Int
  /// What was found and what was expected.
  public let message: String
  /// What servers make of it.
  public let effect: Effect

  /// How servers take damage.
  public enum Effect: Sendable {
    /// The file ends too early, which `aof-load-truncated yes` forgives.
    case shortRead
    /// The same, but only if they get memory for an argument of a length that cannot be true.
    case hugeRead
    /// The format is wrong.
    case formatError
    /// They crash, or wait for ever.
    case crash
  }

  /// An error of `kind` at `offset`.
  ///
  /// - Parameter effect: by default what `kind` says.
  @inline(never)
  public init(_ kind: Kind, at offset: Int, _ message: String, effect: Effect? = nil) {
    self.kind = kind
    self.offset = offset
    self.message = message
    let isShort = kind == .truncated || kind == .openTransaction
    self.effect = effect ?? (isShort ? .shortRead : .formatError)
  }

  /// The same for what the input threw.
  @inline(never)
  public init(_ error: InputError) {
    switch error.kind {
    case .system, .limited: kind = .unreadable
    case .truncated: kind = .truncated
    case .damagedGzip: kind = .damagedGzip
    }
    offset = error.offset
    message = error.message
    effect = error.kind == .truncated ? .shortRead : .formatError
  }
}
