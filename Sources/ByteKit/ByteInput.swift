/// A window over a source: the reader parses in place and the window moves on underneath.
///
/// The bytes in the window are `cursor..<limit`. `ensure(n)` makes at least `n` of them available,
/// moving what must stay (everything from `pin` on) to the front of the buffer and reading more.
/// The buffer grows only as bytes arrive, or up to a size that the rest of a file can fill, so that
/// a length that lies costs nothing.
public struct ByteInput: ~Copyable {
  /// The window's usual size: small enough for the second-level cache.
  public static let windowByteCount = 256 << 10

  /// The next byte.
  public var cursor: UnsafeRawPointer
  /// Behind the last byte in the window.
  public private(set) var limit: UnsafeRawPointer
  /// Bytes from here on stay in the buffer when it moves; `nil`: from the cursor on.
  public var pin: UnsafeRawPointer?
  /// The input's end where it is known, an absolute offset.
  public let endOffset: Int?
  /// A larger element is refused: `nil` is no limit but the bytes that there are.
  public var elementByteCountMax: Int?
  /// Asked at the first element that is larger: true lifts the limit. It may wait for the answer.
  public var mayLiftElementMax: (() -> Bool)?
  /// Sees every byte once and in order, when it leaves the window.
  public var tap: (any ByteTap)?
  /// Sees the bytes between `beginRecording` and `endRecording`.
  private var recorder: (any ByteTap)?
  private var recorded: UnsafeRawPointer

  private var start: UnsafeMutableRawPointer
  private var capacity: Int
  private var startOffset: Int
  private var tapped: UnsafeRawPointer
  private let source: any ByteSource

  /// A window at the front of `source`.
  ///
  /// - Parameters:
  ///   - offset: where the source's first byte stands in the input; errors count from there.
  ///   - windowByteCount: the buffer's first size, at least 16.
  public init(
    _ source: any ByteSource, at offset: Int = 0, windowByteCount: Int = Self.windowByteCount
  ) {
    capacity = max(16, windowByteCount)
    start = .allocate(byteCount: capacity + Self.slackByteCount, alignment: 64)
    cursor = UnsafeRawPointer(start)
    limit = cursor
    tapped = cursor
    recorded = cursor
    startOffset = offset
    endOffset = source.remainingByteCount.map { $0 + offset }
    self.source = source
  }

  /// Bytes behind the buffer's end that may be read, though not used, by wide loads.
  public static let slackByteCount = 64

  deinit { start.deallocate() }

  /// The absolute offset of the next byte.
  @inlinable
  public var offset: Int { offset(of: cursor) }

  /// The absolute offset of a byte of the window.
  public func offset(of position: UnsafeRawPointer) -> Int {
    startOffset &+ (position - UnsafeRawPointer(start))
  }

  /// The byte of the window at an absolute offset that is still in it.
  public func position(at offset: Int) -> UnsafeRawPointer {
    UnsafeRawPointer(start) + (offset &- startOffset)
  }

  /// The number of bytes from the cursor to the input's end, where that is known.
  public var remainingByteCount: Int? { endOffset.map { $0 - offset } }

  /// Makes at least `count` bytes available behind the cursor.
  ///
  /// - Throws: `.truncated` where the input ends before, and what the source throws.
  @inlinable
  public mutating func ensure(_ count: Int) throws(InputError) {
    if limit - cursor < count { try fill(count) }
  }

  /// Whether the input ends at the cursor.
  public mutating func isAtEnd() throws(InputError) -> Bool {
    if limit > cursor { return false }
    try readMore(count: 1)
    return limit == cursor
  }

  /// Makes `count` bytes available, or fewer where the input ends; says how many there are.
  public mutating func peek(_ count: Int) throws(InputError) -> Int {
    if limit - cursor < count { try readMore(count: count) }
    return min(count, limit - cursor)
  }

  /// Moves past `count` bytes; they need not fit the window. Nothing may be pinned.
  @inlinable
  public mutating func skip(_ count: Int) throws(InputError) {
    if count <= limit - cursor {
      cursor += count
    } else {
      try skipFar(count)
    }
  }

  @usableFromInline @inline(never)
  mutating func skipFar(_ count: Int) throws(InputError) {
    if let remaining = remainingByteCount, count > remaining { throw truncated(count) }
    var left = count
    while left > limit - cursor {
      left -= limit - cursor
      cursor = limit
      try readMore(count: 1)
      if cursor == limit { throw truncated(left) }
    }
    cursor += left
  }

