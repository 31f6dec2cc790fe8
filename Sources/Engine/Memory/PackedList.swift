import RedisCodecs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A listpack in the heap: the form of small collections and of the nodes of large ones.
///
/// `u32le total, u16le count, entries, 0xFF`, as servers have it, so that it can go into a snapshot
/// as it is. Only this type writes it, hence it is walked without checks; what comes from a file is
/// read by `ListpackReader` and appended entry by entry. A place in it is an offset from its start.
struct PackedList: BitwiseCopyable {
  /// Where the first entry is.
  static let firstOffset = ListpackReader.headerByteCount
  private static let emptyByteCount = 7

  /// The first byte; the address of the whole, as values keep it.
  private(set) var start: UnsafeMutableRawPointer

  /// An empty one.
  init(_ heap: Heap) {
    start = heap.allocate(Self.emptyByteCount)
    start.storeBytes(of: 0xff, toByteOffset: 6, as: UInt8.self)
    setHeader(Self.emptyByteCount, 0)
  }

  /// The one at `start`.
  @inline(__always)
  init(at start: UnsafeMutableRawPointer) { self.start = start }

  /// A copy of `other`.
  init(copying other: PackedList, _ heap: Heap) {
    start = heap.allocate(other.byteCount)
    start.copyMemory(from: other.start, byteCount: other.byteCount)
  }

  /// One with the entries that lie at `source`, behind room for a header, up to offset `end`.
  init(copying source: UnsafeMutableRawPointer, upTo end: Int, _ count: Int, _ heap: Heap) {
    start = heap.allocate(end &+ 1)
    start.copyMemory(from: source, byteCount: end)
    start.storeBytes(of: 0xff, toByteOffset: end, as: UInt8.self)
    setHeader(end &+ 1, count)
  }

  /// Gives its memory back.
  func destroy(_ heap: Heap) { heap.deallocate(start, byteCount) }

  /// The bytes of the whole.
  @inline(__always)
  var byteCount: Int { Int(UInt32(littleEndian: start.load(as: UInt32.self))) }

  /// The whole.
  var bytes: Bytes { Bytes(start: start, count: byteCount) }

  /// The number of entries; its owners stay below 65535.
  @inline(__always)
  var count: Int { Int(UInt16(littleEndian: start.load(fromByteOffset: 4, as: UInt16.self))) }

  /// Where an entry would be appended: behind the last one.
  @inline(__always)
  var endOffset: Int { byteCount &- 1 }

  @inline(__always)
  private func setHeader(_ byteCount: Int, _ count: Int) {
    start.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).littleEndian, as: UInt32.self)
    start.storeBytes(
      of: UInt16(truncatingIfNeeded: count).littleEndian, toByteOffset: 4, as: UInt16.self)
  }

  /// The bytes of the back length of an entry of `size` bytes, as servers write it.
  @inline(__always)
  static func backLengthByteCount(_ size: Int) -> Int {
    if size < 128 { return 1 }
    return size < 16383 ? 2 : size < 2_097_151 ? 3 : size < 268_435_455 ? 4 : 5
  }
}

// MARK: - Reading

extension PackedList {
  /// The entry at `offset`, which moves behind it; the offset is not the end's.
  @inline(__always)
  func read(_ offset: inout Int) -> Element {
    let at = start + offset
    let first = at.load(as: UInt8.self)
    if first < 0x80 {
      offset &+= 2
      return Element(integer: Int64(first))
    }
    if first < 0xc0 {
      let count = Int(first & 0x3f)
      offset &+= count &+ 2
      return Element(start: at + 1, count: count)
    }
    return readLong(first, &offset)
  }

  private func readLong(_ first: UInt8, _ offset: inout Int) -> Element {
    let at = start + offset
    if first < 0xe0 {
      let raw = Int64(first & 0x1f) << 8 | Int64((at + 1).load(as: UInt8.self))
      offset &+= 3
      return Element(integer: raw >= 4096 ? raw &- 8192 : raw)
    }
    if first < 0xf0 {
      let count = Int(first & 0x0f) << 8 | Int((at + 1).load(as: UInt8.self))
      offset &+= 2 &+ count &+ Self.backLengthByteCount(2 &+ count)
      return Element(start: at + 2, count: count)
    }
    if first == 0xf0 {
      let count = Int(UInt32(littleEndian: (at + 1).loadUnaligned(as: UInt32.self)))
      offset &+= 5 &+ count &+ Self.backLengthByteCount(5 &+ count)
      return Element(start: at + 5, count: count)
    }
    let width = first == 0xf4 ? 8 : Int(first) &- 0xef
    offset &+= width &+ 2
    var value: UInt64 = 0
    for index in 0..<width {
      value |= UInt64((at + (1 &+ index)).load(as: UInt8.self)) << UInt64(8 &* index)
    }
    let unused = UInt64(64 &- 8 &* width)
    return Element(integer: Int64(bitPattern: value << unused) >> Int64(unused))
  }

