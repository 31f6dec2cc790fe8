import ByteKit
import RedisModel

/// The pending list (PEL) of one consumer group, which the file states before its consumers.
///
/// Entries wait here until each consumer has claimed its own; 16 MiB of them in memory, the rest in
/// a temporary file (`SpillArena`).
struct PendingTable: ~Copyable {
  /// One entry: 40 bytes.
  struct Entry: BitwiseCopyable {
    var id: StreamIDBits
    var deliveredAtMs: Int64
    var deliveryCount: UInt64
    /// Index of the consumer, or one of the marks.
    var owner: Int
  }

  /// A stream id as two words.
  struct StreamIDBits: BitwiseCopyable {
    var milliseconds: UInt64
    var sequence: UInt64

    init(_ id: StreamID) {
      milliseconds = id.milliseconds
      sequence = id.sequence
    }

    var id: StreamID { StreamID(milliseconds: milliseconds, sequence: sequence) }
  }

  /// Nobody has claimed the entry.
  static let unowned = -1
  /// The entry stands in the NACK zone.
  static let nack = -2

  private var arena = SpillArena()
  private var names = SpillArena()
  private var nameEnds: [Int] = []
  private var isSorted = true

  /// The number of entries.
  var count: Int { arena.count / MemoryLayout<Entry>.stride }
  /// Why the temporary file could not be used, an error number.
  var failure: Int32? { arena.failure ?? names.failure }

  /// Forgets the last group.
  mutating func removeAll() {
    arena.removeAll()
    names.removeAll()
    nameEnds.removeAll(keepingCapacity: true)
    isSorted = true
  }

  private var entries: UnsafeMutableBufferPointer<Entry> {
    UnsafeMutableRawBufferPointer(start: arena.base, count: arena.count).bindMemory(to: Entry.self)
  }

  /// Adds an entry of the group's list.
  mutating func append(_ id: StreamID, deliveredAtMs: Int64, deliveryCount: UInt64) {
    if isSorted, let last = entries.last, !(last.id.id < id) { isSorted = false }
    arena.append(
      value: Entry(
        id: StreamIDBits(id), deliveredAtMs: deliveredAtMs, deliveryCount: deliveryCount,
        owner: Self.unowned))
  }

  /// Adds a consumer; its index is the next.
  mutating func appendConsumer(_ name: UnsafeRawBufferPointer) {
    names.append(name)
    nameEnds.append(names.count)
  }

  /// The name of the consumer at `index`.
  func consumerName(_ index: Int) -> UnsafeRawBufferPointer {
    let start = index == 0 ? 0 : nameEnds[index - 1]
    return UnsafeRawBufferPointer(rebasing: names.bytes[start..<nameEnds[index]])
  }

  /// Makes look-up possible; says whether an id stands twice.
  mutating func sortAndFindDuplicate() -> StreamID? {
    guard !isSorted else { return nil }
    var entries = self.entries
    entries.sort { $0.id.id < $1.id.id }
    isSorted = true
    for index in 1..<max(1, entries.count) where entries[index].id.id == entries[index - 1].id.id {
      return entries[index].id.id
    }
    return nil
  }

  /// The result of giving an entry to an owner.
  enum Claim { case done, absent, taken }

  /// Gives the entry of `id` to `owner`.
  mutating func claim(_ id: StreamID, by owner: Int) -> Claim {
    let entries = self.entries
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low &+ high) >> 1
      if entries[middle].id.id < id { low = middle &+ 1 } else { high = middle }
    }
    guard low < entries.count, entries[low].id.id == id else { return .absent }
    guard entries[low].owner == Self.unowned else { return .taken }
    entries[low].owner = owner
    return .done
  }

  /// The entry at `index`, in order of ids.
  subscript(index: Int) -> Entry { entries[index] }
}