  @usableFromInline @inline(never)
  mutating func fill(_ count: Int) throws(InputError) {
    if let remaining = remainingByteCount, count > remaining { throw truncated(count) }
    try checkElement(count)
    try readMore(count: count)
    if limit - cursor < count { throw truncated(count) }
  }

  /// Refuses an element of `count` bytes where that is more than `elementByteCountMax`.
  public mutating func checkElement(_ count: Int) throws(InputError) {
    guard let elementByteCountMax, count > elementByteCountMax else { return }
    guard mayLiftElementMax?() == true else {
      throw InputError(
        .limited, at: offset, "an element of \(count) bytes exceeds the limit of this pass")
    }
    self.elementByteCountMax = nil
  }

  @inline(never)
  private func truncated(_ count: Int) -> InputError {
    let end = endOffset ?? offset(of: limit)
    return InputError(
      .truncated, at: offset,
      "the input ends at \(end) (\(hex(end))), \(count - (end - offset)) bytes short")
  }

  /// Reads until `count` bytes stand behind the cursor or the input ends.
  private mutating func readMore(count: Int) throws(InputError) {
    let kept = pin ?? cursor
    discard(before: kept)
    let wanted = (cursor - UnsafeRawPointer(start)) + count
    while limit - cursor < count {
      let used = limit - UnsafeRawPointer(start)
      if used == capacity { grow(toward: wanted) }
      let room = UnsafeMutableRawBufferPointer(start: start + used, count: capacity - used)
      let added = try source.read(into: room)
      if added == 0 { return }
      limit += added
    }
  }

  /// Moves everything from `kept` on to the front of the buffer.
  private mutating func discard(before kept: UnsafeRawPointer) {
    tapThrough(kept)
    recordThrough(kept)
    let moved = kept - UnsafeRawPointer(start)
    guard moved > 0 else { return }
    let count = limit - kept
    if count > 0 { memmove(start, kept, count) }
    startOffset += moved
    cursor -= moved
    limit -= moved
    tapped -= moved
    recorded -= moved
    if let pin { self.pin = pin - moved }
  }

  /// Doubles the buffer, or takes just what is wanted where a file is known to have it; but always
  /// so much more that a pin behind which many small elements are read costs no time without end.
  private mutating func grow(toward wanted: Int) {
    let size = endOffset == nil ? min(wanted, capacity * 2) : wanted
    let newCapacity = max(size, capacity + max(4096, capacity / 4))
    let used = limit - UnsafeRawPointer(start)
    let larger = UnsafeMutableRawPointer.allocate(
      byteCount: newCapacity + Self.slackByteCount, alignment: 64)
    larger.copyMemory(from: start, byteCount: used)
    let old = UnsafeRawPointer(start)
    let new = UnsafeRawPointer(larger)
    cursor = new + (cursor - old)
    limit = new + (limit - old)
    tapped = new + (tapped - old)
    recorded = new + (recorded - old)
    if let pin { self.pin = new + (pin - old) }
    start.deallocate()
    start = larger
    capacity = newCapacity
  }

  /// Lets the tap see everything before the cursor.
  public mutating func tapThroughCursor() { tapThrough(cursor) }

  /// Leaves out the bytes before the cursor that the tap has not seen.
  public mutating func skipTapToCursor() { tapped = cursor }

  /// From the cursor on, `recorder` sees all bytes, in order.
  public mutating func beginRecording(_ recorder: any ByteTap) {
    self.recorder = recorder
    recorded = cursor
  }

  /// The recorder has seen everything before the cursor.
  public mutating func endRecording() {
    recordThrough(cursor)
    recorder = nil
  }

  private mutating func recordThrough(_ position: UnsafeRawPointer) {
    guard let recorder, position > recorded else {
      recorded = max(recorded, position)
      return
    }
    recorder.see(UnsafeRawBufferPointer(start: recorded, count: position - recorded))
    recorded = position
  }

  private mutating func tapThrough(_ position: UnsafeRawPointer) {
    guard position > tapped else { return }
    tap?.see(UnsafeRawBufferPointer(start: tapped, count: position - tapped))
    tapped = position
  }
}

/// Something that sees the bytes of an input go by: a checksum.
public protocol ByteTap: AnyObject {
  /// The next bytes, in order.
  func see(_ bytes: UnsafeRawBufferPointer)
}

/// An offset as `0x1f3a`.
public func hex(_ offset: Int) -> String { "0x" + String(offset, radix: 16) }
