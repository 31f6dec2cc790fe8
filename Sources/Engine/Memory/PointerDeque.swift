#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An array of addresses in the heap that grows at both ends: the directory of a large collection.
///
/// Putting in or taking out moves the shorter side, so both ends are cheap.
struct PointerDeque: BitwiseCopyable {
  private var base: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private var capacity: Int
  private var first: Int
  /// How many addresses there are.
  private(set) var count = 0

  /// An empty one.
  init(_ heap: Heap) {
    capacity = 4
    first = 1
    base = Self.make(heap, capacity)
  }

  /// Gives its memory back, not what the addresses lead to.
  func destroy(_ heap: Heap) { heap.deallocate(base, capacity &* 8) }

  private static func make(
    _ heap: Heap, _ capacity: Int
  ) -> UnsafeMutablePointer<UnsafeMutableRawPointer> {
    heap.allocate(capacity &* 8).bindMemory(to: UnsafeMutableRawPointer.self, capacity: capacity)
  }

  /// The address at `index`, 0..<count.
  @inline(__always)
  subscript(index: Int) -> UnsafeMutableRawPointer {
    get { base[first &+ index] }
    nonmutating set { base[first &+ index] = newValue }
  }

  /// Puts an address in before the one at `index`, 0...count.
  mutating func insert(_ address: UnsafeMutableRawPointer, at index: Int, _ heap: Heap) {
    let toFront = index < count / 2
    if toFront ? first == 0 : first &+ count == capacity { makeRoom(heap) }
    let place = base + (first &+ index)
    if toFront {
      memmove(base + (first &- 1), base + first, index &* 8)
      first &-= 1
      base[first &+ index] = address
    } else {
      memmove(place + 1, place, (count &- index) &* 8)
      place.pointee = address
    }
    count &+= 1
  }

  /// Takes the address at `index` out, 0..<count.
  mutating func remove(at index: Int) {
    let place = base + (first &+ index)
    if index < count / 2 {
      memmove(base + (first &+ 1), base + first, index &* 8)
      first &+= 1
    } else {
      memmove(place, place + 1, (count &- index &- 1) &* 8)
    }
    count &-= 1
  }

  /// Takes the first `removed` addresses out.
  mutating func removeFirst(_ removed: Int) {
    first &+= removed
    count &-= removed
  }

  /// Takes the last `removed` addresses out.
  mutating func removeLast(_ removed: Int) { count &-= removed }

  /// Moves everything to the middle of a block that leaves room at both ends.
  private mutating func makeRoom(_ heap: Heap) {
    let larger = count &* 3 > capacity &* 2 ? capacity &* 2 : capacity
    let moved = Self.make(heap, larger)
    let start = (larger &- count) / 2
    memcpy(moved + start, base + first, count &* 8)
    destroy(heap)
    base = moved
    capacity = larger
    first = start
  }
}
