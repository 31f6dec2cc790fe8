/// A look-up table from hashes to places, for a known number of entries: open addressing, half full
/// at most.
struct HashIndex: ~Copyable {
  private var slots = UnsafeMutableBufferPointer<Int32>.allocate(capacity: 64)
  private var mask = 0

  deinit { slots.deallocate() }

  /// Empties the table and makes room for `count` entries, at most 2^30.
  mutating func reset(count: Int) {
    var size = 16
    while size < 2 * count { size *= 2 }
    if size > slots.count {
      slots.deallocate()
      slots = .allocate(capacity: size)
    }
    UnsafeMutableBufferPointer(rebasing: slots[..<size]).update(repeating: -1)
    mask = size - 1
  }

  /// Puts `place` in under `hash`, unless one that `isEqual` is there: then that place.
  @inline(__always)
  mutating func insert(_ hash: UInt64, _ place: Int, isEqual: (Int) -> Bool) -> Int? {
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      let other = Int(slots[slot])
      if isEqual(other) { return other }
      slot = (slot &+ 1) & mask
    }
    slots[slot] = Int32(truncatingIfNeeded: place)
    return nil
  }
}
