import RedisCodecs

/// Room in which a `PackedList` is made entry by entry, to be copied when it is complete: growing
/// it where it will stay would move it with every entry.
struct PackedWriter: BitwiseCopyable {
  private static let roomAtFirst = 16 << 10

  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private var used = PackedList.firstOffset
  /// The entries so far.
  private(set) var count = 0

  /// An empty one.
  init(_ heap: Heap) {
    capacity = Self.roomAtFirst
    start = heap.allocate(capacity)
  }

  /// Gives the room back.
  func destroy(_ heap: Heap) { heap.deallocate(start, capacity) }

  /// The bytes of the list as it stands.
  @inline(__always)
  var byteCount: Int { used &+ 1 }

  /// Where the next entry begins.
  @inline(__always)
  var offset: Int { used }

  /// Adds an entry.
  @inline(__always)
  mutating func append(_ entry: PackedEntry, _ heap: Heap) {
    if capacity &- used <= entry.byteCount { grow(entry.byteCount, heap) }
    entry.write(to: start + used)
    used &+= entry.byteCount
    count &+= 1
  }

  @inline(never)
  private mutating func grow(_ byteCount: Int, _ heap: Heap) {
    let larger = max(used + byteCount + 1, 2 * capacity)
    start = heap.reallocate(start, from: capacity, to: larger)
    capacity = larger
  }

  /// The entry that begins at `offset`.
  @inline(__always)
  func element(at offset: Int) -> Element { PackedList(at: start).element(at: offset) }

  /// Forgets the entries.
  mutating func removeAll() {
    used = PackedList.firstOffset
    count = 0
  }

  /// The list, in a block of its own; the room is empty again.
  mutating func finish(_ heap: Heap) -> PackedList {
    let list = PackedList(copying: start, upTo: used, count, heap)
    removeAll()
    return list
  }
}
