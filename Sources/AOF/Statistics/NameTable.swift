import ByteKit
import CPrefetch

/// Counts by name, for as many names as a fixed memory takes.
///
/// Open addressing over hashes. Hashes, counts and names lie in memory of their own, so that the
/// caches hold what most touches read; of a long name the front is kept.
struct NameTable: ~Copyable {
  /// What is counted for a name.
  struct Counts: BitwiseCopyable {
    /// How often a command has touched it.
    var touches = 0
    /// Bytes of these commands, shared evenly where a command has several keys.
    var byteCount = 0
  }

  /// A name and what else is known of it.
  struct Name: BitwiseCopyable {
    /// Keys of the snapshot in front.
    var baseKeyCount = 0
    var database: Int32 = 0
    /// The name's whole length.
    var byteCount = 0
    /// Where its bytes are kept.
    fileprivate var offset = 0
  }

  /// All of one name.
  struct Entry {
    var hash: UInt64
    var counts: Counts
    var name: Name
  }

  /// Of a longer name this many bytes are kept.
  static let nameByteCountMax = 256

  private let slotCount: Int
  /// Beyond so many names room must be made.
  private let countMax: Int
  /// The hash in each slot, 0 in a free one.
  private let hashes: UnsafeMutablePointer<UInt64>
  /// By slot; they mean nothing in a free one.
  let counts: UnsafeMutablePointer<Counts>
  /// The same.
  let names: UnsafeMutablePointer<Name>
  /// The bytes of the names, one behind the other.
  private var text: UnsafeMutableRawPointer
  private var textCapacity = 1 << 12
  private var textByteCount = 0
  private(set) var count = 0

  /// - Parameter slotCount: a power of two; three quarters of the slots are used.
  init(slotCount: Int) {
    self.slotCount = slotCount
    countMax = slotCount / 4 * 3
    hashes = .allocate(capacity: slotCount)
    hashes.initialize(repeating: 0, count: slotCount)
    counts = .allocate(capacity: slotCount)
    counts.initialize(repeating: Counts(), count: slotCount)
    names = .allocate(capacity: slotCount)
    names.initialize(repeating: Name(), count: slotCount)
    text = .allocate(byteCount: textCapacity, alignment: 16)
  }

  deinit {
    hashes.deallocate()
    counts.deallocate()
    names.deallocate()
    text.deallocate()
  }

  /// Whether the next new name has no room.
  var isFull: Bool { count >= countMax }

  /// Has the processor fetch the place where `hash` is.
  @inline(__always)
  func prefetch(_ hash: UInt64) {
    redisops_prefetch(hashes + home(hash))
    redisops_prefetch(counts + home(hash))
  }

  /// The slot of `hash`, if it has one.
  @inline(__always)
  func find(_ hash: UInt64) -> Int? {
    let slot = place(hash)
    return hashes[slot] == hash ? slot : nil
  }

  /// Puts a new name in; there has to be room.
  ///
  /// - Parameter hash: not 0.
  /// - Returns: its slot.
  mutating func insert(
    _ hash: UInt64, _ name: UnsafeRawBufferPointer, database: Int, _ counts: Counts
  ) -> Int {
    let kept = UnsafeRawBufferPointer(rebasing: name.prefix(Self.nameByteCountMax))
    return put(
      hash, counts,
      Name(
        database: Int32(truncatingIfNeeded: database), byteCount: name.count,
        offset: append(kept)))
  }

  /// Keeps the bytes of a name; where they are.
  private mutating func append(_ bytes: UnsafeRawBufferPointer) -> Int {
    let offset = textByteCount
    if offset + bytes.count > textCapacity {
      textCapacity *= 2
      let larger = UnsafeMutableRawPointer.allocate(byteCount: textCapacity, alignment: 16)
      larger.copyMemory(from: text, byteCount: offset)
      text.deallocate()
      text = larger
    }
    if let start = bytes.baseAddress {
      (text + offset).copyMemory(from: start, byteCount: bytes.count)
    }
    textByteCount = offset + bytes.count
    return offset
  }

  @inline(__always)
  private mutating func put(_ hash: UInt64, _ counts: Counts, _ name: Name) -> Int {
    let slot = place(hash)
    hashes[slot] = hash
    self.counts[slot] = counts
    names[slot] = name
    count &+= 1
    return slot
  }

  @inline(__always)
  private func home(_ hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash &>> 20) & (slotCount &- 1)
  }

  /// The slot of `hash`, or the free one where it belongs.
  @inline(__always)
  private func place(_ hash: UInt64) -> Int {
    var slot = home(hash)
    while hashes[slot] != 0, hashes[slot] != hash { slot = (slot &+ 1) & (slotCount &- 1) }
    return slot
  }

  /// A value that about half of the entries exceed, by a sample.
  func median(_ measure: (Entry) -> Int) -> Int {
    var sample: [Int] = []
    let step = max(1, slotCount / 512)
    for slot in stride(from: 0, to: slotCount, by: step) where hashes[slot] != 0 {
      sample.append(measure(entry(slot)))
    }
    sample.sort()
    return sample.isEmpty ? 0 : sample[sample.count / 2]
  }

  /// Keeps the entries for which `isKept` says so, as it leaves them.
  mutating func retain(where isKept: (inout Entry) -> Bool) {
    var kept: [Entry] = []
    kept.reserveCapacity(count)
    for slot in 0..<slotCount where hashes[slot] != 0 {
      var entry = entry(slot)
      if isKept(&entry) { kept.append(entry) }
    }
    hashes.update(repeating: 0, count: slotCount)
    count = 0
    let old = text
    text = .allocate(byteCount: textCapacity, alignment: 16)
    textByteCount = 0
    for var entry in kept {
      entry.name.offset = append(Self.bytes(of: entry.name, in: old))
      _ = put(entry.hash, entry.counts, entry.name)
    }
    old.deallocate()
  }

  private static func bytes(
    of name: Name, in text: UnsafeMutableRawPointer
  ) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: text + name.offset, count: min(name.byteCount, nameByteCountMax))
  }

  private func entry(_ slot: Int) -> Entry {
    Entry(hash: hashes[slot], counts: counts[slot], name: names[slot])
  }

  /// All entries, in no order.
  var entries: [Entry] {
    var entries: [Entry] = []
    entries.reserveCapacity(count)
    for slot in 0..<slotCount where hashes[slot] != 0 { entries.append(entry(slot)) }
    return entries
  }

  /// The front of an entry's name.
  func bytes(of entry: Entry) -> [UInt8] { Array(Self.bytes(of: entry.name, in: text)) }
}
