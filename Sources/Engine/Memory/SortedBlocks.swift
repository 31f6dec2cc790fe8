#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What a `SortedBlocks` holds.
protocol SortedEntry: BitwiseCopyable {
  /// Whether `left` stands before `right`; of two different entries one does.
  static func precedes(_ left: Self, _ right: Self) -> Bool
}

/// A sorted sequence in the heap: blocks of up to 128 entries, and a directory of them.
///
/// Expected cost: a search is two binary searches; putting in moves at most one block's entries; a
/// rank adds up the counts of the blocks before it, one word each (at a million entries some
/// 10,000 blocks, 5 µs), which is what it gives up against a tree.
struct SortedBlocks<Entry: SortedEntry>: BitwiseCopyable {
  /// A place between 0 and the end.
  struct Position: Equatable {
    /// The block's index in the directory.
    var block: Int
    /// The entry's index within it; equal to its count only behind the last entry of all.
    var index: Int
  }

  private static var entryCountMax: Int { 128 }
  private static var stride: Int { MemoryLayout<Entry>.stride }

  private struct Block: BitwiseCopyable {
    var entries: UnsafeMutablePointer<Entry>
    var count: Int
  }

  private var blocks: UnsafeMutablePointer<Block>
  private var blockCapacity = 2
  private var blockCount = 0
  /// How many entries there are.
  private(set) var count = 0

  /// An empty sequence.
  init(_ heap: Heap) { blocks = Self.makeDirectory(heap, 2) }

  /// Gives its memory back.
  func destroy(_ heap: Heap) {
    for index in 0..<blockCount {
      heap.deallocate(blocks[index].entries, blocks[index].count &* Self.stride)
    }
    heap.deallocate(blocks, blockCapacity &* MemoryLayout<Block>.stride)
  }

  private static func makeDirectory(_ heap: Heap, _ capacity: Int) -> UnsafeMutablePointer<Block> {
    heap.allocate(capacity &* MemoryLayout<Block>.stride)
      .bindMemory(to: Block.self, capacity: capacity)
  }

  private static func makeEntries(_ heap: Heap, _ count: Int) -> UnsafeMutablePointer<Entry> {
    heap.allocate(count &* stride).bindMemory(to: Entry.self, capacity: count)
  }
}

// MARK: - Places

extension SortedBlocks {
  /// The place of the first entry.
  var start: Position { Position(block: 0, index: 0) }

  /// The entry at a place; `nil` at the end.
  @inline(__always)
  func entry(at position: Position) -> Entry? {
    guard position.block < blockCount, position.index < blocks[position.block].count else {
      return nil
    }
    return blocks[position.block].entries[position.index]
  }

  /// The place of the last entry; `nil` where there is none.
  var lastPosition: Position? {
    guard blockCount > 0 else { return nil }
    return Position(block: blockCount &- 1, index: blocks[blockCount &- 1].count &- 1)
  }

  /// The last entry; `nil` where there is none.
  var last: Entry? { lastPosition.flatMap { entry(at: $0) } }

  /// The place behind `position`, which is no end.
  @inline(__always)
  func next(_ position: Position) -> Position {
    let index = position.index &+ 1
    return index < blocks[position.block].count
      ? Position(block: position.block, index: index)
      : Position(block: position.block &+ 1, index: 0)
  }

  /// The place before `position`; `nil` for the first one.
  @inline(__always)
  func previous(_ position: Position) -> Position? {
    if position.index > 0 { return Position(block: position.block, index: position.index &- 1) }
    guard position.block > 0 else { return nil }
    let block = position.block &- 1
    return Position(block: block, index: blocks[block].count &- 1)
  }

  /// The first place whose entry is not `before` what is looked for; all entries for which `before`
  /// says true stand in front.
  @inline(__always)
  func firstPosition(notBefore before: (Entry) -> Bool) -> Position {
    var (low, high) = (0, blockCount)
    while low < high {
      let middle = (low &+ high) >> 1
      let block = blocks[middle]
      if before(block.entries[block.count &- 1]) { low = middle &+ 1 } else { high = middle }
    }
    let block = low
    guard block < blockCount else { return Position(block: block, index: 0) }
    let entries = blocks[block].entries
    (low, high) = (0, blocks[block].count)
    while low < high {
      let middle = (low &+ high) >> 1
      if before(entries[middle]) { low = middle &+ 1 } else { high = middle }
    }
    return Position(block: block, index: low)
  }

