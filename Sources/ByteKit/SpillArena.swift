/// An append-only run of bytes that stays in memory while it is small and moves to a temporary file
/// when it is not, so that what must wait for the end of a huge value costs bounded memory.
///
/// Failures are sticky and never thrown: after the first one appends are dropped and `failure` says
/// why, so that hot loops need not look.
public struct SpillArena: ~Copyable {
  /// Bytes held in memory unless the owner says otherwise: 16 MiB.
  public static let memoryByteCountMax = 16 << 20

  /// The first byte; valid until the next append or `removeAll`.
  public private(set) var base: UnsafeMutableRawPointer
  /// The number of bytes appended.
  @inlinable
  public var count: Int { used }
  /// The `errno` of what went wrong (`ENOSPC`, `EACCES`, …); `nil` while all is well.
  public private(set) var failure: Int32?

  @usableFromInline var used = 0
  /// Bytes that fit at `base`; after a failure no more than `used`, so that all appends are
  /// dropped.
  @usableFromInline var capacity: Int
  private let memoryMax: Int
  private let folder: String?
  private var memory: UnsafeMutableRawPointer
  private var memoryCapacity: Int
  /// The unlinked temporary file; −1 while everything is in memory.
  private var descriptor: Int32 = -1
  private var mappedByteCount = 0

  /// An empty arena; the file is made when it is needed.
  ///
  /// - Parameters:
  ///   - memoryMax: bytes held in memory, at least 64.
  ///   - folder: where the file goes; `nil` for `$TMPDIR`, or `/tmp` where that is not set.
  public init(memoryMax: Int = SpillArena.memoryByteCountMax, folder: String? = nil) {
    self.folder = folder
    self.memoryMax = max(memoryMax, 64)
    memoryCapacity = min(self.memoryMax, 4096)
    memory = .allocate(byteCount: memoryCapacity, alignment: 16)
    base = memory
    capacity = memoryCapacity
  }

  deinit {
    if descriptor >= 0 {
      munmap(base, mappedByteCount)
      close(descriptor)
    }
    memory.deallocate()
  }

  /// Whether the bytes are in a temporary file.
  public var isSpilled: Bool { descriptor >= 0 }

  /// The bytes appended; valid until the next append or `removeAll`.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Forgets the bytes and a failure, and drops the file; the memory is kept for the next round.
  public mutating func removeAll() {
    if descriptor >= 0 {
      munmap(base, mappedByteCount)
      close(descriptor)
      descriptor = -1
    }
    base = memory
    capacity = memoryCapacity
    used = 0
    failure = nil
  }

  /// Appends `byteCount` bytes at `source`, which is not within the arena.
  @inlinable
  public mutating func append(_ source: UnsafeRawPointer, count byteCount: Int) {
    guard let target = extend(by: byteCount) else { return }
    target.copyMemory(from: source, byteCount: byteCount)
  }

  /// Appends `bytes`, which are not within the arena.
  @inlinable
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    append(source, count: bytes.count)
  }

  /// Appends the bytes of `value` in the machine's order, unaligned.
  @inlinable
  public mutating func append<T: BitwiseCopyable>(value: T) {
    guard let target = extend(by: MemoryLayout<T>.size) else { return }
    target.storeBytes(of: value, as: T.self)
  }

  /// Reads a `T` that `append(value:)` wrote at `offset`, which the caller keeps within `count`.
  @inlinable
  public func load<T: BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    base.loadUnaligned(fromByteOffset: offset, as: type)
  }

  /// Appends `byteCount` uninitialised bytes for the caller to fill before the next append.
  ///
  /// - Returns: where they are; `nil` after a failure.
  @inlinable
  public mutating func extend(by byteCount: Int) -> UnsafeMutableRawPointer? {
    if capacity &- used < byteCount, !makeRoom(byteCount) { return nil }
    let target = base + used
    used &+= byteCount
    return target
  }

  /// Makes room for `byteCount` more bytes, in memory or in the file.
  @usableFromInline @inline(never)
  mutating func makeRoom(_ byteCount: Int) -> Bool {
    guard failure == nil else { return false }
    let (needed, overflow) = used.addingReportingOverflow(byteCount)
    guard !overflow, needed <= Int.max / 4 else { return fail(ENOMEM) }
    if descriptor < 0, needed <= memoryMax {
      growMemory(to: min(max(capacity * 2, needed), memoryMax))
      return true
    }
    return growFile(to: max(needed, capacity + capacity / 2))
  }

  private mutating func growMemory(to size: Int) {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
    larger.copyMemory(from: base, byteCount: used)
    memory.deallocate()
    memory = larger
    memoryCapacity = size
    base = larger
    capacity = size
  }

  /// Grows the file to at least `size` bytes and maps it anew; makes it when there is none.
  private mutating func growFile(to size: Int) -> Bool {
    let step = 1 << 16
    let rounded = (size + step - 1) / step * step
    let file = descriptor >= 0 ? descriptor : UnlinkedFile.make(in: folder)
    guard file >= 0 else { return fail(errno) }
    let problem = Self.allocateFile(file, byteCount: rounded)
    let mapping =
      problem == 0
      ? mmap(nil, rounded, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED
    guard let mapping, mapping != MAP_FAILED else {
      let reason = problem == 0 ? errno : problem
      if descriptor < 0 { close(file) }
      return fail(reason)
    }
    if descriptor >= 0 {
      munmap(base, mappedByteCount)
    } else {
      mapping.copyMemory(from: base, byteCount: used)
      descriptor = file
    }
    base = mapping
    mappedByteCount = rounded
    capacity = rounded
    return true
  }

  private mutating func fail(_ reason: Int32) -> Bool {
    failure = reason
    capacity = used
    return false
  }

  /// Reserves the blocks of the file, so that a full disk is an error here and not a signal later.
  ///
  /// - Returns: 0 or an `errno`.
  private static func allocateFile(_ file: Int32, byteCount: Int) -> Int32 {
    #if canImport(Darwin)
      return ftruncate(file, off_t(byteCount)) == 0 ? 0 : errno
    #else
      var result = EINTR
      while result == EINTR { result = posix_fallocate(file, 0, off_t(byteCount)) }
      return result
    #endif
  }
}
