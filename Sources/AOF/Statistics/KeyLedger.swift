import ByteKit
import CPrefetch

/// How many of the bytes written to each key are still part of what it is.
///
/// The slots are spread over more memory than caches hold. So what a command does to a key waits
/// until a few others have come, while the processor fetches the key's slot; order is kept.
///
/// While the keys fit the memory each has a place; beyond that only those whose hash ends in enough
/// zero bits, each standing for `scale` keys, so that sums become estimates.
struct KeyLedger: ~Copyable {
  /// What became of bytes that a later command made superfluous.
  struct Superseded: Equatable, Sendable {
    /// A new value took their place.
    var overwritten = 0
    /// The key, or the elements, were deleted.
    var deleted = 0
    /// A database was emptied.
    var flushed = 0
  }

  /// What a command does to the bytes of one key.
  enum Change: UInt8 {
    /// They grow.
    case add
    /// What the key had is overwritten.
    case replace
    /// So many go, or all there are.
    case remove
  }

  /// A change that waits for its slot.
  private struct Waiting: BitwiseCopyable {
    /// 0: none.
    var hash: UInt64 = 0
    var byteCount = 0
    var home: Int32 = 0
    var change = Change.add
  }

  private struct Slot: BitwiseCopyable {
    /// 0: free.
    var hash: UInt64
    /// When it was written (24 bits, in numbers of flushes), and the bytes that count (40 bits).
    var state: UInt64
  }

  /// 16 MiB.
  static let slotCountMax = 1 << 20
  private static let hugePageByteCount = 2 << 20
  private static let byteCountBits: UInt64 = 40
  private static let byteCountMask: UInt64 = (1 << byteCountBits) - 1
  /// Later flushes are not told apart.
  private static let flushCountMax: UInt64 = (1 << 24) - 1
  /// So many changes wait at most: a power of two.
  private static let waitingMax = 16
  /// Databases beyond share the last place.
  private static let homeCountMax = 1 << 16

  private var slots: UnsafeMutablePointer<Slot>
  private var slotBits: UInt64
  private let slotBitsMax: UInt64
  private(set) var count = 0
  private var sampleBits: UInt64 = 0
  /// How many keys each one in the table stands for.
  var scale: Int { 1 << Int(sampleBits) }

  /// Where SWAPDB has put the keys of a database.
  private var homes: [Int: Int] = [:]
  private var liveBytes: [Int] = []
  private var flushedAt: [UInt64] = []
  private var flushCount: UInt64 = 0
  private var database = -1
  private var home = 0
  private(set) var superseded = Superseded()
  /// A ring; `nextWaiting` is the place of the oldest.
  private let waiting: UnsafeMutablePointer<Waiting>
  private var nextWaiting = 0

  /// - Parameter slotCountMax: a power of two, at least 1024; four fifths of the slots are used.
  init(slotCountMax: Int = Self.slotCountMax) {
    slotBits = 10
    slotBitsMax = UInt64(slotCountMax.trailingZeroBitCount)
    slots = Self.makeSlots(slotBits)
    waiting = .allocate(capacity: Self.waitingMax)
    waiting.initialize(repeating: Waiting(), count: Self.waitingMax)
  }

  deinit {
    slots.deallocate()
    waiting.deallocate()
  }

