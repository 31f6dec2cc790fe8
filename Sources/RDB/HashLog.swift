import ByteKit
import RedisCodecs

/// What one key or element leaves in a `HashLog`.
protocol HashLogEntry: BitwiseCopyable {
  /// The part of the hash that entries are ordered by.
  var high: UInt64 { get }
  /// What tells which of two that are the same came first; 0 where that is not known.
  var place: Int { get }
  /// Whether the two are of the same key, as far as entries can tell.
  func isSame(as other: Self) -> Bool
}

/// Finds what stands twice among any number of keys or elements, within a budget of memory.
///
/// Entries are dealt to 64 parts by the first bits of their hash: few enough to write to at once,
/// and each small enough for the second-level cache when it is looked at. When a part is full all
/// of them go to an unlinked temporary file, from which each is read back as a whole at the end.
/// Expected cost: 10 ns an entry in memory.
struct HashLog<Entry: HashLogEntry>: ~Copyable {
  /// Takes an entry and a later one that is the same.
  typealias Report = (_ first: Entry, _ second: Entry) -> Void

  private static var partBits: Int { 6 }
  private static var partCount: Int { 1 << partBits }
  /// Entries that a look-up table of the first-level cache covers.
  private static var bucketEntryCount: Int { 2048 }
  /// The least that a part holds in memory, entries.
  private static var partEntryCountMin: Int { 64 }

  private let partEntryCountMax: Int
  private let entries: UnsafeMutablePointer<Entry>
  private let counts: UnsafeMutablePointer<Int>
  private var file: TemporaryRuns<Entry>?

  /// Why the temporary file could not be used, an error number.
  private(set) var failure: Int32?

  /// - Parameter memoryByteCountMax: the budget; its pages cost nothing before they are written.
  init(memoryByteCountMax: Int) {
    partEntryCountMax = max(
      Self.partEntryCountMin, memoryByteCountMax / MemoryLayout<Entry>.stride / Self.partCount)
    entries = .allocate(capacity: partEntryCountMax * Self.partCount)
    counts = .allocate(capacity: Self.partCount)
    counts.initialize(repeating: 0, count: Self.partCount)
  }

  deinit {
    entries.deallocate()
    counts.deallocate()
  }

  /// Adds an entry.
  @inline(__always)
  mutating func append(_ entry: Entry) {
    let part = Int(truncatingIfNeeded: entry.high >> UInt64(64 - Self.partBits))
    if counts[part] == partEntryCountMax { spill() }
    entries[part &* partEntryCountMax &+ counts[part]] = entry
    counts[part] &+= 1
  }

  /// Adds entries as they lie in memory.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    bytes.withMemoryRebound(to: Entry.self) { more in
      for entry in more { append(entry) }
    }
  }

  private func inMemory(_ part: Int) -> UnsafeMutableBufferPointer<Entry> {
    UnsafeMutableBufferPointer(start: entries + part * partEntryCountMax, count: counts[part])
  }

  private mutating func spill() {
    if file == nil { file = TemporaryRuns(partCount: Self.partCount) }
    for part in 0..<Self.partCount {
      let run = UnsafeBufferPointer(inMemory(part))
      file?.append(run, toPart: part)
      counts[part] = 0
    }
    failure = failure ?? file?.failure
  }

  /// Reports each entry but the first of those that are the same, in any order; forgets all.
  mutating func finish(_ report: Report) {
    if file != nil { spill() }
    for part in 0..<Self.partCount {
      if file == nil {
        Self.find(inMemory(part), shift: 64 - Self.partBits, report)
        counts[part] = 0
      } else {
        findInFile(part, report)
      }
    }
    failure = failure ?? file?.failure
    file = nil
  }

  /// Looks at one part of the file, in as many slices as the budget wants.
  private mutating func findInFile(_ part: Int, _ report: Report) {
    let room = UnsafeMutableBufferPointer(
      start: entries, count: partEntryCountMax * Self.partCount)
    let total = file?.entryCount(ofPart: part) ?? 0
    // Slices are not of equal size: half full on average.
    let slices = total <= room.count ? 1 : 2 * total / room.count + 1
    let sliceBits = slices <= 1 ? 0 : Int.bitWidth - (slices - 1).leadingZeroBitCount
    for slice in 0..<(1 << sliceBits) {
      var kept = 0
      file?.read(part: part) { run in
        for entry in run where kept < room.count {
          let number = (entry.high << UInt64(Self.partBits)) >> UInt64(64 - max(1, sliceBits))
          guard sliceBits == 0 || Int(number) == slice else { continue }
          room[kept] = entry
          kept &+= 1
        }
      }
      Self.find(
        UnsafeMutableBufferPointer(rebasing: room[..<kept]), shift: 64 - Self.partBits, report)
    }
  }

  /// Finds entries that are the same; all share the bits of the hash above `shift`.
  private static func find(
    _ entries: UnsafeMutableBufferPointer<Entry>, shift: Int, _ report: Report
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
        if let other {
          let known = start &+ other
          // The first of all stays in the table, whatever the order made of them.
          if entry.place < entries[known].place { entries.swapAt(known, place) }
          report(entries[known], entries[place])
        }
        place &+= 1
      }
    }
  }

  /// Orders entries by the bits of the hash from `shift` up, in place; says where buckets start.
  ///
  /// Each entry is swapped to its bucket's next free place (an American flag sort).
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
