import ByteKit

/// Counts by name, for as many names as a fixed memory takes.
///
/// Open addressing over hashes; of a long name the front is kept.
struct NameTable: ~Copyable {
  /// One name and what is counted for it.
  struct Entry: BitwiseCopyable {
    /// Never 0: that is a free slot.
    var hash: UInt64
    /// How often a command has touched it.
    var touches = 0
    /// Bytes of these commands, shared evenly where a command has several keys.
    var byteCount = 0
    /// Keys of the snapshot in front.
    var baseKeyCount = 0
    var database: Int32
    /// The name's whole length.
    var nameByteCount: Int
    var nameOffset: Int
  }

  /// Of a longer name this many bytes are kept.
  static let nameByteCountMax = 256

  private let slotCount: Int
  /// Beyond so many names room must be made.
  private let countMax: Int
  private var slots: UnsafeMutablePointer<Entry>
  private var names: [UInt8] = []
  private(set) var count = 0

  /// - Parameter slotCount: a power of two; three quarters of the slots are used.
  init(slotCount: Int) {
    self.slotCount = slotCount
    countMax = slotCount / 4 * 3
    slots = Self.makeSlots(slotCount)
  }

  deinit { slots.deallocate() }

  private static func makeSlots(_ count: Int) -> UnsafeMutablePointer<Entry> {
    let slots = UnsafeMutablePointer<Entry>.allocate(capacity: count)
    slots.initialize(
      repeating: Entry(hash: 0, database: 0, nameByteCount: 0, nameOffset: 0), count: count)
    return slots
  }

  /// Whether the next new name has no room.
  var isFull: Bool { count >= countMax }

  /// The entry of `hash`, if there is one.
  @inline(__always)
  func find(_ hash: UInt64) -> UnsafeMutablePointer<Entry>? {
    let slot = place(hash)
    return slot.pointee.hash == hash ? slot : nil
  }

  /// Puts a new name in; there has to be room.
  mutating func insert(
    _ hash: UInt64, _ name: UnsafeRawBufferPointer, database: Int
  ) -> UnsafeMutablePointer<Entry> {
    let slot = place(hash)
    slot.pointee = Entry(
      hash: hash, database: Int32(truncatingIfNeeded: database), nameByteCount: name.count,
      nameOffset: names.count)
    names.append(contentsOf: name.prefix(Self.nameByteCountMax))
    count += 1
    return slot
  }

  /// The slot of `hash`, or the free one where it belongs.
  @inline(__always)
  private func place(_ hash: UInt64) -> UnsafeMutablePointer<Entry> {
    var position = Int(truncatingIfNeeded: hash &>> 20) & (slotCount &- 1)
    while slots[position].hash != 0, slots[position].hash != hash {
      position = (position &+ 1) & (slotCount &- 1)
    }
    return slots + position
  }

  /// A value that about half of the entries exceed, by a sample.
  func median(_ measure: (Entry) -> Int) -> Int {
    var sample: [Int] = []
    let step = max(1, slotCount / 512)
    for position in stride(from: 0, to: slotCount, by: step) where slots[position].hash != 0 {
      sample.append(measure(slots[position]))
    }
    sample.sort()
    return sample.isEmpty ? 0 : sample[sample.count / 2]
  }

  /// Keeps the entries for which `isKept` says so, as it leaves them.
  mutating func retain(where isKept: (inout Entry) -> Bool) {
    let old = slots
    let oldNames = names
    slots = Self.makeSlots(slotCount)
    names.removeAll(keepingCapacity: true)
    count = 0
    for position in 0..<slotCount where old[position].hash != 0 {
      var entry = old[position]
      guard isKept(&entry) else { continue }
      let kept = min(entry.nameByteCount, Self.nameByteCountMax)
      let front = oldNames[entry.nameOffset..<entry.nameOffset + kept]
      entry.nameOffset = names.count
      names += front
      place(entry.hash).pointee = entry
      count += 1
    }
    old.deallocate()
  }

  /// All entries, in no order.
  var entries: [Entry] {
    (0..<slotCount).lazy.map { [slots] in slots[$0] }.filter { $0.hash != 0 }
  }

  /// The front of an entry's name.
  func name(of entry: Entry) -> [UInt8] {
    let kept = min(entry.nameByteCount, Self.nameByteCountMax)
    return Array(names[entry.nameOffset..<entry.nameOffset + kept])
  }
}
