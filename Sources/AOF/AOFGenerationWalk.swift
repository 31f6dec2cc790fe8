/// A pass over the files of one generation, base first, and the places where they could be cut.
struct AOFGenerationWalk {
  /// A place for a cut.
  struct Place: Equatable {
    /// The index of the log.
    var log: Int
    /// The offset in it.
    var offset: Int
    /// The commands of all logs in front of it.
    var commandCount: Int
    /// Whether it lies in front of a transaction without its end, behind which a server has
    /// written.
    var isAbandoned = false
  }

  /// Damage, and where it is.
  struct Damage {
    var part: AOFSet.Part
    var error: AOFError
    /// The last place for a cut in front of it; `nil` where it lies in the base or a snapshot.
    var place: Place?
    /// Whether it is in the last file, and such that servers load what is in front of it.
    var isTail: Bool
  }

  /// When the base, or the snapshot in front, was begun, Unix seconds; `nil` where nothing tells.
  private(set) var baseTime: Int64?
  /// Where the commands of each log begin that was gone over.
  private(set) var frontEnds: [Int] = []
  /// The last place for a cut in each log that was gone over to its end.
  private(set) var logEnds: [Place] = []
  /// The end of all: behind the last log, or the last place for a cut where the tail is torn.
  private(set) var end: Place?
  /// What ended the pass early.
  private(set) var damage: Damage?
  /// Whether `body` ended the pass.
  private(set) var wasStopped = false
  /// What is counted on.
  private(set) var progress: AOFReader.Progress

  /// Goes over `generation`.
  ///
  /// - Parameter body: takes each record of the logs, and the last place for a cut in front of it.
  init(
    _ generation: AOFTimeline.Generation, _ progress: AOFReader.Progress, _ scan: AOFPartScanner,
    _ body: @escaping (AOFRecord, Place) -> Bool
  ) throws(AOFPlanError) {
    self.progress = progress
    if let base = generation.base, try !passBase(base, scan) { return }
    var count = 0
    for (index, log) in generation.logs.enumerated() {
      let isLast = index == generation.logs.count - 1
      guard try pass(log, index, isLast: isLast, &count, scan, body) else { return }
    }
  }

  private mutating func passBase(
    _ base: AOFSet.Part, _ scan: AOFPartScanner
  ) throws(AOFPlanError) -> Bool {
    var isFirst = true
    var time: Int64?
    let result = try scan(base, progress) { record in
      if isFirst, case .annotation(let line) = record { time = line.timestamp }
      isFirst = false
      return true
    }
    baseTime = result.creationTime ?? time
    // The commands of a base are no commands that were appended.
    if let error = result.error {
      damage = Damage(part: base, error: error, place: nil, isTail: false)
      return false
    }
    return true
  }

  private mutating func pass(
    _ log: AOFSet.Part, _ index: Int, isLast: Bool, _ count: inout Int, _ scan: AOFPartScanner,
    _ body: @escaping (AOFRecord, Place) -> Bool
  ) throws(AOFPlanError) -> Bool {
    var tracker: AOFCutTracker?
    var goesOn = true
    let result = try scan(log, progress) { record in
      var passed = tracker ?? AOFCutTracker(from: record.offset)
      let place = Place(
        log: index, offset: passed.offset, commandCount: count + passed.commandCount,
        isAbandoned: passed.isAbandoned)
      goesOn = body(record, place)
      if goesOn { passed.pass(record) }
      tracker = passed
      return goesOn
    }
    progress = result.progress
    frontEnds.append(result.frontEnd)
    if index == 0, baseTime == nil { baseTime = result.creationTime }
    let hasFront = result.error?.kind != .snapshot
    let last = Place(
      log: index, offset: tracker?.offset ?? result.frontEnd,
      commandCount: count + (tracker?.commandCount ?? 0),
      isAbandoned: tracker?.isAbandoned ?? false)
    if goesOn, let error = result.error {
      let isTail = isLast && [.truncated, .openTransaction, .zeroTail].contains(error.kind)
      damage = Damage(part: log, error: error, place: hasFront ? last : nil, isTail: isTail)
      if isTail { end = last }
      return false
    }
    wasStopped = !goesOn
    count = last.commandCount
    guard goesOn else { return false }
    logEnds.append(Place(log: index, offset: result.soundOffset, commandCount: count))
    if isLast { end = logEnds.last }
    return true
  }
}

extension AOFRecord {
  /// Where it begins.
  var offset: Int {
    switch self {
    case .command(let command): command.offset
    case .annotation(let line): line.offset
    }
  }

  /// Behind its last byte.
  var endOffset: Int {
    switch self {
    case .command(let command): command.offset + command.byteCount
    case .annotation(let line): line.offset + line.byteCount
    }
  }
}
