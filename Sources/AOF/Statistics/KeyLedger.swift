/// How many of the bytes written to each key are still part of what it is.
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

  private struct Slot: BitwiseCopyable {
    /// 0: free.
    var hash: UInt64
    /// When it was written (24 bits, in numbers of flushes), and the bytes that count (40 bits).
    var state: UInt64
  }

  /// 16 MiB.
  static let slotCountMax = 1 << 20
  private static let byteCountBits: UInt64 = 40
  private static let byteCountMask: UInt64 = (1 << byteCountBits) - 1
  /// Later flushes are not told apart.
  private static let flushCountMax: UInt64 = (1 << 24) - 1
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

  /// - Parameter slotCountMax: a power of two, at least 1024; four fifths of the slots are used.
  init(slotCountMax: Int = Self.slotCountMax) {
    slotBits = 10
    slotBitsMax = UInt64(slotCountMax.trailingZeroBitCount)
    slots = Self.makeSlots(slotBits)
  }

  deinit { slots.deallocate() }

  private static func makeSlots(_ bits: UInt64) -> UnsafeMutablePointer<Slot> {
    let count = 1 << Int(bits)
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: count)
    slots.initialize(repeating: Slot(hash: 0, state: 0), count: count)
    return slots
  }

  /// The bytes that count, of all keys.
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
    homes.removeAll()
    database = -1
  }

  /// Two databases change places.
  mutating func swap(_ first: Int, _ second: Int) {
    let (one, other) = (home(of: first), home(of: second))
    homes[first] = other
    homes[second] = one
    database = -1
  }

  /// A database loses its keys; all do where it is `nil`.
  mutating func flush(_ database: Int?) {
    let homes = database.map { [home(of: $0)] } ?? Array(liveBytes.indices)
    flushCount = min(flushCount + 1, Self.flushCountMax)
    for home in homes {
      superseded.flushed += liveBytes[home]
      liveBytes[home] = 0
      flushedAt[home] = flushCount
    }
  }

  // MARK: keys

  /// The bytes of a key grow.
  @inline(__always)
  mutating func add(_ hash: UInt64, _ home: Int, _ byteCount: Int) {
    guard let slot = slot(hash) else { return }
    set(slot, home, bytes(slot, home) &+ byteCount)
  }

  /// What a key had is overwritten.
  @inline(__always)
  mutating func replace(_ hash: UInt64, _ home: Int, _ byteCount: Int) {
    guard let slot = slot(hash) else { return }
    superseded.overwritten &+= bytes(slot, home) &<< Int(sampleBits)
    set(slot, home, byteCount)
  }

  /// A key loses `byteCount` bytes, or all.
  @inline(__always)
  mutating func remove(_ hash: UInt64, _ home: Int, _ byteCount: Int = .max) {
    guard let slot = slot(hash) else { return }
    let live = bytes(slot, home)
    let removed = min(live, byteCount)
    superseded.deleted &+= removed &<< Int(sampleBits)
    set(slot, home, live &- removed)
  }

  /// The first key becomes the second. Where only one of them is in the sample, the sum stays.
  mutating func rename(
    _ source: UInt64, _ sourceHome: Int, _ target: UInt64, _ targetHome: Int
  ) {
    guard source != target else { return }
    var moved = 0
    if let slot = slot(source) {
      moved = bytes(slot, sourceHome)
      set(slot, sourceHome, 0)
    }
    if slot(target) != nil {
      replace(target, targetHome, moved)
    } else {
      liveBytes[targetHome] &+= moved &<< Int(sampleBits)
    }
  }

  /// The bytes of a key that count; `nil` where it is not in the sample.
  mutating func bytes(of hash: UInt64, _ home: Int) -> Int? {
    slot(hash).map { bytes($0, home) }
  }

  @inline(__always)
  private func bytes(_ slot: UnsafeMutablePointer<Slot>, _ home: Int) -> Int {
    let state = slot.pointee.state
    let isFlushed = state &>> Self.byteCountBits < flushedAt[home]
    return isFlushed ? 0 : Int(state & Self.byteCountMask)
  }

  @inline(__always)
  private mutating func set(_ slot: UnsafeMutablePointer<Slot>, _ home: Int, _ byteCount: Int) {
    let kept = min(UInt64(byteCount), Self.byteCountMask)
    liveBytes[home] &+= (Int(kept) &- bytes(slot, home)) &<< Int(sampleBits)
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
