import ByteKit
import RedisCodecs

/// Tells whether a member or field stands twice in one collection, whatever its size.
///
/// Up to `tableCountMax` elements a table says so at once; beyond, the elements go to a `HashLog`,
/// which says so at the end.
struct DuplicateFinder: ~Copyable {
  /// Elements that are looked up in the table: as many as fit the caches.
  private static let tableCountMax = 1 << 16
  /// Elements among which a plain search is quicker than the table.
  private static let searchCountMax = 8

  private let hash: KeyedHash
  private let memoryByteCountMax: Int
  private let hashes = UnsafeMutableBufferPointer<KeyedHash.Value>.allocate(
    capacity: tableCountMax)
  private var table = HashIndex()
  private var tableRoom = 0
  private var log: HashLog<PlacedHash>?
  private var count = 0
  /// The element that was found to stand twice first: its number, from 1.
  private var duplicate: Int?
  /// Why the temporary file could not be used, an error number.
  private(set) var failure: Int32?

  init(hash: KeyedHash, memoryByteCountMax: Int) {
    self.hash = hash
    self.memoryByteCountMax = memoryByteCountMax
  }

  deinit { hashes.deallocate() }

  /// Begins another collection.
  @inline(__always)
  mutating func begin() {
    count = 0
    duplicate = nil
  }

  /// Takes the next element.
  @inline(__always)
  mutating func insert(_ element: Element, space: UInt64 = 0) {
    let value = element.withBytes { hash.hash($0, space: space) }
    if count < Self.searchCountMax {
      var index = 0
      while index < count {
        if hashes[index] == value { found() }
        index &+= 1
      }
      hashes[count] = value
      count &+= 1
    } else {
      insertMany(value)
    }
  }

  @inline(never)
  private mutating func found() { duplicate = duplicate ?? count + 1 }

  private mutating func insertMany(_ value: KeyedHash.Value) {
    if count >= Self.tableCountMax { return insertInLog(value) }
    if count == Self.searchCountMax || count == tableRoom { rebuildTable() }
    let hashes = self.hashes
    hashes[count] = value
    if table.insert(value.high, count, isEqual: { hashes[$0] == value }) != nil { found() }
    count &+= 1
  }

  /// Makes the table large enough for four times as many elements as there are.
  private mutating func rebuildTable() {
    tableRoom = 4 * count
    table.reset(count: tableRoom)
    let hashes = self.hashes
    for index in 0..<count {
      let value = hashes[index]
      _ = table.insert(value.high, index, isEqual: { hashes[$0] == value })
    }
  }

  private mutating func insertInLog(_ value: KeyedHash.Value) {
    if log == nil {
      var log = HashLog<PlacedHash>(memoryByteCountMax: memoryByteCountMax)
      for index in 0..<count { log.append(PlacedHash(hashes[index], place: index + 1)) }
      self.log = consume log
    }
    count &+= 1
    log?.append(PlacedHash(value, place: count))
  }

  /// Ends the collection: the number of the first element found to stand twice, from 1.
  @inline(__always)
  mutating func finish() -> Int? {
    if count > Self.tableCountMax { finishLog() }
    return duplicate
  }

  @inline(never)
  private mutating func finishLog() {
    guard var log = log.take() else { return }
    var earliest = duplicate ?? .max
    log.finish { _, second in earliest = min(earliest, second.place) }
    duplicate = earliest == .max ? nil : earliest
    failure = failure ?? log.failure
  }
}