  /// Where `entry` is or would be.
  @inline(__always)
  func position(of entry: Entry) -> Position {
    firstPosition { Entry.precedes($0, entry) }
  }

  /// How many entries stand before a place.
  func rank(of position: Position) -> Int {
    var rank = position.index
    for index in 0..<position.block { rank &+= blocks[index].count }
    return rank
  }

  /// The place of the entry with so many before it, 0...count.
  func position(rank: Int) -> Position {
    var left = rank
    for index in 0..<blockCount {
      if left < blocks[index].count { return Position(block: index, index: left) }
      left &-= blocks[index].count
    }
    return Position(block: blockCount, index: 0)
  }
}

// MARK: - Changes

extension SortedBlocks {
  /// Puts an entry in; no equal one is there.
  mutating func insert(_ entry: Entry, _ heap: Heap) {
    var place = position(of: entry)
    count &+= 1
    if place.block == blockCount {
      // Behind everything: the last block if it has room, else a new one.
      guard blockCount > 0, blocks[blockCount &- 1].count < Self.entryCountMax else {
        return addBlock(UnsafeBufferPointer(start: nil, count: 0), entry, at: blockCount, heap)
      }
      place = Position(block: blockCount &- 1, index: blocks[blockCount &- 1].count)
    } else if blocks[place.block].count == Self.entryCountMax {
      split(place.block, heap)
      let half = Self.entryCountMax / 2
      if place.index > half {
        place = Position(block: place.block &+ 1, index: place.index &- half)
      }
    }
    let block = blocks + place.block
    let old = block.pointee.count
    let entries = resize(block, to: old &+ 1, heap)
    memmove(
      entries + (place.index &+ 1), entries + place.index, (old &- place.index) &* Self.stride)
    entries[place.index] = entry
  }

  /// Takes the entry at a place out. Places behind it in the same block move.
  mutating func remove(at position: Position, _ heap: Heap) {
    let block = blocks + position.block
    let left = block.pointee.count &- 1
    count &-= 1
    guard left > 0 else { return removeBlock(position.block, heap) }
    let entries = block.pointee.entries
    memmove(
      entries + position.index, entries + (position.index &+ 1),
      (left &- position.index) &* Self.stride)
    _ = resize(block, to: left, heap)
  }

  /// Puts another entry in the place of one; it stands at the same place in the order.
  func replace(at position: Position, by entry: Entry) {
    blocks[position.block].entries[position.index] = entry
  }

  private func resize(
    _ block: UnsafeMutablePointer<Block>, to count: Int, _ heap: Heap
  ) -> UnsafeMutablePointer<Entry> {
    let entries = heap.reallocate(
      block.pointee.entries, from: block.pointee.count &* Self.stride, to: count &* Self.stride
    ).bindMemory(to: Entry.self, capacity: count)
    block.pointee = Block(entries: entries, count: count)
    return entries
  }

  private mutating func split(_ index: Int, _ heap: Heap) {
    let half = Self.entryCountMax / 2
    let tail = UnsafeBufferPointer(
      start: blocks[index].entries + half, count: blocks[index].count &- half)
    addBlock(tail, nil, at: index &+ 1, heap)
    _ = resize(blocks + index, to: half, heap)
  }

  /// A new block with `entries` and then `more`, before the one at `index`.
  private mutating func addBlock(
    _ entries: UnsafeBufferPointer<Entry>, _ more: Entry?, at index: Int, _ heap: Heap
  ) {
    let count = entries.count &+ (more == nil ? 0 : 1)
    let copy = Self.makeEntries(heap, count)
    if let source = entries.baseAddress { copy.update(from: source, count: entries.count) }
    if let more { copy[entries.count] = more }
    if blockCount == blockCapacity {
      let size = MemoryLayout<Block>.stride
      blocks = heap.reallocate(
        blocks, from: blockCapacity &* size, to: 2 &* blockCapacity &* size
      ).bindMemory(to: Block.self, capacity: 2 &* blockCapacity)
      blockCapacity &*= 2
    }
    memmove(
      blocks + (index &+ 1), blocks + index,
      (blockCount &- index) &* MemoryLayout<Block>.stride)
    blocks[index] = Block(entries: copy, count: count)
    blockCount &+= 1
  }

  private mutating func removeBlock(_ index: Int, _ heap: Heap) {
    heap.deallocate(blocks[index].entries, blocks[index].count &* Self.stride)
    blockCount &-= 1
    memmove(
      blocks + index, blocks + (index &+ 1),
      (blockCount &- index) &* MemoryLayout<Block>.stride)
  }
}
