/// How cells of one kind are laid out: what a `CellTable` must know of them.
///
/// A cell is a block of the heap that begins with its key's count and, right behind it, its key;
/// what else it holds stands before the count or behind the key.
protocol CellLayout {
  /// Where the key begins; the four bytes before it are its count.
  static var keyOffset: Int { get }
  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int
}

extension CellLayout {
  /// The key of a cell.
  @inline(__always)
  static func key(of cell: UnsafeMutableRawPointer) -> Bytes {
    let count = cell.load(fromByteOffset: keyOffset &- 4, as: UInt32.self)
    return Bytes(start: cell + keyOffset, count: Int(count))
  }

  /// Writes a key and its count into a new cell, which has room for both.
  @inline(__always)
  static func setKey(_ key: Bytes, of cell: UnsafeMutableRawPointer) {
    cell.storeBytes(
      of: UInt32(truncatingIfNeeded: key.count), toByteOffset: keyOffset &- 4, as: UInt32.self)
    if let source = key.baseAddress {
      (cell + keyOffset).copyMemory(from: source, byteCount: key.count)
    }
  }
}

/// A hash table of cells: open addressing with one word per slot.
///
/// A slot holds the cell's address in its low 48 bits and 16 bits of the hash above them, so that a
/// probe looks at a cell only where it is nearly sure to be the right one: a look-up costs two
/// cache misses, one for the slot and one for the cell. At most three quarters of the slots are in
/// use; the table doubles by itself. Removed cells leave a mark, which the next growth clears.
struct CellTable<Layout: CellLayout>: BitwiseCopyable {
  private static var empty: UInt64 { 0 }
  private static var removed: UInt64 { 1 }
  private static var addressMask: UInt64 { 1 << 48 - 1 }
  private static var capacityMin: Int { 4 }

  private var slots: UnsafeMutablePointer<UInt64>
  /// How many slots there are; a power of two. Slots are what one iterates over.
  private(set) var capacity: Int
  /// How many cells there are.
  private(set) var count = 0
  /// Slots with a cell or a mark.
  private var used = 0

  /// An empty table.
  ///
  /// - Parameter expected: how many cells it takes without growing.
  init(_ heap: Heap, expected: Int = 0) {
    capacity = Self.capacity(for: expected)
    slots = Self.makeSlots(heap, capacity)
  }

  /// Gives the slots back, not the cells.
  func destroy(_ heap: Heap) { heap.deallocate(slots, capacity &* 8) }

  /// The bytes of the slots.
  var byteCount: Int { Heap.usable(capacity &* 8) }

  private static func capacity(for count: Int) -> Int {
    var capacity = capacityMin
    while capacity / 4 * 3 < count { capacity *= 2 }
    return capacity
  }

  private static func makeSlots(_ heap: Heap, _ capacity: Int) -> UnsafeMutablePointer<UInt64> {
    let slots = heap.allocate(capacity &* 8).bindMemory(to: UInt64.self, capacity: capacity)
    slots.initialize(repeating: empty, count: capacity)
    return slots
  }

  @inline(__always)
  private static func address(_ slot: UInt64) -> UnsafeMutableRawPointer? {
    UnsafeMutableRawPointer(bitPattern: UInt(slot & addressMask))
  }

  @inline(__always)
  private static func slot(_ cell: UnsafeMutableRawPointer, _ hash: UInt64) -> UInt64 {
    UInt64(UInt(bitPattern: cell)) | hash & ~addressMask
  }

  /// The cell in a slot; `nil` where the slot has none.
  ///
  /// - Parameter slot: 0..<capacity.
  @inline(__always)
  func cell(at slot: Int) -> UnsafeMutableRawPointer? {
    let word = slots[slot]
    return word <= Self.removed ? nil : Self.address(word)
  }

  /// Reads the slot where a search for `hash` begins: reading several before they are needed lets
  /// the machine fetch them at the same time.
  @inline(__always)
  func touch(_ hash: UInt64) -> UInt64 {
    slots[Int(truncatingIfNeeded: hash) & (capacity &- 1)]
  }

  /// The slot of the cell with this key; `nil` where there is none.
  @inline(__always)
  func find(_ key: Bytes, hash: UInt64) -> Int? {
    let mask = capacity &- 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while true {
      let word = slots[index]
      if word == Self.empty { return nil }
      if (word ^ hash) & ~Self.addressMask == 0, word != Self.removed,
        let cell = Self.address(word), Layout.key(of: cell).equals(key)
      {
        return index
      }
      index = (index &+ 1) & mask
    }
  }

  /// Adds a cell whose key the table does not have.
  ///
  /// - Returns: its slot.
  @inline(__always) @discardableResult
  mutating func insert(
    _ cell: UnsafeMutableRawPointer, hash: UInt64, _ heap: Heap
  ) -> Int {
    if (used &+ 1) &* 4 > capacity &* 3 { resize(heap, for: count &+ 1) }
    let mask = capacity &- 1
    var index = Int(truncatingIfNeeded: hash) & mask
    while slots[index] > Self.removed { index = (index &+ 1) & mask }
    if slots[index] == Self.empty { used &+= 1 }
    slots[index] = Self.slot(cell, hash)
    count &+= 1
    return index
  }

  /// Puts a moved cell in the place of the one at `slot`; it has the same key.
  @inline(__always)
  mutating func replace(at slot: Int, by cell: UnsafeMutableRawPointer) {
    slots[slot] = UInt64(UInt(bitPattern: cell)) | slots[slot] & ~Self.addressMask
  }

  /// Takes the cell at `slot` out; the cell itself is the caller's.
  @inline(__always)
  mutating func remove(at slot: Int) {
    let next = slots[(slot &+ 1) & (capacity &- 1)]
    // Nobody probes past this slot if the next one is empty.
    if next == Self.empty {
      slots[slot] = Self.empty
      used &-= 1
    } else {
      slots[slot] = Self.removed
    }
    count &-= 1
  }

  /// Makes the table smaller where few of its slots are in use. Slots change.
  mutating func shrinkIfSparse(_ heap: Heap) {
    if capacity > 64, count &* 8 < capacity { resize(heap, for: count &* 2) }
  }

  /// Makes room for `count` cells altogether.
  mutating func reserve(_ count: Int, _ heap: Heap) {
    if Self.capacity(for: count) > capacity { resize(heap, for: count) }
  }

  @inline(never)
  private mutating func resize(_ heap: Heap, for count: Int) {
    // One that is half marks is only cleaned.
    let capacity = Self.capacity(for: count + count / 4)
    let slots = Self.makeSlots(heap, capacity)
    let mask = capacity &- 1
    for old in 0..<self.capacity {
      let word = self.slots[old]
      guard word > Self.removed, let cell = Self.address(word) else { continue }
      let hash = heap.hash(Layout.key(of: cell))
      var index = Int(truncatingIfNeeded: hash) & mask
      while slots[index] != Self.empty { index = (index &+ 1) & mask }
      slots[index] = word
    }
    destroy(heap)
    self.slots = slots
    self.capacity = capacity
    used = self.count
  }

  /// The first slot with a cell from `start` on, going round; `nil` in an empty table.
  func slot(from start: Int) -> Int? {
    guard count > 0 else { return nil }
    var index = start & (capacity &- 1)
    while slots[index] <= Self.removed { index = (index &+ 1) & (capacity &- 1) }
    return index
  }
}
