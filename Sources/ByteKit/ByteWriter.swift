/// A buffer of output bytes that is handed to `drain` whenever it is full.
///
/// The hot path is a store through `cursor`: callers `reserve` room once and write unchecked, or
/// use the checked methods. Measured by the benchmarks `dump-ndjson` and `dump-resp`.
public struct ByteWriter: ~Copyable {
  /// Where the next byte goes. After `reserve(n)` at least `n` bytes follow it.
  public var cursor: UnsafeMutableRawPointer
  @usableFromInline var start: UnsafeMutableRawPointer
  @usableFromInline var end: UnsafeMutableRawPointer
  @usableFromInline let drain: (UnsafeRawBufferPointer) -> Void
  /// The number of bytes handed to `drain` so far.
  public internal(set) var drainedByteCount = 0

  /// - Parameters:
  ///   - capacity: bytes held before `drain` is called, at least 64.
  ///   - drain: takes the bytes written so far, in order; they are valid during the call only.
  public init(capacity: Int = 1 << 16, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    let size = max(capacity, 64)
    start = .allocate(byteCount: size, alignment: 16)
    cursor = start
    end = start + size
    self.drain = drain
  }

  deinit { start.deallocate() }

  /// The number of bytes written and not yet drained.
  @inlinable
  public var pendingByteCount: Int { cursor - start }

  /// Makes room for `count` more bytes behind `cursor`, draining or growing the buffer.
  @inlinable
  public mutating func reserve(_ count: Int) {
    if end - cursor < count { makeRoom(count) }
  }

  @usableFromInline @inline(never)
  mutating func makeRoom(_ count: Int) {
    flush()
    guard end - start < count else { return }
    start.deallocate()
    start = .allocate(byteCount: count, alignment: 16)
    cursor = start
    end = start + count
  }

  /// Hands everything written so far to `drain`.
  public mutating func flush() {
    guard cursor > start else { return }
    drainedByteCount &+= cursor - start
    drain(UnsafeRawBufferPointer(start: start, count: cursor - start))
    cursor = start
  }

  /// Writes one byte.
  @inlinable
  public mutating func write(_ byte: UInt8) {
    reserve(1)
    cursor.storeBytes(of: byte, as: UInt8.self)
    cursor += 1
  }

  /// Writes `bytes`; a run larger than the buffer goes to `drain` directly.
  @inlinable
  public mutating func write(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    if bytes.count > end - cursor, drainLarge(bytes) { return }
    cursor.copyMemory(from: source, byteCount: bytes.count)
    cursor += bytes.count
  }

  /// Drains the buffer, then `bytes` themselves where they exceed it; says whether they did.
  @usableFromInline @inline(never)
  mutating func drainLarge(_ bytes: UnsafeRawBufferPointer) -> Bool {
    flush()
    guard bytes.count > end - start else { return false }
    drainedByteCount &+= bytes.count
    drain(bytes)
    return true
  }

  /// Writes the UTF-8 bytes of a literal.
  @inlinable
  public mutating func write(_ literal: StaticString) {
    write(UnsafeRawBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
  }

  /// Writes the UTF-8 bytes of `text`; for messages and reports, not for hot loops.
  public mutating func write(text: String) {
    var copy = text
    copy.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  /// Writes decimal text.
  @inlinable
  public mutating func write(decimal value: Int64) {
    reserve(DecimalText.byteCountMax)
    cursor += DecimalText.write(value, to: cursor)
  }

  /// Writes decimal text.
  @inlinable
  public mutating func write(decimal value: UInt64) {
    reserve(DecimalText.byteCountMax)
    cursor += DecimalText.write(value, to: cursor)
  }

  /// Writes decimal text.
  @inlinable
  public mutating func write(decimal value: Int) { write(decimal: Int64(value)) }
}
