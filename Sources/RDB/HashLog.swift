import ByteKit
import RedisCodecs

/// What one key or element leaves in a `HashLog`.
protocol HashLogEntry: BitwiseCopyable {
  /// The part of the hash that entries are ordered by.
  var high: UInt64 { get }
  /// Whether the two are of the same key, as far as entries can tell.
  func isSame(as other: Self) -> Bool
}

/// Finds what stands twice among any number of keys or elements, within a budget of memory.
///
/// Entries stay in memory up to the budget; beyond, runs of them go to an unlinked temporary file,
/// ordered by the first eight bits of the hash, and are looked at one part of 256 after the other at
/// the end. Expected cost: 20 ns an entry in memory.
struct HashLog<Entry: HashLogEntry>: ~Copyable {
  /// Two entries that are the same.
  typealias Pair = (first: Entry, second: Entry)

  /// The parts that a run is ordered by.
  private static var partCount: Int { 256 }
  /// Entries that a look-up table of the second-level cache covers.
  private static var bucketEntryCount: Int { 2048 }
  /// The least that is kept in memory, entries.
  private static var entryCountMin: Int { 1024 }
  /// Pairs that are kept.
  private static var pairCountMax: Int { 100 }

  private let entryCountMax: Int
  private var entries: UnsafeMutableBufferPointer<Entry>
  private var count = 0
  private var file: TemporaryRuns<Entry>?

  /// Why the temporary file could not be used, an error number.
  private(set) var failure: Int32?

  /// - Parameter memoryByteCountMax: the budget; its pages cost nothing before they are written.
  init(memoryByteCountMax: Int) {
    entryCountMax = max(Self.entryCountMin, memoryByteCountMax / MemoryLayout<Entry>.stride)
    entries = .allocate(capacity: entryCountMax)
  }

  deinit { entries.deallocate() }

  /// Adds an entry.
  @inline(__always)
  mutating func append(_ entry: Entry) {
    if count == entryCountMax { spill() }
    entries[count] = entry
    count &+= 1
  }

  /// Adds entries as they lie in memory.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    bytes.withMemoryRebound(to: Entry.self) { more in
      for entry in more { append(entry) }
    }
  }

  private mutating func spill() {
    if file == nil { file = TemporaryRuns(partCount: Self.partCount) }
    let run = UnsafeMutableBufferPointer(rebasing: entries[..<count])
    Self.order(run, shift: 56, buckets: Self.partCount)
    file?.append(UnsafeBufferPointer(run)) { Int($0.high >> 56) }
    failure = failure ?? file?.failure
    count = 0
  }

  /// What stands twice, a hundred pairs at most; forgets all.
  mutating func finish() -> [Pair] {
    var found: [Pair] = []
    if file == nil {
      Self.find(UnsafeMutableBufferPointer(rebasing: entries[..<count]), shift: 64, &found)
    } else {
      spill()
      for index in 0..<Self.partCount { findInPart(index, &found) }
      failure = failure ?? file?.failure
      file = nil
    }
    count = 0
    return found
  }

  /// Looks at one part of the file, in as many slices as the budget wants.
  private mutating func findInPart(_ index: Int, _ found: inout [Pair]) {
    let entryCount = file?.entryCount(ofPart: index) ?? 0
    // Twice as many as fit on average, for slices are not of equal size.
    let slices = entryCount <= entryCountMax ? 1 : 2 * entryCount / entryCountMax + 1
    let sliceBits = slices <= 1 ? 0 : Int.bitWidth - (slices - 1).leadingZeroBitCount
    for slice in 0..<(1 << sliceBits) {
      var kept = 0
      let entries = self.entries
      file?.read(part: index) { run in
        for entry in run where kept < entries.count {
          guard sliceBits == 0 || Int((entry.high << 8) >> UInt64(64 - sliceBits)) == slice else {
            continue
          }
          entries[kept] = entry
          kept &+= 1
        }
      }
      Self.find(UnsafeMutableBufferPointer(rebasing: entries[..<kept]), shift: 56, &found)
    }
  }

  /// Finds entries that are the same; all share the bits of the hash above `shift`.
  private static func find(
    _ entries: UnsafeMutableBufferPointer<Entry>, shift: Int, _ found: inout [Pair]
  ) {
    guard entries.count > 1 else { return }
    let wanted = max(1, entries.count / bucketEntryCount)
    let bits = min(14, Int.bitWidth - wanted.leadingZeroBitCount)
    let starts = order(entries, shift: shift - bits, buckets: 1 << bits)
    var index = HashIndex()
    for bucket in 0..<(1 << bits) {
      let start = starts[bucket]
      let end = starts[bucket + 1]
      index.reset(count: end - start)
      var place = start
      while place < end {
        let entry = entries[place]
        let other = index.insert(entry.high, place &- start) {
          entries[start &+ $0].isSame(as: entry)
        }
        if let other, found.count < pairCountMax { found.append((entries[start + other], entry)) }
        place &+= 1
      }
    }
  }

  /// Orders entries by the bits of the hash from `shift` up, in place; says where buckets start.
  ///
  /// Each entry is swapped to its bucket's next free place (an American flag sort).
  @discardableResult
  private static func order(
    _ entries: UnsafeMutableBufferPointer<Entry>, shift: Int, buckets: Int
  ) -> [Int] {
    let mask = UInt64(buckets - 1)
    let shift = UInt64(shift)
    var starts = [Int](repeating: 0, count: buckets + 1)
    for entry in entries { starts[Int(entry.high >> shift & mask) + 1] += 1 }
    for bucket in 0..<buckets { starts[bucket + 1] += starts[bucket] }
    var free = starts
    free.withUnsafeMutableBufferPointer { free in
      for bucket in 0..<buckets {
        let end = starts[bucket + 1]
        while free[bucket] < end {
          var entry = entries[free[bucket]]
          var home = Int(entry.high >> shift & mask)
          while home != bucket {
            swap(&entry, &entries[free[home]])
            free[home] &+= 1
            home = Int(entry.high >> shift & mask)
          }
          entries[free[bucket]] = entry
          free[bucket] &+= 1
        }
      }
    }
    return starts
  }
}
