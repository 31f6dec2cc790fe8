import RedisModel

/// Remembers which command each spelling of a name is, so that most look-ups cost a few loads: an
/// append-only file says the same few names over and over.
struct NameMemo: ~Copyable {
  private struct Spelling: BitwiseCopyable {
    var first: UInt64 = 0
    var second: UInt64 = 0
    /// 0 in a free place.
    var byteCount = 0
    /// Below zero: no command.
    var index = -1
  }

  private static let byteCountMax = 16
  /// A power of two, far more than the names of a file.
  private static let spellingCount = 256

  private let spellings: UnsafeMutablePointer<Spelling>

  init() {
    spellings = .allocate(capacity: Self.spellingCount)
    spellings.initialize(repeating: Spelling(), count: Self.spellingCount)
  }

  deinit { spellings.deallocate() }

  /// The index in `CommandTable.all` of the command of this name.
  ///
  /// - Parameter name: that of a command that a reader gave: wide loads beyond its end are allowed.
  @inline(__always)
  func index(of name: UnsafeRawBufferPointer) -> Int? {
    guard let base = name.baseAddress, name.count &- 1 < Self.byteCountMax else {
      return CommandTable.all.index(of: name)
    }
    var first = base.loadUnaligned(as: UInt64.self)
    var second: UInt64 = 0
    if name.count <= 8 {
      first &= ~0 &>> UInt64(64 &- 8 &* name.count)
    } else {
      second =
        (base + 8).loadUnaligned(as: UInt64.self) & ~0 &>> UInt64(128 &- 8 &* name.count)
    }
    let mixed = (first ^ second &<< 17 ^ second &>> 47) &* 0x9E37_79B9_7F4A_7C15
    let place = spellings + Int(truncatingIfNeeded: mixed &>> 56)
    if place.pointee.first != first || place.pointee.second != second
      || place.pointee.byteCount != name.count
    {
      learn(name, first, second, at: place)
    }
    return place.pointee.index >= 0 ? place.pointee.index : nil
  }

  @inline(never)
  private func learn(
    _ name: UnsafeRawBufferPointer, _ first: UInt64, _ second: UInt64,
    at place: UnsafeMutablePointer<Spelling>
  ) {
    place.pointee = Spelling(
      first: first, second: second, byteCount: name.count,
      index: CommandTable.all.index(of: name) ?? -1)
  }
}
