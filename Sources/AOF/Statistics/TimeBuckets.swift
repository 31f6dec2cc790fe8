/// Commands and bytes by time, in at most so many stretches of equal length.
///
/// When there are more, the stretches become longer, so that nothing is lost.
public struct TimeBuckets: Sendable {
  /// One stretch.
  public struct Bucket: Equatable, Sendable {
    /// Its beginning, Unix seconds; a multiple of the length.
    public var start: Int64
    /// Commands in it.
    public var commands: Int
    /// Their bytes.
    public var byteCount: Int
  }

  private struct Tally {
    var commands = 0
    var byteCount = 0
  }

  /// Lengths of a stretch that people think in, seconds; ten times as long from there on.
  private static let lengths: [Int64] = [
    1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800,
  ]

  /// Of this length fewer than 200 cover all times that there are.
  private static let lengthMax: Int64 = 100_000_000_000_000_000

  /// The length of a stretch, seconds.
  public private(set) var seconds: Int64
  private let countMax: Int
  private var tallies: [Int64: Tally] = [:]
  private var current = Tally()
  private var currentStart: Int64?
  private var currentSecond = Int64.min
  /// What stands before the first `#TS:`.
  public private(set) var untimed = Bucket(start: 0, commands: 0, byteCount: 0)

  /// - Parameters:
  ///   - seconds: the shortest stretch, at least 1.
  ///   - countMax: the most stretches, at least 200.
  init(seconds: Int64, countMax: Int) {
    self.seconds = max(1, seconds)
    self.countMax = max(200, countMax)
  }

  /// Counts a command.
  @inline(__always)
  mutating func add(_ timestamp: Int64?, byteCount: Int) {
    guard let timestamp else {
      untimed.commands &+= 1
      untimed.byteCount &+= byteCount
      return
    }
    if timestamp != currentSecond { turn(to: timestamp) }
    current.commands &+= 1
    current.byteCount &+= byteCount
  }

  @inline(never)
  private mutating func turn(to timestamp: Int64) {
    currentSecond = timestamp
    guard Self.start(of: timestamp, seconds) != currentStart else { return }
    putAway()
    currentSecond = timestamp
    currentStart = Self.start(of: timestamp, seconds)
  }

  private mutating func putAway() {
    guard let currentStart, current.commands > 0 else { return }
    Self.add(current, to: &tallies[currentStart, default: Tally()])
    current = Tally()
    while tallies.count > countMax, seconds < Self.lengthMax { lengthen() }
  }

  private static func add(_ other: Tally, to tally: inout Tally) {
    tally.commands &+= other.commands
    tally.byteCount &+= other.byteCount
  }

  private mutating func lengthen() {
    seconds = Self.lengths.first { $0 > seconds && $0 % seconds == 0 } ?? seconds * 10
    var longer: [Int64: Tally] = [:]
    for (start, tally) in tallies {
      Self.add(tally, to: &longer[Self.start(of: start, seconds), default: Tally()])
    }
    tallies = longer
    currentStart = nil
    currentSecond = .min
  }

  /// Rounded down; what lies beyond the range of seconds that can be rounded is left as it is.
  private static func start(of timestamp: Int64, _ seconds: Int64) -> Int64 {
    let rest = timestamp % seconds
    let lower = timestamp.subtractingReportingOverflow(rest < 0 ? rest + seconds : rest)
    return lower.overflow ? timestamp : lower.partialValue
  }

  /// The stretches in which something was written, in order.
  public var sorted: [Bucket] {
    var copy = self
    copy.putAway()
    return copy.tallies.map {
      Bucket(start: $0.key, commands: $0.value.commands, byteCount: $0.value.byteCount)
    }.sorted { $0.start < $1.start }
  }

  /// The same in at most `count` longer stretches, as far as that goes.
  public func condensed(to count: Int) -> TimeBuckets {
    var copy = self
    copy.putAway()
    copy.currentStart = nil
    while copy.tallies.count > count, copy.seconds < Self.lengthMax { copy.lengthen() }
    return copy
  }
}
