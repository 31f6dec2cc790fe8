/// What was written to the keys of each prefix, in bounded memory.
///
/// When there are more prefixes than places, the smaller half goes into `others`: the sum of all
/// stays exact, and the counts of those that stay are exact unless one had gone before.
public struct PrefixTallies: ~Copyable {
  /// One prefix.
  public struct Entry: Equatable, Sendable {
    /// The prefix with its delimiter; empty for keys without one.
    public var prefix: [UInt8]
    /// How many bytes the prefix has; more than are kept of a very long one.
    public var prefixByteCount: Int
    /// How often a command has touched a key.
    public var touches: Int
    /// Bytes of these commands.
    public var byteCount: Int
    /// Keys in the snapshot in front.
    public var baseKeyCount: Int
  }

  private static let slotCount = 1 << 14

  private var table = NameTable(slotCount: Self.slotCount)
  private let depth: Int
  /// One flag for each byte.
  private let isDelimiter: [Bool]
  /// The prefixes that made room for others, together.
  public private(set) var others = Entry(
    prefix: [], prefixByteCount: 0, touches: 0, byteCount: 0, baseKeyCount: 0)
  /// Whether any prefix had to make room.
  public private(set) var isComplete = true

  /// - Parameters:
  ///   - delimiters: bytes that end a part of a key.
  ///   - depth: how many parts make a prefix, at least 1.
  init(delimiters: [UInt8], depth: Int) {
    self.depth = max(1, depth)
    var flags = [Bool](repeating: false, count: 256)
    for byte in delimiters { flags[Int(byte)] = true }
    isDelimiter = flags
  }

  /// The prefix of a key: as many parts as there are, at most `depth`.
  @inline(__always)
  func prefix(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var end = 0
    var left = depth
    for index in 0..<key.count where isDelimiter[Int(key[index])] {
      end = index &+ 1
      left &-= 1
      if left == 0 { break }
    }
    return UnsafeRawBufferPointer(rebasing: key[..<end])
  }

  /// Counts a touch of a key of `prefix`, whose hash is `hash`.
  @inline(__always)
  mutating func add(_ hash: UInt64, _ prefix: UnsafeRawBufferPointer, byteCount: Int) {
    let slot = table.find(hash) ?? insert(hash, prefix)
    table.counts[slot].touches &+= 1
    table.counts[slot].byteCount &+= byteCount
  }

  /// Counts a key of a snapshot in front.
  mutating func addBaseKey(_ hash: UInt64, _ prefix: UnsafeRawBufferPointer) {
    let slot = table.find(hash) ?? insert(hash, prefix)
    table.names[slot].baseKeyCount &+= 1
  }

  @inline(never)
  private mutating func insert(_ hash: UInt64, _ prefix: UnsafeRawBufferPointer) -> Int {
    if table.isFull { makeRoom() }
    return table.insert(hash, prefix, database: 0, .init())
  }

  private mutating func makeRoom() {
    isComplete = false
    let size = { (entry: NameTable.Entry) in
      entry.counts.byteCount &+ entry.name.baseKeyCount
    }
    let median = table.median(size)
    var dropped = others
    // Of many that are alike, every other one stays.
    var keepsNext = false
    table.retain { entry in
      if size(entry) > median { return true }
      if size(entry) == median {
        keepsNext.toggle()
        if keepsNext { return true }
      }
      dropped.touches += entry.counts.touches
      dropped.byteCount += entry.counts.byteCount
      dropped.baseKeyCount += entry.name.baseKeyCount
      return false
    }
    others = dropped
  }

  /// All prefixes, the one with the most bytes first.
  public var sorted: [Entry] {
    table.entries.map {
      Entry(
        prefix: table.bytes(of: $0), prefixByteCount: $0.name.byteCount,
        touches: $0.counts.touches, byteCount: $0.counts.byteCount,
        baseKeyCount: $0.name.baseKeyCount)
    }.sorted {
      if $0.byteCount != $1.byteCount { return $0.byteCount > $1.byteCount }
      return $0.prefix.lexicographicallyPrecedes($1.prefix)
    }
  }
}
