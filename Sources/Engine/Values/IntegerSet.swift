#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A set of integers: `u32 width, u32 count`, then the integers in rising order, each of 2, 4 or 8
/// bytes.
struct IntegerSet: BitwiseCopyable {
  /// A set of more is kept as a table: the servers' `set-max-intset-entries`.
  static let countMax = 512
  private static let headerByteCount = 8

  /// The address of the whole, as values keep it.
  private(set) var start: UnsafeMutableRawPointer

  /// An empty set.
  init(_ heap: Heap) {
    start = heap.allocate(Self.headerByteCount)
    setHeader(width: 2, count: 0)
  }

  /// The one at `start`.
  @inline(__always)
  init(at start: UnsafeMutableRawPointer) { self.start = start }

  /// A copy of `other`.
  init(copying other: IntegerSet, _ heap: Heap) {
    start = heap.allocate(other.byteCount)
    start.copyMemory(from: other.start, byteCount: other.byteCount)
  }

  /// Gives its memory back.
  func destroy(_ heap: Heap) { heap.deallocate(start, byteCount) }

  /// The whole, which is laid out as servers do it.
  var bytes: Bytes { Bytes(start: start, count: byteCount) }

  /// How many integers it has.
  @inline(__always)
  var count: Int { Int(start.load(fromByteOffset: 4, as: UInt32.self)) }

  @inline(__always)
  private var width: Int { Int(start.load(as: UInt32.self)) }

  private var byteCount: Int { Self.headerByteCount &+ width &* count }

  private func setHeader(width: Int, count: Int) {
    start.storeBytes(of: UInt32(truncatingIfNeeded: width), as: UInt32.self)
    start.storeBytes(of: UInt32(truncatingIfNeeded: count), toByteOffset: 4, as: UInt32.self)
  }

  /// The integer at `index`, 0..<count, in rising order.
  @inline(__always)
  subscript(index: Int) -> Int64 {
    let at = start + (Self.headerByteCount &+ index &* width)
    switch width {
    case 2: return Int64(at.load(as: Int16.self))
    case 4: return Int64(at.load(as: Int32.self))
    default: return at.load(as: Int64.self)
    }
  }

  private func store(_ value: Int64, at index: Int, width: Int) {
    let at = start + (Self.headerByteCount &+ index &* width)
    switch width {
    case 2: at.storeBytes(of: Int16(truncatingIfNeeded: value), as: Int16.self)
    case 4: at.storeBytes(of: Int32(truncatingIfNeeded: value), as: Int32.self)
    default: at.storeBytes(of: value, as: Int64.self)
    }
  }

  /// Where `value` is or would be.
  private func index(of value: Int64) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low &+ high) >> 1
      if self[middle] < value { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// Whether it has `value`.
  func contains(_ value: Int64) -> Bool {
    let index = index(of: value)
    return index < count && self[index] == value
  }

  /// Adds a value.
  ///
  /// - Returns: whether it is new.
  mutating func insert(_ value: Int64, _ heap: Heap) -> Bool {
    let (index, count) = (index(of: value), count)
    if index < count, self[index] == value { return false }
    let needed =
      Int64(Int16(truncatingIfNeeded: value)) == value
      ? 2 : Int64(Int32(truncatingIfNeeded: value)) == value ? 4 : 8
    let old = byteCount
    let (oldWidth, width) = (self.width, max(self.width, needed))
    start = heap.reallocate(start, from: old, to: Self.headerByteCount &+ (count &+ 1) &* width)
    if width == oldWidth {
      let at = start + (Self.headerByteCount &+ index &* width)
      memmove(at + width, at, (count &- index) &* width)
    } else {
      // From the end, where the wider ones overwrite only what was moved already.
      for from in stride(from: count &- 1, through: 0, by: -1) {
        store(self[from], at: from < index ? from : from &+ 1, width: width)
      }
    }
    store(value, at: index, width: width)
    setHeader(width: width, count: count &+ 1)
    return true
  }

  /// Takes a value out.
  ///
  /// - Returns: whether it was there.
  mutating func remove(_ value: Int64, _ heap: Heap) -> Bool {
    let (index, count) = (index(of: value), count)
    guard index < count, self[index] == value else { return false }
    let (old, width) = (byteCount, width)
    let at = start + (Self.headerByteCount &+ index &* width)
    memmove(at, at + width, (count &- index &- 1) &* width)
    setHeader(width: width, count: count &- 1)
    start = heap.reallocate(start, from: old, to: old &- width)
    return true
  }
}
