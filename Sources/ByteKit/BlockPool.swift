/// Blocks of memory of one size that are used again and again, by any thread.
public final class BlockPool: @unchecked Sendable {
  /// The size of a block, bytes.
  public static let blockByteCount = 256 << 10

  private let monitor = Monitor()
  private var free: [UnsafeMutableRawPointer] = []

  /// An empty pool; it grows as blocks come back.
  public init() {}

  deinit { for block in free { block.deallocate() } }

  /// A block with undefined contents.
  func take() -> UnsafeMutableRawPointer {
    monitor.withLock { free.popLast() }
      ?? .allocate(byteCount: Self.blockByteCount, alignment: 64)
  }

  /// Takes blocks back.
  func give(_ blocks: [UnsafeMutableRawPointer]) { monitor.withLock { free += blocks } }
}

/// Bytes that wait, in blocks of a pool.
public struct HeldBytes: ~Copyable {
  private let pool: BlockPool
  private var blocks: [UnsafeMutableRawPointer] = []
  /// The number of bytes.
  public private(set) var count = 0

  /// Nothing yet.
  public init(_ pool: BlockPool) { self.pool = pool }

  deinit { pool.give(blocks) }

  /// Adds bytes at the end.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while let source = rest.baseAddress, rest.count > 0 {
      let used = count % BlockPool.blockByteCount
      if used == 0 { blocks.append(pool.take()) }
      let part = min(rest.count, BlockPool.blockByteCount - used)
      (blocks[blocks.count - 1] + used).copyMemory(from: source, byteCount: part)
      count += part
      rest = UnsafeRawBufferPointer(rebasing: rest[part...])
    }
  }

  /// Hands all bytes to `body`, in order, and forgets them.
  public mutating func drain(_ body: (UnsafeRawBufferPointer) -> Void) {
    var left = count
    for block in blocks {
      let part = min(left, BlockPool.blockByteCount)
      body(UnsafeRawBufferPointer(start: block, count: part))
      left -= part
    }
    pool.give(blocks)
    blocks = []
    count = 0
  }
}
