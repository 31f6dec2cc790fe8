import AOF
import ByteKit

/// What a repair leaves out, counted, and the first of it.
struct AOFLosses {
  /// How much a report shows.
  private static let sampleCountMax = 100

  /// One thing that is left out.
  struct Line {
    var removal: AOFRemoval
    var range: Range<Int>
    var command: AOFCommandExcerpt?
    var message: String?
  }

  /// Whole commands.
  private(set) var commandCount = 0
  /// Transactions that are begun there.
  private(set) var transactionCount = 0
  /// Bytes that are no whole command.
  private(set) var unreadableByteCount = 0
  /// The first things.
  private(set) var sample: [Line] = []

  /// Whether there is more than `sample`.
  var isShortened: Bool { sample.count == Self.sampleCountMax }

  /// Goes over what `plan` leaves out.
  init(_ plan: AOFRepairPlan) throws(AOFPlanError) {
    for removal in plan.removals {
      var lost = try AOFLostCommands(removal)
      try lost.read { add($0, removal) }
    }
  }

  private mutating func add(_ item: AOFLostCommands.Item, _ removal: AOFRemoval) {
    var line: Line
    switch item {
    case .command(let command):
      commandCount += 1
      if command.isArgument(0, "MULTI") { transactionCount += 1 }
      guard sample.count < Self.sampleCountMax else { return }
      let range = command.offset..<command.offset + command.byteCount
      line = Line(removal: removal, range: range)
      line.command = AOFCommandExcerpt(command)
    case .annotation: return
    case .unreadable(let range, let message, _):
      unreadableByteCount += range.count
      line = Line(removal: removal, range: range)
      line.message = message
    }
    if sample.count < Self.sampleCountMax { sample.append(line) }
  }

  /// Writes the list of everything that `plan` leaves out, a JSON document a line; no file where
  /// nothing is left out.
  static func writeList(
    of plan: AOFRepairPlan, _ name: String, into folder: OutputFolder
  ) throws {
    guard !plan.removals.isEmpty else { return }
    let file = try folder.createFile(name)
    var failure: OutputError?
    var document = JSONDocument { bytes in
      guard failure == nil else { return }
      do throws(OutputError) { try file.write(bytes) } catch { failure = error }
    }
    for removal in plan.removals {
      var lost = try AOFLostCommands(removal)
      try lost.read { item in
        write(item, removal, to: &document)
        document.endLine()
      }
    }
    document.flush()
    if let failure { throw failure }
    try file.close()
  }

  private static func write(
    _ item: AOFLostCommands.Item, _ removal: AOFRemoval, to document: inout JSONDocument
  ) {
    document.object {
      $0.member("file", removal.part.name)
      switch item {
      case .command(let command):
        $0.member("offset", command.offset)
        $0.member("bytes", command.byteCount)
        $0.member("reason", removal.kind.rawValue)
        $0.member("db", command.database)
        $0.member("timestamp", command.timestamp)
        $0.array("argv") {
          for index in 0..<command.heldCount { $0.value(bytes: command[index]) }
        }
        if !command.isWhole { $0.member("shortened", true) }
      case .annotation(let line):
        $0.member("offset", line.offset)
        $0.member("bytes", line.byteCount)
        $0.member("reason", removal.kind.rawValue)
        $0.member("annotation", bytes: Array(line.text))
      case .unreadable(let range, let message, let front):
        $0.member("offset", range.lowerBound)
        $0.member("bytes", range.count)
        $0.member("reason", removal.kind.rawValue)
        $0.member("message", message)
        $0.member("front", bytes: front)
      }
    }
  }
}
