import RedisCodecs

/// A key in a regular file: 64 bits of its hash. Where two are equal the file is read once more, to
/// compare 128 bits and to learn the places.
struct HashOnly: HashLogEntry {
  var high: UInt64
  /// Not known.
  var place: Int { 0 }

  @inline(__always)
  func isSame(as other: HashOnly) -> Bool { high == other.high }
}

/// A key or element that is not seen again: 128 bits of its hash, and where it stands.
struct PlacedHash: HashLogEntry {
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

  @inline(__always)
  func isSame(as other: PlacedHash) -> Bool { high == other.high && low == other.low }
}
