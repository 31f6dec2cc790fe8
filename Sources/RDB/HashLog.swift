import ByteKit
import RedisCodecs

/// Finds what stands twice among any number of keys or elements, within a budget of memory.
///
/// Each leaves an entry of 24 bytes: 128 bits of keyed hash and where it stands. Entries stay in
/// memory up to the budget; beyond, runs of them go to an unlinked temporary file, ordered by the
/// first eight bits of the hash, and are looked at one part of 256 after the other at the end. Equal
/// 128 bits are a duplicate.
struct HashLog: ~Copyable {
  /// What one key or element leaves.
  struct Entry: BitwiseCopyable {
    var high: UInt64
    var low: UInt64
    /// An offset in the file, or a number in order.
    var place: Int

    @inline(__always)
    init(_ hash: KeyedHash.Value, place: Int) {
      high = hash.high
      low = hash.low
      self.place = place
    }
  }

  /// Two entries with the same hash.
  struct Duplicate: Equatable {
    var first: Int
    var second: Int
  }

  /// The parts that a run is ordered by.
  private static let partCount = 256
  /// Entries that a look-up table of the second-level cache covers.
  private static let bucketEntryCount = 4096
  /// The least that is kept in memory, entries.
  private static let entryCountMin = 1024

  private let entryCountMax: Int
  private var entries: [Entry] = []
  private var file: TemporaryRuns?
  /// The duplicates kept for the report.
  private let duplicateCountMax = 100

  /// Why the temporary file could not be used, an error number.
  private(set) var failure: Int32?
  /// Entries in all.
  private(set) var count = 0

  /// - Parameter memoryByteCountMax: the budget; the look-up at the end needs some more.
  init(memoryByteCountMax: Int) {
    entryCountMax = max(
      Self.entryCountMin, memoryByteCountMax / MemoryLayout<Entry>.stride)
  }

  /// Adds an entry.
  @inline(__always)
  mutating func append(_ entry: Entry) {
    entries.append(entry)
    count &+= 1
    if entries.count >= entryCountMax { spill() }
  }

  /// Adds entries as they lie in memory.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    bytes.withMemoryRebound(to: Entry.self) { more in
      // All at once: pages cost nothing before they are written, and growing would copy them.
      if entries.isEmpty { entries.reserveCapacity(entryCountMax + more.count) }
      entries.append(contentsOf: more)
      count += more.count
    }
    if entries.count >= entryCountMax { spill() }
  }

  private mutating func spill() {
    guard failure == nil else { return entries.removeAll(keepingCapacity: true) }
    if file == nil { file = TemporaryRuns(partCount: Self.partCount) }
    Self.order(&entries, shift: 56, buckets: Self.partCount)
    file?.append(entries) { Int($0.high >> 56) }
    failure = file?.failure
    entries.removeAll(keepingCapacity: true)
  }

  /// Everything that stands twice, in order of the second place, at most a hundred; forgets all.
  mutating func finish() -> [Duplicate] {
    var found: [Duplicate] = []
    if file != nil {
      spill()
      var part: [Entry] = []
      for index in 0..<Self.partCount {
        findInPart(index, &part, &found)
      }
      failure = failure ?? file?.failure
      file = nil
    } else {
      Self.find(&entries, shift: 64, &found)
    }
    entries.removeAll()
    count = 0
    found.sort { $0.second < $1.second }
    return Array(found.prefix(duplicateCountMax))
  }

  /// Looks at one part, in as many slices as the budget wants.
  private mutating func findInPart(
    _ index: Int, _ part: inout [Entry], _ found: inout [Duplicate]
  ) {
    let entryCount = file?.entryCount(ofPart: index) ?? 0
    let slices = (entryCount + entryCountMax - 1) / entryCountMax
    let sliceBits = slices <= 1 ? 0 : UInt64.bitWidth - (slices - 1).leadingZeroBitCount
    for slice in 0..<UInt64(1 << sliceBits) {
      part.removeAll(keepingCapacity: true)
      file?.read(part: index) { run in
        for entry in run where sliceBits == 0 || (entry.high << 8) >> UInt64(64 - sliceBits) == slice {
          part.append(entry)
        }
      }
      Self.find(&part, shift: 56, &found)
    }
  }

  /// Finds equal entries; they share all bits above `shift`.
  private static func find(
    _ entries: inout [Entry], shift: Int, _ found: inout [Duplicate]
  ) {
    guard entries.count > 1 else { return }
    let wanted = max(1, entries.count / bucketEntryCount)
    let bits = min(16, Int.bitWidth - wanted.leadingZeroBitCount)
    let starts = order(&entries, shift: shift - bits, buckets: 1 << bits)
    var table = HashIndex()
    entries.withUnsafeBufferPointer { entries in
      for bucket in 0..<(1 << bits) {
        let range = starts[bucket]..<starts[bucket + 1]
        table.reset(count: range.count)
        for index in range {
          let entry = entries[index]
          if let other = table.insert(entry.high, index, isEqual: {
            entries[$0].high == entry.high && entries[$0].low == entry.low
          }) {
            let places = [entries[other].place, entry.place]
            found.append(
              Duplicate(first: min(places[0], places[1]), second: max(places[0], places[1])))
          }
        }
      }
    }
  }

  /// Orders entries by the bits of the hash from `shift` up, in place; says where buckets start.
  ///
  /// Each entry is swapped to its bucket's next free place (an American flag sort).
  @discardableResult
  private static func order(_ entries: inout [Entry], shift: Int, buckets: Int) -> [Int] {
    let mask = UInt64(buckets - 1)
    var starts = [Int](repeating: 0, count: buckets + 1)
    return entries.withUnsafeMutableBufferPointer { entries in
      for entry in entries { starts[Int(entry.high >> UInt64(shift) & mask) + 1] += 1 }
      for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
      var free = starts
      for bucket in 0..<buckets {
        while free[bucket] < starts[bucket + 1] {
          var entry = entries[free[bucket]]
          var home = Int(entry.high >> UInt64(shift) & mask)
          while home != bucket {
            swap(&entry, &entries[free[home]])
            free[home] += 1
            home = Int(entry.high >> UInt64(shift) & mask)
          }
          entries[free[bucket]] = entry
          free[bucket] += 1
        }
      }
      return starts
    }
  }
}
