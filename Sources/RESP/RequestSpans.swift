import ByteKit

/// Where the arguments of a request stand, relative to its first byte.
///
/// One buffer serves all requests of a reader: it grows to the largest one and stays.
public struct RequestSpans: ~Copyable {
  /// One argument.
  public struct Span: Equatable, Sendable {
    /// From the request's first byte to the argument's.
    public var offset: Int
    /// Its bytes.
    public var count: Int

    /// An argument of `count` bytes at `offset`.
    @inlinable
    public init(offset: Int, count: Int) {
      self.offset = offset
      self.count = count
    }
  }

  @usableFromInline var storage: UnsafeMutablePointer<Span>
  @usableFromInline var used = 0
  @usableFromInline var capacity: Int

  /// Room for `capacity` arguments at first, at least one.
  public init(capacity: Int = 64) {
    self.capacity = max(1, capacity)
    storage = .allocate(capacity: self.capacity)
  }

  deinit { storage.deallocate() }

  /// The first span. Valid until the next `append`.
  @inlinable
  public var start: UnsafePointer<Span> { UnsafePointer(storage) }

  /// How many there are.
  @inlinable
  public var count: Int { used }

  /// The argument at `index`, which is below `count`.
  @inlinable
  public subscript(index: Int) -> Span { storage[index] }

  /// Forgets all arguments.
  @inlinable @inline(__always)
  public mutating func removeAll() { used = 0 }

  /// Adds an argument.
  @inlinable @inline(__always)
  public mutating func append(_ span: Span) {
    if used == capacity { grow() }
    storage[used] = span
    used &+= 1
  }

  @usableFromInline @inline(never)
  mutating func grow() {
    let larger = UnsafeMutablePointer<Span>.allocate(capacity: capacity * 2)
    larger.update(from: storage, count: used)
    storage.deallocate()
    storage = larger
    capacity *= 2
  }
}
