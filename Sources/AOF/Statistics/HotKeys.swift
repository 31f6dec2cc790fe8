/// The keys that commands touch most often, in bounded memory.
///
/// Counters as of Misra and Gries: when they are used up, all are lowered by about their median,
/// and those that reach zero make room. A count is at most `error` below the truth, never above.
public struct HotKeys: ~Copyable {
  /// One of them.
  public struct Entry: Equatable, Sendable {
    /// The database.
    public var database: Int
    /// The key's bytes; of a long one the first 256.
    public var key: [UInt8]
    /// How many bytes the key has.
    public var keyByteCount: Int
    /// At least so often.
    public var touches: Int
    /// Bytes of these commands, at least.
    public var byteCount: Int
  }

  /// Places for counters: 896 KiB, and up to 3 MiB of names.
  private static let slotCount = 1 << 14

  private var table = NameTable(slotCount: Self.slotCount)
  /// How many touches of a key may have gone uncounted; 0 says that all counts are exact.
  public private(set) var error = 0

  /// Says that the key of this hash is going to be counted soon.
  @inline(__always)
  func prefetch(_ hash: UInt64) { table.prefetch(hash) }

  /// Counts a touch of the key of this hash.
  @inline(__always)
  mutating func add(
    _ hash: UInt64, _ key: UnsafeRawBufferPointer, database: Int, byteCount: Int
  ) {
    guard let slot = table.find(hash) else { return insert(hash, key, database, byteCount) }
    table.counts[slot].touches &+= 1
    table.counts[slot].byteCount &+= byteCount
  }

  @inline(never)
  private mutating func insert(
    _ hash: UInt64, _ key: UnsafeRawBufferPointer, _ database: Int, _ byteCount: Int
  ) {
    if table.isFull {
      let lowered = max(1, table.median(\.counts.touches))
      error += lowered
      table.retain {
        $0.counts.touches -= lowered
        return $0.counts.touches > 0
      }
    }
    _ = table.insert(hash, key, database: database, .init(touches: 1, byteCount: byteCount))
  }

  /// The hottest keys, at most `count`, in falling order.
  public func top(_ count: Int) -> [Entry] {
    table.entries.sorted {
      ($0.counts.touches, $1.hash) > ($1.counts.touches, $0.hash)
    }.prefix(count).map {
      Entry(
        database: Int($0.name.database), key: table.bytes(of: $0),
        keyByteCount: $0.name.byteCount, touches: $0.counts.touches,
        byteCount: $0.counts.byteCount)
    }
  }
}
