import ByteKit
import RedisCodecs

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The system's `free`, by a name that a property of the heap does not hide.
private func systemFree(_ block: UnsafeMutableRawPointer) { free(block) }

/// The memory of one engine's values: blocks in size classes, cut from large chunks.
///
/// Who frees a block knows its size, so blocks carry no header: classes lie 8 bytes apart up to
/// 512, above that eight to a doubling. A class keeps what was freed in a list of its own. The
/// memory goes back as a whole with `destroy()`, without a walk over the values.
///
/// Expected cost: 2 ns for a block, at most an eighth of it unused.
struct Heap: BitwiseCopyable {
  /// Larger blocks come from the system, each by itself.
  static let smallMax = 32 << 10
  /// Chunks double from the first size to the last, so that a small heap stays small.
  private static let chunkByteCountMin = 64 << 10
  private static let chunkByteCountMax = 4 << 20
  private static let fineMax = 512
  /// The reserve: more than a command takes that is no giant. Pages that nobody touches cost none.
  private static let reserveByteCount = 16 << 20
  private static let classCount = 113

  private struct State {
    var next: UnsafeMutableRawPointer?
    var left: Int
    var chunks: UnsafeMutableRawPointer?
    var large: UnsafeMutablePointer<LargeHeader>?
    var byteCount: Int
    var chunkByteCount: Int
    var hash: KeyedHash
    /// Given back when the system refuses memory, so that what is under way can be ended.
    var reserve: UnsafeMutableRawPointer?
    /// Whether the system has refused memory.
    var isRefused = false
  }

  /// What stands before a large block; 32 bytes, so that the block is aligned.
  private struct LargeHeader {
    var next: UnsafeMutablePointer<LargeHeader>?
    var previous: UnsafeMutablePointer<LargeHeader>?
    var byteCount: Int
    var unused = 0
  }

  private let state: UnsafeMutablePointer<State>
  private let free: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  /// An empty heap.
  ///
  /// - Parameter hash: the hash of all tables that lie in it.
  init(hash: KeyedHash) {
    state = .allocate(capacity: 1)
    state.initialize(
      to: State(
        next: nil, left: 0, chunks: nil, large: nil, byteCount: 0,
        chunkByteCount: Self.chunkByteCountMin, hash: hash,
        reserve: malloc(Self.reserveByteCount)))
    free = .allocate(capacity: Self.classCount)
    free.initialize(repeating: nil, count: Self.classCount)
  }

  /// Gives everything back; the heap is of no further use.
  func destroy() {
    while let chunk = state.pointee.chunks {
      state.pointee.chunks = chunk.load(as: UnsafeMutableRawPointer?.self)
      systemFree(chunk)
    }
    while let block = state.pointee.large {
      state.pointee.large = block.pointee.next
      systemFree(block)
    }
    close()
  }

  /// Gives back what is the heap's own.
  private func close() {
    if let reserve = state.pointee.reserve { systemFree(reserve) }
    state.deallocate()
    free.deallocate()
  }

  /// Another heap, empty, whose tables have the same hash: for a thread that makes values.
  func makeSibling() -> Heap { Heap(hash: state.pointee.hash) }

  /// Takes over all that a sibling holds, which is of no further use. Its blocks keep their places.
  func adopt(_ sibling: Heap) {
    let other = sibling.state.pointee
    state.pointee.byteCount &+= other.byteCount
    if let first = other.chunks {
      var last = first
      while let next = last.load(as: UnsafeMutableRawPointer?.self) { last = next }
      last.storeBytes(of: state.pointee.chunks, as: UnsafeMutableRawPointer?.self)
      state.pointee.chunks = first
    }
    if let first = other.large {
      var last = first
      while let next = last.pointee.next { last = next }
      last.pointee.next = state.pointee.large
      state.pointee.large?.pointee.previous = last
      state.pointee.large = first
    }
    for index in 0..<Self.classCount {
      guard let first = sibling.free[index] else { continue }
      var last = first
      while let next = last.load(as: UnsafeMutableRawPointer?.self) { last = next }
      last.storeBytes(of: free[index], as: UnsafeMutableRawPointer?.self)
      free[index] = first
    }
    if other.left > state.pointee.left {
      state.pointee.next = other.next
      state.pointee.left = other.left
    }
    if other.isRefused { state.pointee.isRefused = true }
    sibling.close()
  }

