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
  private var hashes: [KeyedHash.Value] = []
  private var table = HashIndex()
  private var log: HashLog?
  private var count = 0
  /// The element that was found to stand twice first: its number, from 1.
  private(set) var duplicate: Int?
  /// Why the temporary file could not be used, an error number.
  private(set) var failure: Int32?

  init(hash: KeyedHash, memoryByteCountMax: Int) {
    self.hash = hash
    self.memoryByteCountMax = memoryByteCountMax
    hashes.reserveCapacity(Self.searchCountMax)
  }

  /// Begins another collection.
  @inline(__always)
  mutating func begin() {
    if count > 0 { hashes.removeAll(keepingCapacity: true) }
    count = 0
    duplicate = nil
  }

  /// Takes the next element.
  @inline(__always)
  mutating func insert(_ element: Element, space: UInt64 = 0) {
    let value = element.withBytes { hash.hash($0, space: space) }
    count &+= 1
    if count <= Self.searchCountMax {
      if hashes.contains(value) { found() }
      hashes.append(value)
    } else {
      insertMany(value)
    }
  }

  private mutating func found() { duplicate = duplicate ?? count }

  private mutating func insertMany(_ value: KeyedHash.Value) {
    if count > Self.tableCountMax {
      insertInLog(value)
      return
    }
    if count == Self.searchCountMax + 1 || hashes.count.nonzeroBitCount == 1 { rebuildTable() }
    let index = hashes.count
    hashes.append(value)
    let hashes = self.hashes
    if table.insert(value.high, index, isEqual: { hashes[$0] == value }) != nil { found() }
  }

  /// Makes the table large enough for twice as many elements as there are.
  private mutating func rebuildTable() {
    table.reset(count: max(32, 2 * hashes.count))
    for index in hashes.indices {
      let value = hashes[index]
      _ = table.insert(value.high, index, isEqual: { hashes[$0] == value })
    }
  }

  private mutating func insertInLog(_ value: KeyedHash.Value) {
    if log == nil {
      var log = HashLog(memoryByteCountMax: memoryByteCountMax)
      for (index, value) in hashes.enumerated() {
        log.append(HashLog.Entry(value, place: index + 1))
      }
      self.log = consume log
    }
    log?.append(HashLog.Entry(value, place: count))
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
    if let first = log.finish().first { duplicate = min(duplicate ?? .max, first.second) }
    failure = failure ?? log.failure
  }
}