  private static func makeSlots(_ bits: UInt64) -> UnsafeMutablePointer<Slot> {
    let count = 1 << Int(bits)
    let byteCount = count * MemoryLayout<Slot>.stride
    let isLarge = byteCount >= hugePageByteCount
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount, alignment: isLarge ? hugePageByteCount : 64)
    #if os(Linux)
      // Slots are read at random places, and each would else cost a walk through the page tables.
      if isLarge { madvise(memory, byteCount, MADV_HUGEPAGE) }
    #endif
    let slots = memory.bindMemory(to: Slot.self, capacity: count)
    slots.initialize(repeating: Slot(hash: 0, state: 0), count: count)
    return slots
  }

  /// The bytes that count, of all keys; `settle` first.
  var live: Int { liveBytes.reduce(0, +) }

  /// How many keys there were, at least about.
  var keyCount: Int { count << Int(sampleBits) }

  // MARK: databases

  /// The number under which the keys of `database` are hashed.
  @inline(__always)
  mutating func home(of database: Int) -> Int {
    if database != self.database { select(database) }
    return home
  }

  @inline(never)
  private mutating func select(_ database: Int) {
    self.database = database
    if let known = homes[database] {
      home = known
      return
    }
    home = min(liveBytes.count, Self.homeCountMax - 1)
    if liveBytes.count < Self.homeCountMax {
      liveBytes.append(0)
      flushedAt.append(0)
      homes[database] = home
    }
  }

  /// From here on all keys are those of another data set.
  mutating func beginDataSet() {
    settle()
    homes.removeAll()
    database = -1
  }

  /// Two databases change places.
  mutating func swap(_ first: Int, _ second: Int) {
    settle()
    let (one, other) = (home(of: first), home(of: second))
    homes[first] = other
    homes[second] = one
    database = -1
  }

  /// A database loses its keys; all do where it is `nil`.
  mutating func flush(_ database: Int?) {
    settle()
    let homes = database.map { [home(of: $0)] } ?? Array(liveBytes.indices)
    flushCount = min(flushCount + 1, Self.flushCountMax)
    for home in homes {
      superseded.flushed += liveBytes[home]
      liveBytes[home] = 0
      flushedAt[home] = flushCount
    }
  }

  // MARK: keys

  /// Notes what a command does to the bytes of a key; it is done a little later.
  ///
  /// - Parameter byteCount: 0 or more; of a removal those that go, all for `Int.max`.
  @inline(__always)
  mutating func change(_ hash: UInt64, _ home: Int, _ change: Change, _ byteCount: Int) {
    let hash = max(hash, 1)
    guard isSampled(hash) else { return }
    redisops_prefetch(slots + Int(hash &>> (64 &- slotBits)))
    let place = waiting + nextWaiting
    let oldest = place.pointee
    place.pointee = Waiting(
      hash: hash, byteCount: byteCount, home: Int32(truncatingIfNeeded: home), change: change)
    nextWaiting = (nextWaiting &+ 1) & (Self.waitingMax &- 1)
    if oldest.hash != 0 { make(oldest) }
  }

  /// Does all that still waits.
  mutating func settle() {
    for step in 0..<Self.waitingMax {
      let place = waiting + ((nextWaiting &+ step) & (Self.waitingMax &- 1))
      if place.pointee.hash != 0 { make(place.pointee) }
      place.pointee.hash = 0
    }
  }

  @inline(__always)
  private mutating func make(_ waiting: Waiting) {
    guard let slot = slot(waiting.hash) else { return }
    let home = Int(waiting.home)
    let had = bytes(slot, home)
    switch waiting.change {
    case .add: set(slot, home, from: had, to: had &+ waiting.byteCount)
    case .replace:
      superseded.overwritten &+= had &<< Int(sampleBits)
      set(slot, home, from: had, to: waiting.byteCount)
    case .remove:
      let removed = min(had, waiting.byteCount)
      superseded.deleted &+= removed &<< Int(sampleBits)
      set(slot, home, from: had, to: had &- removed)
    }
  }

  /// The first key becomes the second. Where only one of them is in the sample, the sum stays.
  mutating func rename(
    _ source: UInt64, _ sourceHome: Int, _ target: UInt64, _ targetHome: Int
  ) {
    guard source != target else { return }
    settle()
    var moved = 0
    if let slot = slot(source) {
      moved = bytes(slot, sourceHome)
      set(slot, sourceHome, from: moved, to: 0)
    }
    if let slot = slot(target) {
      let had = bytes(slot, targetHome)
      superseded.overwritten &+= had &<< Int(sampleBits)
      set(slot, targetHome, from: had, to: moved)
    } else {
      liveBytes[targetHome] &+= moved &<< Int(sampleBits)
    }
  }

  @inline(__always)
  private func bytes(_ slot: UnsafeMutablePointer<Slot>, _ home: Int) -> Int {
    let state = slot.pointee.state
    let isFlushed = state &>> Self.byteCountBits < flushedAt[home]
    return isFlushed ? 0 : Int(state & Self.byteCountMask)
  }

  @inline(__always)
  private mutating func set(
    _ slot: UnsafeMutablePointer<Slot>, _ home: Int, from had: Int, to byteCount: Int
  ) {
    let kept = min(UInt64(byteCount), Self.byteCountMask)
    liveBytes[home] &+= (Int(kept) &- had) &<< Int(sampleBits)
    slot.pointee.state = flushCount &<< Self.byteCountBits | kept
  }

  /// The place of a key; `nil` where it is not in the sample.
  @inline(__always)
  private mutating func slot(_ hash: UInt64) -> UnsafeMutablePointer<Slot>? {
    let hash = max(hash, 1)
    guard isSampled(hash) else { return nil }
    let slot = place(hash)
    return slot.pointee.hash == hash ? slot : insert(hash)
  }

  @inline(__always)
  private func isSampled(_ hash: UInt64) -> Bool { hash & ((1 &<< sampleBits) &- 1) == 0 }

  @inline(__always)
  private func place(_ hash: UInt64) -> UnsafeMutablePointer<Slot> {
    var position = hash &>> (64 &- slotBits)
    while slots[Int(position)].hash != 0, slots[Int(position)].hash != hash {
      position = (position &+ 1) & ((1 &<< slotBits) &- 1)
    }
    return slots + Int(position)
  }

  @inline(never)
  private mutating func insert(_ hash: UInt64) -> UnsafeMutablePointer<Slot>? {
    if count >= (1 << Int(slotBits)) / 5 * 4 {
      if slotBits < slotBitsMax { rebuild(slotBits + 1) } else { halve() }
      guard isSampled(hash) else { return nil }
    }
    let slot = place(hash)
    slot.pointee.hash = hash
    count += 1
    return slot
  }

  /// Goes on with half of the keys.
  private mutating func halve() {
    sampleBits += 1
    rebuild(slotBits)
  }

  private mutating func rebuild(_ bits: UInt64) {
    let old = slots
    let oldCount = 1 << Int(slotBits)
    slotBits = bits
    slots = Self.makeSlots(bits)
    count = 0
    for index in 0..<oldCount where old[index].hash != 0 && isSampled(old[index].hash) {
      place(old[index].hash).pointee = old[index]
      count += 1
    }
    old.deallocate()
  }
}