  /// The bytes handed out, rounding included.
  var byteCount: Int { state.pointee.byteCount }

  /// Whether the system has refused memory: what is held is whole, but no more should be put in.
  var isRefused: Bool { state.pointee.isRefused }

  /// The hash of a key, field or member.
  @inline(__always)
  func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 { state.pointee.hash.hash(bytes).high }

  /// The bytes that a request for `byteCount` really gives, for use up to the last one.
  @inline(__always)
  static func usable(_ byteCount: Int) -> Int {
    if byteCount <= fineMax { return max(8, (byteCount &+ 7) & ~7) }
    let shift = Int.bitWidth &- (byteCount &- 1).leadingZeroBitCount &- 4
    return ((byteCount &- 1) >> shift &+ 1) << shift
  }

  @inline(__always)
  private static func classIndex(_ byteCount: Int) -> Int {
    if byteCount <= fineMax { return max(1, (byteCount &+ 7) >> 3) }
    let bits = Int.bitWidth &- (byteCount &- 1).leadingZeroBitCount
    return 65 &+ (bits &- 10) &* 8 &+ ((byteCount &- 1) >> (bits &- 4)) & 7
  }

  /// A block of at least `byteCount` bytes, aligned to 8.
  @inline(__always)
  func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
    guard byteCount <= Self.smallMax else { return allocateLarge(byteCount) }
    let index = Self.classIndex(byteCount)
    let size = Self.usable(byteCount)
    state.pointee.byteCount &+= size
    if let block = free[index] {
      free[index] = block.load(as: UnsafeMutableRawPointer?.self)
      return block
    }
    if let next = state.pointee.next, state.pointee.left >= size {
      state.pointee.next = next + size
      state.pointee.left &-= size
      return next
    }
    return beginChunk(size)
  }

  /// Takes a block back.
  ///
  /// - Parameter byteCount: what it was allocated for.
  @inline(__always)
  func deallocate(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    guard byteCount <= Self.smallMax else { return deallocateLarge(block) }
    let index = Self.classIndex(byteCount)
    state.pointee.byteCount &-= Self.usable(byteCount)
    block.storeBytes(of: free[index], as: UnsafeMutableRawPointer?.self)
    free[index] = block
  }

  /// The block in another size, its first bytes kept.
  @inline(__always)
  func reallocate(
    _ block: UnsafeMutableRawPointer, from old: Int, to new: Int
  ) -> UnsafeMutableRawPointer {
    if Self.usable(old) == Self.usable(new) { return block }
    return move(block, from: old, to: new)
  }

  @inline(never)
  private func move(
    _ block: UnsafeMutableRawPointer, from old: Int, to new: Int
  ) -> UnsafeMutableRawPointer {
    if old > Self.smallMax && new > Self.smallMax { return resizeLarge(block, to: new) }
    let moved = allocate(new)
    moved.copyMemory(from: block, byteCount: min(old, new))
    deallocate(block, old)
    return moved
  }

  /// A new chunk, and a block of `size` bytes from its front.
  @inline(never)
  private func beginChunk(_ size: Int) -> UnsafeMutableRawPointer {
    let byteCount = state.pointee.chunkByteCount
    state.pointee.chunkByteCount = min(2 * byteCount, Self.chunkByteCountMax)
    let chunk = system(byteCount)
    chunk.storeBytes(of: state.pointee.chunks, as: UnsafeMutableRawPointer?.self)
    state.pointee.chunks = chunk
    let header = 16
    state.pointee.next = chunk + (header + size)
    state.pointee.left = byteCount - header - size
    return chunk + header
  }

  private func system(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let block = malloc(byteCount) ?? withoutReserve(byteCount) { malloc(byteCount) }
    SystemPages.prepare(block, byteCount)
    return block
  }

  /// Tries again without the reserve. Where even that does not help, the process ends in good
  /// order: there is nothing left to report with.
  private func withoutReserve(
    _ byteCount: Int, _ allocate: () -> UnsafeMutableRawPointer?
  ) -> UnsafeMutableRawPointer {
    state.pointee.isRefused = true
    if let reserve = state.pointee.reserve {
      systemFree(reserve)
      state.pointee.reserve = nil
    }
    guard let block = allocate() else { MemoryRefusal.end(byteCount) }
    return block
  }
}

