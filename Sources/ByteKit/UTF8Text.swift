/// Whether bytes are text.
public enum UTF8Text {
  /// Whether `bytes` are valid UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
  ///
  /// ASCII passes 32 bytes at a time. Measured by the benchmark `dump-ndjson`.
  public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard var source = bytes.baseAddress else { return true }
    let end = source + bytes.count
    while true {
      source = skipASCII(source, end)
      if source == end { return true }
      // A run of text beyond ASCII: stay in here until the next ASCII byte.
      repeat {
        let length = sequenceLength(source, end - source)
        if length == 0 { return false }
        source += length
      } while source < end && source.load(as: UInt8.self) >= 0x80
    }
  }

  /// The length of the valid sequence at `source`, of which `available` ≥ 1 bytes exist: 1…4, or 0
  /// when there is none.
  public static func sequenceLength(_ source: UnsafeRawPointer, _ available: Int) -> Int {
    let lead = source.load(as: UInt8.self)
    if lead < 0x80 { return 1 }
    if lead < 0xE0 {
      return lead >= 0xC2 && available >= 2 && isContinuation(source, 1) ? 2 : 0
    }
    guard available >= 3, isContinuation(source, 1), isContinuation(source, 2) else { return 0 }
    let second = source.load(fromByteOffset: 1, as: UInt8.self)
    if lead < 0xF0 {
      // E0 80…9F would be overlong, ED A0…BF are surrogates.
      if lead == 0xE0 && second < 0xA0 || lead == 0xED && second >= 0xA0 { return 0 }
      return 3
    }
    // F0 80…8F would be overlong, F4 90…BF and F5…FF are above U+10FFFF.
    guard lead <= 0xF4, available >= 4, isContinuation(source, 3) else { return 0 }
    return lead == 0xF0 && second < 0x90 || lead == 0xF4 && second >= 0x90 ? 0 : 4
  }

  @inline(__always)
  private static func isContinuation(_ source: UnsafeRawPointer, _ offset: Int) -> Bool {
    source.load(fromByteOffset: offset, as: UInt8.self) & 0xC0 == 0x80
  }

  /// The first byte at or behind `start` which is not ASCII, or `end`.
  @inline(__always)
  private static func skipASCII(
    _ start: UnsafeRawPointer, _ end: UnsafeRawPointer
  ) -> UnsafeRawPointer {
    var source = start
    while end - source >= 32 {
      let words =
        source.loadUnaligned(as: UInt64.self)
        | source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        | source.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        | source.loadUnaligned(fromByteOffset: 24, as: UInt64.self)
      if words & JSONText.highBits != 0 { break }
      source += 32
    }
    while end - source >= 8 {
      let word = UInt64(littleEndian: source.loadUnaligned(as: UInt64.self)) & JSONText.highBits
      if word != 0 { return source + (word.trailingZeroBitCount &>> 3) }
      source += 8
    }
    while source < end && source.load(as: UInt8.self) < 0x80 { source += 1 }
    return source
  }
}
