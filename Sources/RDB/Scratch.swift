import RedisCodecs

/// A buffer that unpacked strings go to, grown as needed and used again.
struct Scratch: ~Copyable {
  private(set) var start: UnsafeMutableRawPointer
  private var capacity: Int

  init() {
    capacity = 4096
    start = .allocate(byteCount: capacity + LZF.slackByteCount, alignment: 16)
  }

  deinit { start.deallocate() }

  /// Room for `count` bytes and the slack that wide stores want; what it held is lost.
  mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer {
    if count > capacity {
      start.deallocate()
      capacity = max(count, min(capacity * 2, 1 << 20))
      start = .allocate(byteCount: capacity + LZF.slackByteCount, alignment: 16)
    }
    return start
  }
}
