/// The files of a set in the order of what happened: a base and what was appended behind it, then
/// the next rewrite's base, which holds the same data, and what was appended behind that.
///
/// A manifest lists before the base of each past rewrite the incremental files that followed it,
/// the last rewrite first. Where a base is gone and nothing is missing between, the files behind it
/// go on from the base before.
///
/// Source: commands.md of the fact sheet, section 5; the history cases of the corpus.
public struct AOFTimeline {
  /// The last of them, if it has what a server loads.
  var usable: Generation? { hasCurrent ? generations.last : nil }

  /// What can be loaded by itself: from one rewrite on, up to the next one.
  public struct Generation {
    /// A file that a rewrite has written: one state of the data, without earlier ones; `nil` where
    /// the first log begins with nothing, or with a snapshot of its own.
    public let base: AOFSet.Part?
    /// The files that commands were appended to, in order.
    public fileprivate(set) var logs: [AOFSet.Part]
    /// Whether a file behind these is missing.
    public fileprivate(set) var hasGap = false

    /// All files in the order in which they are loaded.
    public var parts: [AOFSet.Part] { [base].compactMap { $0 } + logs }
  }

  /// Those that can be loaded, the oldest one first.
  public let generations: [Generation]
  /// Whether the last of them has what a server loads; false where the base is missing.
  public let hasCurrent: Bool
  /// What of the history is of no use, and why.
  public let problems: [String]

  /// The files of `set`.
  public init(_ set: AOFSet) { self.init(set, without: nil) }

  /// The files of `set`, as if the file `lost` were missing.
  init(_ set: AOFSet, without lost: AOFSet.Part?) {
    var problems: [String] = []
    let past = Self.pastBlocks(set, &problems)
    var generations: [Generation] = []
    for block in past { Self.append(block, to: &generations) }
    let bases = set.parts.filter { $0.role == .base }
    let incremental = set.parts.filter { $0.role == .incremental }
    var block = Block(base: bases.first, logs: incremental)
    if let lost, block.base?.path == lost.path { block.base?.exists = false }
    // Without a base line a server starts from nothing.
    if block.base == nil {
      generations.append(Self.generation(block))
      hasCurrent = true
    } else {
      hasCurrent = Self.append(block, to: &generations)
    }
    self.generations = generations
    self.problems = problems
  }

  /// A base and the incremental files behind it, whether they exist or not.
  private struct Block {
    var base: AOFSet.Part?
    var logs: [AOFSet.Part]
  }

  /// Whether a rewrite has written the file of this name; an old file that was taken over is a log.
  public static func isRewritten(_ name: String) -> Bool {
    name.hasSuffix(".base.rdb") || name.hasSuffix(".base.aof")
  }

  static func isLog(_ name: String) -> Bool { name.hasSuffix(".incr.aof") }

  /// The history, the oldest rewrite first.
  private static func pastBlocks(_ set: AOFSet, _ problems: inout [String]) -> [Block] {
    var blocks: [Block] = []
    var logs: [AOFSet.Part] = []
    for part in set.parts where part.role == .history {
      if isLog(part.name) {
        logs.append(part)
      } else {
        blocks.append(Block(base: part, logs: logs.sorted { sequence($0) < sequence($1) }))
        logs = []
      }
    }
    if !logs.isEmpty { blocks.append(Block(base: nil, logs: logs)) }
    blocks.reverse()
    let incremental = set.parts.filter { $0.role == .incremental }
    let numbers = (blocks.flatMap(\.logs) + incremental).map(sequence)
    guard zip(numbers, numbers.dropFirst()).allSatisfy({ $0 < $1 }) else {
      problems.append(
        "the history files stand in an order that no server writes, so that they are not used")
      return []
    }
    return blocks
  }

  private static func sequence(_ part: AOFSet.Part) -> Int64 { part.entry?.sequence ?? 0 }

  /// Adds a block as a generation of its own, or to the one before where its base is missing.
  ///
  /// - Returns: whether that was possible.
  @discardableResult
  private static func append(_ block: Block, to generations: inout [Generation]) -> Bool {
    if block.base?.exists == true {
      generations.append(generation(block))
      return true
    }
    guard var last = generations.popLast() else { return false }
    defer { generations.append(last) }
    guard !last.hasGap, let end = last.logs.last?.entry?.sequence,
      block.logs.first?.entry?.sequence == end + 1
    else {
      last.hasGap = true
      return false
    }
    add(block.logs, to: &last)
    return true
  }

  private static func generation(_ block: Block) -> Generation {
    guard let base = block.base else {
      var generation = Generation(base: nil, logs: [])
      add(block.logs, to: &generation)
      return generation
    }
    let isLog = !isRewritten(base.name)
    var generation = Generation(base: isLog ? nil : base, logs: isLog ? [base] : [])
    add(block.logs, to: &generation)
    return generation
  }

  private static func add(_ logs: [AOFSet.Part], to generation: inout Generation) {
    let present = logs.prefix { $0.exists }
    generation.logs += present
    if present.count < logs.count { generation.hasGap = true }
  }
}
