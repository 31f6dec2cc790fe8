/// A member of a large sorted set: `f64 score, u32 count, member`.
enum ScoreCell: CellLayout {
  /// Where the member begins.
  static let keyOffset = 12

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ key(of: cell).count
  }

  /// The score.
  @inline(__always)
  static func score(of cell: UnsafeMutableRawPointer) -> Double { cell.load(as: Double.self) }

  /// Changes the score; the order knows nothing of it.
  @inline(__always)
  static func setScore(_ score: Double, of cell: UnsafeMutableRawPointer) {
    cell.storeBytes(of: score, as: Double.self)
  }

  /// A new cell.
  @inline(__always)
  static func make(_ member: Bytes, _ score: Double, _ heap: Heap) -> UnsafeMutableRawPointer {
    let cell = heap.allocate(keyOffset &+ member.count)
    setScore(score, of: cell)
    setKey(member, of: cell)
    return cell
  }
}

/// A member in the order of a large sorted set.
struct RankedEntry: SortedEntry {
  /// The score.
  var score: Double
  /// The member's cell.
  var cell: UnsafeMutableRawPointer

  /// By score, then by the members' bytes.
  @inline(__always)
  static func precedes(_ left: RankedEntry, _ right: RankedEntry) -> Bool {
    if left.score != right.score { return left.score < right.score }
    return ScoreCell.key(of: left.cell).compare(ScoreCell.key(of: right.cell)) < 0
  }
}

/// The head of a large sorted set: its members by name and in order.
struct RankedSet: HeapObject {
  /// The members by name.
  var cells: CellTable<ScoreCell>
  /// The members in order.
  var order: SortedBlocks<RankedEntry>

  /// An empty set.
  init(_ heap: Heap, expected: Int = 0) {
    cells = CellTable(heap, expected: expected)
    order = SortedBlocks(heap)
  }

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      heap.deallocate(cell, ScoreCell.byteCount(of: cell))
    }
    cells.destroy(heap)
    order.destroy(heap)
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value {
    var copy = RankedSet(heap, expected: cells.count)
    var place = order.start
    while let entry = order.entry(at: place) {
      copy.add(ScoreCell.key(of: entry.cell), entry.score, heap)
      place = order.next(place)
    }
    return Value(.rankedZset, copy.allocate(heap))
  }

  /// The cell of a member.
  @inline(__always)
  func cell(_ member: Bytes, _ heap: Heap) -> UnsafeMutableRawPointer? {
    cells.find(member, hash: heap.hash(member)).flatMap { cells.cell(at: $0) }
  }

  /// Adds a member that is not there.
  mutating func add(_ member: Bytes, _ score: Double, _ heap: Heap) {
    let cell = ScoreCell.make(member, score, heap)
    cells.insert(cell, hash: heap.hash(member), heap)
    order.insert(RankedEntry(score: score, cell: cell), heap)
  }

  /// Gives a member another score.
  mutating func move(_ cell: UnsafeMutableRawPointer, to score: Double, _ heap: Heap) {
    let old = RankedEntry(score: ScoreCell.score(of: cell), cell: cell)
    order.remove(at: order.position(of: old), heap)
    ScoreCell.setScore(score, of: cell)
    order.insert(RankedEntry(score: score, cell: cell), heap)
  }

  /// Takes a member out, whose cell that is.
  mutating func remove(_ cell: UnsafeMutableRawPointer, _ heap: Heap) {
    let member = ScoreCell.key(of: cell)
    let entry = RankedEntry(score: ScoreCell.score(of: cell), cell: cell)
    order.remove(at: order.position(of: entry), heap)
    if let slot = cells.find(member, hash: heap.hash(member)) { cells.remove(at: slot) }
    heap.deallocate(cell, ScoreCell.byteCount(of: cell))
    cells.shrinkIfSparse(heap)
  }
}
