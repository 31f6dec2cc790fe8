import ByteKit

/// The writer of a sink, with the means to take back what the present record has written.
///
/// A record that turns out to be damaged half-way leaves nothing behind as long as the buffer has
/// not been drained since it began.
struct RecordOutput: ~Copyable {
  /// Where the sink writes.
  var writer: ByteWriter
  private var startPending = 0
  private var startDrained = 0

  /// - Parameters:
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the bytes, in order; they are valid during the call only.
  init(capacity: Int, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    writer = ByteWriter(capacity: capacity, drain: drain)
  }

  /// A record begins here.
  mutating func beginRecord() {
    startPending = writer.pendingByteCount
    startDrained = writer.drainedByteCount
  }

  /// Takes back what has been written since `beginRecord`, if all of it is still here.
  ///
  /// - Returns: whether it was.
  mutating func takeBackRecord() -> Bool {
    guard writer.drainedByteCount == startDrained else { return false }
    writer.cursor -= writer.pendingByteCount - startPending
    return true
  }
}

/// Text that is gathered while a record is written and stands behind what comes meanwhile.
struct HeldText: ~Copyable {
  /// Where to write what has to wait.
  var writer: ByteWriter
  /// What the writer's closure appends to. Not an object: its properties would be checked for
  /// overlapping accesses at each key.
  private let arena: UnsafeMutablePointer<SpillArena>

  /// Holds nothing.
  init() {
    let arena = UnsafeMutablePointer<SpillArena>.allocate(capacity: 1)
    arena.initialize(to: SpillArena())
    self.arena = arena
    writer = ByteWriter(capacity: 1 << 12) { arena.pointee.append($0) }
  }

  deinit {
    arena.deinitialize(count: 1)
    arena.deallocate()
  }

  /// Whether nothing has been written since the last `move`.
  var isEmpty: Bool { byteCount == 0 }

  /// The number of bytes held.
  var byteCount: Int { arena.pointee.count + writer.pendingByteCount }

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { arena.pointee.failure }

  /// Writes what is held to `target` and forgets it.
  mutating func move(to target: inout ByteWriter) {
    copy(0..<byteCount, to: &target)
    clear()
  }

  /// Writes a range of what is held, as far as it is there, to `target`.
  mutating func copy(_ range: Range<Int>, to target: inout ByteWriter) {
    writer.flush()
    let bytes = arena.pointee.bytes
    let range = range.clamped(to: 0..<bytes.count)
    target.write(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// Forgets what is held.
  mutating func clear() {
    writer.cursor -= writer.pendingByteCount
    if arena.pointee.failure == nil { arena.pointee.removeAll() }
  }
}
