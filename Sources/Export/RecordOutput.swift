import ByteKit

/// The writer of a sink, with the means to take back what the present record has written.
///
/// A record that turns out to be damaged half-way leaves nothing behind as long as the buffer has
/// not been drained since it began.
struct RecordOutput: ~Copyable {
  /// Counts what has left the buffer.
  private final class Counter {
    var byteCount = 0
  }

  /// Where the sink writes.
  var writer: ByteWriter
  private let drained: Counter
  private var startPending = 0
  private var startDrained = 0

  /// - Parameters:
  ///   - capacity: bytes held before `drain` is called.
  ///   - drain: takes the bytes, in order; they are valid during the call only.
  init(capacity: Int, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    let counter = Counter()
    drained = counter
    writer = ByteWriter(capacity: capacity) { bytes in
      counter.byteCount &+= bytes.count
      drain(bytes)
    }
  }

  /// A record begins here.
  mutating func beginRecord() {
    startPending = writer.pendingByteCount
    startDrained = drained.byteCount
  }

  /// Takes back what has been written since `beginRecord`, if all of it is still here.
  ///
  /// - Returns: whether it was.
  mutating func takeBackRecord() -> Bool {
    guard drained.byteCount == startDrained else { return false }
    writer.cursor -= writer.pendingByteCount - startPending
    return true
  }
}

/// Text that is gathered while a record is written and stands behind what comes meanwhile.
struct HeldText: ~Copyable {
  /// Owns the arena that the writer's closure appends to.
  private final class Box {
    var arena = SpillArena()
  }

  /// Where to write what has to wait.
  var writer: ByteWriter
  private let box: Box

  /// Holds nothing.
  init() {
    let box = Box()
    self.box = box
    writer = ByteWriter(capacity: 1 << 12) { box.arena.append($0) }
  }

  /// Whether nothing has been written since the last `move`.
  var isEmpty: Bool { byteCount == 0 }

  /// The number of bytes held.
  var byteCount: Int { box.arena.count + writer.pendingByteCount }

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { box.arena.failure }

  /// Writes what is held to `target` and forgets it.
  mutating func move(to target: inout ByteWriter) {
    copy(0..<byteCount, to: &target)
    clear()
  }

  /// Writes a range of what is held, as far as it is there, to `target`.
  mutating func copy(_ range: Range<Int>, to target: inout ByteWriter) {
    writer.flush()
    let bytes = box.arena.bytes
    let range = range.clamped(to: 0..<bytes.count)
    target.write(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// Forgets what is held.
  mutating func clear() {
    writer.cursor -= writer.pendingByteCount
    if box.arena.failure == nil { box.arena.removeAll() }
  }
}
