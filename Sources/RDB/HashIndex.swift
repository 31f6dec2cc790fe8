/// A look-up table from hashes to places, for a known number of entries: open addressing, half full
/// at most, 32-bit places.
struct HashIndex {
  private static let empty = UInt32.max

  private var slots: [UInt32] = []
  private var mask = 0
  private var base = 0

  /// Empties the table and makes room for `count` entries.
  mutating func reset(count: Int) {
    var size = 16
    while size < 2 * count { size *= 2 }
    if size > slots.count {
      slots = [UInt32](repeating: Self.empty, count: size)
    } else {
      slots.withUnsafeMutableBufferPointer { slots in
        for index in 0..<size { slots[index] = Self.empty }
      }
    }
    mask = size - 1
    base = -1
  }

  /// Puts `place` in under `hash`, unless one that `isEqual` is there: then that place.
  ///
  /// Places are 32 bits away from the first one put in, at most.
  @inline(__always)
  mutating func insert(_ hash: UInt64, _ place: Int, isEqual: (Int) -> Bool) -> Int? {
    if base < 0 { base = place }
    let mask = self.mask
    let base = self.base
    return slots.withUnsafeMutableBufferPointer { slots in
      var slot = Int(truncatingIfNeeded: hash & 0xffff_ffff) & mask
      while slots[slot] != Self.empty {
        let other = base &+ Int(slots[slot])
        if isEqual(other) { return other }
        slot = (slot &+ 1) & mask
      }
      slots[slot] = UInt32(truncatingIfNeeded: place &- base)
      return nil
    }
  }
}
