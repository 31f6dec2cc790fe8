/// A string in a block of its own: `u64 count, bytes`. The block is what the heap gives for the
/// count, so a string that grows is moved each time it is an eighth longer.
struct RawString: BitwiseCopyable {
  private static let headerByteCount = 8

  /// The address of the whole, as values keep it.
  private(set) var start: UnsafeMutableRawPointer

  /// The one at `start`.
  @inline(__always)
  init(at start: UnsafeMutableRawPointer) { self.start = start }

  /// A string of `count` bytes, for the caller to fill.
  init(count: Int, _ heap: Heap) {
    start = heap.allocate(Self.headerByteCount &+ count)
    start.storeBytes(of: count, as: Int.self)
  }

  /// A copy of another one.
  init(copying other: RawString, _ heap: Heap) {
    self.init(count: other.count, heap)
    bytes.copyMemory(from: Bytes(other.bytes))
  }

  /// Gives its memory back.
  func destroy(_ heap: Heap) { heap.deallocate(start, Self.headerByteCount &+ count) }

  /// How many bytes it has.
  @inline(__always)
  var count: Int { start.load(as: Int.self) }

  /// The bytes.
  @inline(__always)
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: start + Self.headerByteCount, count: count)
  }

  /// Makes it longer or shorter; new bytes are the caller's to fill.
  mutating func resize(to count: Int, _ heap: Heap) {
    start = heap.reallocate(
      start, from: Self.headerByteCount &+ self.count, to: Self.headerByteCount &+ count)
    start.storeBytes(of: count, as: Int.self)
  }
}
