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

  /// Places for counters: 768 KiB, and up to 3 MiB of names.
  private static let slotCount = 1 << 14

  private var table = NameTable(slotCount: Self.slotCount)
  /// How many touches of a key may have gone uncounted; 0 says that all counts are exact.
  public private(set) var error = 0

  /// Counts a touch of the key of this hash.
  @inline(__always)
  mutating func add(
    _ hash: UInt64, _ key: UnsafeRawBufferPointer, database: Int, byteCount: Int
  ) {
    let entry = table.find(hash) ?? insert(hash, key, database)
    entry.pointee.touches &+= 1
    entry.pointee.byteCount &+= byteCount
  }

  @inline(never)
  private mutating func insert(
    _ hash: UInt64, _ key: UnsafeRawBufferPointer, _ database: Int
  ) -> UnsafeMutablePointer<NameTable.Entry> {
    if table.isFull {
      let lowered = max(1, table.median(\.touches))
      error += lowered
      table.retain {
        $0.touches -= lowered
        return $0.touches > 0
      }
    }
    return table.insert(hash, key, database: database)
  }

  /// The hottest keys, at most `count`, in falling order.
  public func top(_ count: Int) -> [Entry] {
    table.entries.sorted { ($0.touches, $1.hash) > ($1.touches, $0.hash) }.prefix(count).map {
      Entry(
        database: Int($0.database), key: table.name(of: $0), keyByteCount: $0.nameByteCount,
        touches: $0.touches, byteCount: $0.byteCount)
    }
  }
}
