import RedisModel

/// A consumer: `i64 seen, i64 active, u64 pending, u32 unused, u32 count, name`.
enum ConsumerCell: CellLayout {
  /// Where the name begins.
  static let keyOffset = 32

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ key(of: cell).count
  }

  /// What is said of a consumer besides its name.
  struct Facts: BitwiseCopyable {
    /// When it was last seen, Unix milliseconds.
    var seenMs: Int64
    /// When it last got or claimed an entry, Unix milliseconds; -1 for never.
    var activeMs: Int64
    /// Entries that it has to acknowledge.
    var pendingCount: Int
  }

  /// What is said of the consumer.
  static func facts(_ cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<Facts> {
    cell.assumingMemoryBound(to: Facts.self)
  }

  /// A new consumer.
  static func make(_ name: Bytes, seenMs: Int64, _ heap: Heap) -> UnsafeMutableRawPointer {
    let cell = heap.allocate(keyOffset &+ name.count)
    cell.bindMemory(to: Facts.self, capacity: 1)
      .initialize(to: Facts(seenMs: seenMs, activeMs: -1, pendingCount: 0))
    setKey(name, of: cell)
    return cell
  }
}

/// An entry that a consumer has to acknowledge.
struct PendingEntry: SortedEntry {
  /// The entry's id; the entry may be gone.
  var id: StreamID
  /// The owner's cell.
  var consumer: UnsafeMutableRawPointer
  /// When it was last delivered, Unix milliseconds.
  var deliveredMs: Int64
  /// How often it was delivered.
  var deliveryCount: Int64

  /// By id.
  @inline(__always)
  static func precedes(_ left: PendingEntry, _ right: PendingEntry) -> Bool { left.id < right.id }
}

/// A consumer group: where it stands, its consumers and their pending entries.
struct ConsumerGroup: HeapObject {
  /// Of `entriesRead`: not known.
  static let unknownCount: Int64 = -1

  /// The last id delivered.
  var lastID: StreamID
  /// Entries read so far; `unknownCount` where that is not known.
  var entriesRead: Int64
  /// The consumers.
  var consumers: CellTable<ConsumerCell>
  /// All pending entries, by id.
  var pending: SortedBlocks<PendingEntry>
  /// The owner of pending entries that have none (the NACK zone of Redis 8.8): a consumer without a
  /// name that is not among `consumers`; `nil` where there never were such entries.
  var nobody: UnsafeMutableRawPointer?

  /// A group without consumers.
  init(lastID: StreamID, entriesRead: Int64, _ heap: Heap) {
    self.lastID = lastID
    self.entriesRead = entriesRead
    consumers = CellTable(heap)
    pending = SortedBlocks(heap)
  }

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    for slot in 0..<consumers.capacity {
      guard let cell = consumers.cell(at: slot) else { continue }
      heap.deallocate(cell, ConsumerCell.byteCount(of: cell))
    }
    if let nobody { heap.deallocate(nobody, ConsumerCell.byteCount(of: nobody)) }
    consumers.destroy(heap)
    pending.destroy(heap)
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> UnsafeMutableRawPointer {
    var copy = ConsumerGroup(lastID: lastID, entriesRead: entriesRead, heap)
    for slot in 0..<consumers.capacity {
      guard let cell = consumers.cell(at: slot) else { continue }
      let new = copy.makeConsumer(ConsumerCell.key(of: cell), seenMs: 0, heap)
      ConsumerCell.facts(new).pointee = ConsumerCell.facts(cell).pointee
    }
    var place = pending.start
    while var entry = pending.entry(at: place) {
      if entry.consumer == nobody {
        entry.consumer = copy.makeNobody(heap)
        ConsumerCell.facts(entry.consumer).pointee.pendingCount += 1
        copy.pending.insert(entry, heap)
      } else if let owner = copy.consumer(ConsumerCell.key(of: entry.consumer), heap) {
        entry.consumer = owner
        copy.pending.insert(entry, heap)
      }
      place = pending.next(place)
    }
    return copy.allocate(heap)
  }