// MARK: - Large blocks

extension Heap {
  private static let headerByteCount = MemoryLayout<LargeHeader>.stride

  @inline(never)
  private func allocateLarge(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let size = Self.usable(byteCount)
    return link(system(size + Self.headerByteCount), size)
  }

  private func link(_ raw: UnsafeMutableRawPointer, _ size: Int) -> UnsafeMutableRawPointer {
    let header = raw.bindMemory(to: LargeHeader.self, capacity: 1)
    header.initialize(
      to: LargeHeader(next: state.pointee.large, previous: nil, byteCount: size))
    state.pointee.large?.pointee.previous = header
    state.pointee.large = header
    state.pointee.byteCount += size
    return raw + Self.headerByteCount
  }

  /// Takes the block out of the list.
  private func unlink(_ block: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    let raw = block - Self.headerByteCount
    let header = raw.assumingMemoryBound(to: LargeHeader.self).pointee
    if let previous = header.previous {
      previous.pointee.next = header.next
    } else {
      state.pointee.large = header.next
    }
    header.next?.pointee.previous = header.previous
    state.pointee.byteCount -= header.byteCount
    return raw
  }

  @inline(never)
  private func deallocateLarge(_ block: UnsafeMutableRawPointer) { systemFree(unlink(block)) }

  /// The system moves pages where it can, which copies nothing.
  private func resizeLarge(
    _ block: UnsafeMutableRawPointer, to byteCount: Int
  ) -> UnsafeMutableRawPointer {
    let size = Self.usable(byteCount)
    // Where memory is refused the old block is still there.
    let old = unlink(block)
    let byteCount = size + Self.headerByteCount
    let raw =
      realloc(old, byteCount) ?? withoutReserve(byteCount) { realloc(old, byteCount) }
    SystemPages.prepare(raw, size)
    return link(raw, size)
  }
}

/// The end of a process that needs more memory than there is.
private enum MemoryRefusal {
  /// The exit status of "could not be checked".
  private static let status: Int32 = 2

  /// Says so and ends the process. Nothing here allocates.
  static func end(_ byteCount: Int) -> Never {
    write("error: the system refused ")
    withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { room in
      guard let start = room.baseAddress else { return }
      let count = DecimalText.write(UInt64(max(0, byteCount)), to: start)
      write(start, count)
    }
    write(" bytes of memory: the data could not be loaded, and nothing is said about them\n")
    _exit(status)
  }

  private static func write(_ text: StaticString) { write(text.utf8Start, text.utf8CodeUnitCount) }

  private static func write(_ start: UnsafeRawPointer, _ count: Int) {
    #if canImport(Glibc)
      _ = Glibc.write(STDERR_FILENO, start, count)
    #elseif canImport(Musl)
      _ = Musl.write(STDERR_FILENO, start, count)
    #else
      _ = Darwin.write(STDERR_FILENO, start, count)
    #endif
  }
}

/// How the system gives the pages of a large block.
private enum SystemPages {
  private static let hugeByteCount = 2 << 20
  private static let byteCount = 4096
  /// Blocks of less are filled from front to back, so that their pages are asked for at once: a
  /// third of what a fault for each of them costs. Greater ones are tables that are read all over,
  /// and large pages save more there.
  private static let orderedMax = 8 << 20
  /// `MADV_POPULATE_WRITE`, since Linux 5.14; older ones refuse it, and nothing is lost.
  private static let populate: Int32 = 23

  /// Asks for the pages of a block that was just allocated.
  static func prepare(_ block: UnsafeMutableRawPointer, _ byteCount: Int) {
    #if os(Linux)
      guard byteCount >= 2 * Self.hugeByteCount else { return }
      let isOrdered = byteCount < orderedMax
      let size = isOrdered ? Self.byteCount : hugeByteCount
      let start = block.alignedUp(toMultipleOf: size)
      let end = (block + byteCount).alignedDown(toMultipleOf: size)
      if end > start { madvise(start, end - start, isOrdered ? populate : MADV_HUGEPAGE) }
    #endif
  }
}