  /// The entry at `offset`.
  @inline(__always)
  func element(at offset: Int) -> Element {
    var offset = offset
    return read(&offset)
  }

  /// Where the entry after the one at `offset` begins.
  @inline(__always)
  func next(_ offset: Int) -> Int {
    var offset = offset
    _ = read(&offset)
    return offset
  }

  /// Where the entry before `offset` begins; `offset` is not that of the first entry.
  @inline(__always)
  func previous(_ offset: Int) -> Int {
    var size = 0
    var shift = 0
    var at = offset &- 1
    while true {
      let byte = start.load(fromByteOffset: at, as: UInt8.self)
      size |= Int(byte & 0x7f) << shift
      if byte & 0x80 == 0 { break }
      shift &+= 7
      at &-= 1
    }
    return at &- size
  }

  /// Where the entry at `index` begins, counted from the front, 0..<count.
  func offset(ofIndex index: Int) -> Int {
    if index < count / 2 {
      var offset = Self.firstOffset
      for _ in 0..<index { offset = next(offset) }
      return offset
    }
    var offset = endOffset
    for _ in index..<count { offset = previous(offset) }
    return offset
  }

  /// Where the first entry that matches is, looking at every `stride`-th from `offset` on.
  @inline(__always)
  func find(_ needle: PackedNeedle, from offset: Int = firstOffset, stride: Int = 1) -> Int? {
    var offset = offset
    let end = endOffset
    while offset < end {
      let found = offset
      if needle.matches(read(&offset)) { return found }
      for _ in 1..<stride { offset = next(offset) }
    }
    return nil
  }
}

// MARK: - Writing

extension PackedList {
  /// Puts an entry in before the one at `offset`.
  ///
  /// - Returns: the offset behind it.
  @discardableResult
  mutating func insert(_ entry: PackedEntry, at offset: Int, _ heap: Heap) -> Int {
    let old = byteCount
    let (new, count) = (old &+ entry.byteCount, count)
    start = heap.reallocate(start, from: old, to: new)
    let target = start + offset
    memmove(target + entry.byteCount, target, old &- offset)
    entry.write(to: target)
    setHeader(new, count &+ 1)
    return offset &+ entry.byteCount
  }

  /// Adds an entry at the end.
  @inline(__always)
  mutating func append(_ entry: PackedEntry, _ heap: Heap) {
    insert(entry, at: endOffset, heap)
  }

  /// Adds two entries at the end: a field and a value, a member and a score.
  mutating func append(_ first: PackedEntry, _ second: PackedEntry, _ heap: Heap) {
    let old = byteCount
    let (new, count) = (old &+ first.byteCount &+ second.byteCount, count)
    start = heap.reallocate(start, from: old, to: new)
    let target = start + (old &- 1)
    first.write(to: target)
    second.write(to: target + first.byteCount)
    start.storeBytes(of: 0xff, toByteOffset: new &- 1, as: UInt8.self)
    setHeader(new, count &+ 2)
  }

  /// Puts an entry in the place of the one at `offset`.
  mutating func replace(at offset: Int, by entry: PackedEntry, _ heap: Heap) {
    let old = byteCount
    let behind = next(offset)
    let new = old &- (behind &- offset) &+ entry.byteCount
    if new > old { start = heap.reallocate(start, from: old, to: new) }
    memmove(start + (offset &+ entry.byteCount), start + behind, old &- behind)
    entry.write(to: start + offset)
    setHeader(new, count)
    if new < old { start = heap.reallocate(start, from: old, to: new) }
  }

  /// Takes `entries` entries out, those between two offsets.
  mutating func remove(_ range: Range<Int>, entries: Int, _ heap: Heap) {
    let old = byteCount
    memmove(start + range.lowerBound, start + range.upperBound, old &- range.upperBound)
    setHeader(old &- range.count, count &- entries)
    start = heap.reallocate(start, from: old, to: old &- range.count)
  }

  /// Takes all entries from `offset` on out of this one, into a new one.
  mutating func split(at offset: Int, leaving entries: Int, _ heap: Heap) -> PackedList {
    let old = byteCount
    let count = count
    let moved = old &- 1 &- offset
    let tail = PackedList(at: heap.allocate(Self.emptyByteCount &+ moved))
    memcpy(tail.start + Self.firstOffset, start + offset, moved &+ 1)
    tail.setHeader(Self.emptyByteCount &+ moved, count &- entries)
    start.storeBytes(of: 0xff, toByteOffset: offset, as: UInt8.self)
    setHeader(offset &+ 1, entries)
    start = heap.reallocate(start, from: old, to: offset &+ 1)
    return tail
  }
}
