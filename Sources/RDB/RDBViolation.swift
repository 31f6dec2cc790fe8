/// A rule that a record breaks.
public struct RDBViolation: Equatable, Sendable {
  /// Which rule, and where.
  public var error: RDBError
  /// The database of the key.
  public var database: Int
  /// The key; `nil` where the record has none.
  public var key: [UInt8]?
  /// Where the record begins.
  public var recordOffset: Int
  /// Servers take it as it is: odd, but not damage.
  public var isWarning: Bool
}

/// Broken rules in the order in which they were met: the first ones are kept, all are counted.
///
/// Warnings have room of their own, so that however many there are, damage behind them is kept.
public struct RDBViolationList: Equatable, Sendable {
  /// The first errors and the first warnings, up to `RDBLimits.violationsKeptMax` of each.
  public private(set) var kept: [RDBViolation] = []
  /// All errors.
  public private(set) var errorCount = 0
  /// All warnings.
  public private(set) var warningCount = 0
  private var keptErrorCount = 0
  private var keptWarningCount = 0

  /// Nothing broken.
  public init() {}

  /// All errors and warnings.
  public var count: Int { errorCount + warningCount }
  /// Errors that are counted only.
  public var leftOutErrorCount: Int { errorCount - keptErrorCount }
  /// Warnings that are counted only.
  public var leftOutWarningCount: Int { warningCount - keptWarningCount }

  /// Whether the next error or warning would be kept; to be asked before a costly one is made.
  func hasRoom(forWarning isWarning: Bool) -> Bool {
    (isWarning ? keptWarningCount : keptErrorCount) < RDBLimits.violationsKeptMax
  }

  /// Counts one that is not worth making, as there is no room for it.
  mutating func countOnly(isWarning: Bool) {
    if isWarning { warningCount += 1 } else { errorCount += 1 }
  }

  /// Adds one.
  mutating func append(_ violation: RDBViolation) {
    countOnly(isWarning: violation.isWarning)
    guard hasRoom(forWarning: violation.isWarning) else { return }
    if violation.isWarning { keptWarningCount += 1 } else { keptErrorCount += 1 }
    kept.append(violation)
  }

  /// Adds those that were met after these.
  mutating func append(_ later: RDBViolationList) {
    for violation in later.kept { append(violation) }
    errorCount += later.leftOutErrorCount
    warningCount += later.leftOutWarningCount
  }

  /// Orders those that are kept by where they are.
  mutating func sortByOffset() { kept.sort { $0.error.offset < $1.error.offset } }
}