  /// The owner of entries that have none.
  mutating func makeNobody(_ heap: Heap) -> UnsafeMutableRawPointer {
    if let nobody { return nobody }
    let cell = ConsumerCell.make(Bytes(start: nil, count: 0), seenMs: 0, heap)
    nobody = cell
    return cell
  }

  /// A consumer's cell; `nil` where there is none of that name.
  func consumer(_ name: Bytes, _ heap: Heap) -> UnsafeMutableRawPointer? {
    consumers.find(name, hash: heap.hash(name)).flatMap { consumers.cell(at: $0) }
  }

  /// A new consumer, whose name is not taken.
  mutating func makeConsumer(
    _ name: Bytes, seenMs: Int64, _ heap: Heap
  ) -> UnsafeMutableRawPointer {
    let cell = ConsumerCell.make(name, seenMs: seenMs, heap)
    consumers.insert(cell, hash: heap.hash(name), heap)
    return cell
  }

  /// Takes a consumer and its pending entries out.
  ///
  /// - Returns: how many entries those were.
  mutating func removeConsumer(_ cell: UnsafeMutableRawPointer, _ heap: Heap) -> Int {
    let removed = ConsumerCell.facts(cell).pointee.pendingCount
    var place = pending.start
    while let entry = pending.entry(at: place) {
      if entry.consumer == cell {
        let next = entry.id
        pending.remove(at: place, heap)
        place = pending.firstPosition { $0.id < next }
      } else {
        place = pending.next(place)
      }
    }
    let name = ConsumerCell.key(of: cell)
    if let slot = consumers.find(name, hash: heap.hash(name)) { consumers.remove(at: slot) }
    heap.deallocate(cell, ConsumerCell.byteCount(of: cell))
    return removed
  }

  /// The pending entry of an id, and its place.
  func pendingEntry(_ id: StreamID) -> (PendingEntry, SortedBlocks<PendingEntry>.Position)? {
    let place = pending.firstPosition { $0.id < id }
    guard let entry = pending.entry(at: place), entry.id == id else { return nil }
    return (entry, place)
  }

  /// Takes a pending entry out.
  ///
  /// - Returns: whether it was there.
  mutating func acknowledge(_ id: StreamID, _ heap: Heap) -> Bool {
    guard let (entry, place) = pendingEntry(id) else { return false }
    ConsumerCell.facts(entry.consumer).pointee.pendingCount -= 1
    pending.remove(at: place, heap)
    return true
  }

  /// Puts a pending entry in, or in the place of the one with its id.
  mutating func setPending(_ entry: PendingEntry, _ heap: Heap) {
    if let (old, place) = pendingEntry(entry.id) {
      ConsumerCell.facts(old.consumer).pointee.pendingCount -= 1
      pending.replace(at: place, by: entry)
    } else {
      pending.insert(entry, heap)
    }
    ConsumerCell.facts(entry.consumer).pointee.pendingCount += 1
  }
}

/// A group's name and where it is: `u64 address, u32 unused, u32 count, name`.
enum GroupCell: CellLayout {
  /// Where the name begins.
  static let keyOffset = 16

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ key(of: cell).count
  }

  /// The group.
  static func group(_ cell: UnsafeMutableRawPointer) -> UnsafeMutablePointer<ConsumerGroup> {
    ConsumerGroup.at(cell.load(as: UnsafeMutableRawPointer.self))
  }

  /// A new cell.
  static func make(
    _ name: Bytes, _ group: UnsafeMutableRawPointer, _ heap: Heap
  ) -> UnsafeMutableRawPointer {
    let cell = heap.allocate(keyOffset &+ name.count)
    cell.storeBytes(of: group, as: UnsafeMutableRawPointer.self)
    setKey(name, of: cell)
    return cell
  }
}
