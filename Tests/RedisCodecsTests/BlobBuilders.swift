import ByteKit

/// Little-endian bytes of the low `count` bytes of `value`.
func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// Big-endian bytes of the low `count` bytes of `value`.
func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
  littleEndian(value, count).reversed()
}

/// A listpack put together entry by entry, each in the form that the caller chooses.
struct ListpackBuilder {
  private(set) var entries: [UInt8] = []
  private(set) var count = 0

  /// Adds an entry of these encoding and data bytes, and its back length.
  mutating func add(_ entry: [UInt8]) {
    entries += entry + Self.backLength(entry.count)
    count += 1
  }

  /// The back length of an entry of `size` bytes: groups of seven bits, the most significant first,
  /// a high bit on all but the first.
  static func backLength(_ size: Int) -> [UInt8] {
    let count =
      size <= 127 ? 1 : size < 16383 ? 2 : size < 2_097_151 ? 3 : size < 268_435_455 ? 4 : 5
    return (0..<count).map { index in
      let group = UInt8(size >> (7 * (count - 1 - index)) & 127)
      return index == 0 ? group : group | 128
    }
  }

  /// A string in its shortest form.
  mutating func add(text: [UInt8]) {
    switch text.count {
    case 0..<64: add([0x80 | UInt8(text.count)] + text)
    case 64..<4096: add([0xe0 | UInt8(text.count >> 8), UInt8(text.count & 255)] + text)
    default: add([0xf0] + littleEndian(text.count, 4) + text)
    }
  }

  /// A string in its shortest form.
  mutating func add(_ text: String) { add(text: Array(text.utf8)) }

  /// An integer in its shortest form.
  mutating func add(_ value: Int) {
    switch value {
    case 0...127: add([UInt8(value)])
    case -4096...4095: add([0xc0 | UInt8(value >> 8 & 31), UInt8(value & 255)])
    case -32768...32767: add([0xf1] + littleEndian(value, 2))
    case -(1 << 23)..<(1 << 23): add([0xf2] + littleEndian(value, 3))
    case -(1 << 31)..<(1 << 31): add([0xf3] + littleEndian(value, 4))
    default: add([0xf4] + littleEndian(value, 8))
    }
  }

  /// The whole blob, with `count` in its header unless another is given.
  func blob(count stated: Int? = nil) -> [UInt8] {
    littleEndian(entries.count + 7, 4) + littleEndian(stated ?? count, 2) + entries + [0xff]
  }
}

/// A ziplist put together entry by entry.
struct ZiplistBuilder {
  private(set) var entries: [UInt8] = []
  private(set) var count = 0
  private var previousSize = 0

  /// Adds an entry of these encoding and data bytes behind the size of the one before.
  ///
  /// - Parameter wide: states that size in five bytes, even if one would do.
  mutating func add(_ entry: [UInt8], wide: Bool = false) {
    let previous =
      previousSize < 254 && !wide
      ? [UInt8(previousSize)] : [0xfe] + littleEndian(previousSize, 4)
    previousSize = previous.count + entry.count
    entries += previous + entry
    count += 1
  }

  /// A string in its shortest form.
  mutating func add(text: [UInt8]) {
    switch text.count {
    case 0..<64: add([UInt8(text.count)] + text)
    case 64..<16384: add([0x40 | UInt8(text.count >> 8), UInt8(text.count & 255)] + text)
    default: add([0x80] + bigEndian(text.count, 4) + text)
    }
  }

  /// The whole blob, with its true count and tail in the header unless others are given.
  func blob(count stated: Int? = nil, tail: Int? = nil) -> [UInt8] {
    littleEndian(entries.count + 11, 4)
      + littleEndian(tail ?? (10 + entries.count - previousSize), 4)
      + littleEndian(stated ?? count, 2) + entries + [0xff]
  }
}

/// A zipmap of pairs.
enum ZipmapBuilder {
  /// `free` bytes of garbage stand behind each value.
  static func blob(_ pairs: [([UInt8], [UInt8])], free: Int = 0, count: Int? = nil) -> [UInt8] {
    var blob = [UInt8(count ?? min(pairs.count, 254))]
    for (field, value) in pairs {
      blob += length(field.count) + field + length(value.count) + [UInt8(free)] + value
      blob += [UInt8](repeating: 0xee, count: free)
    }
    return blob + [0xff]
  }

  static func length(_ count: Int) -> [UInt8] {
    count < 254 ? [UInt8(count)] : [254] + littleEndian(count, 4)
  }
}

/// Calls `body` with a copy of `bytes` that is just as long, so that an address sanitizer sees
/// reads past the end.
func withExactCopy<Result, Failure: Error>(
  _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
  let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 8)
  defer { copy.deallocate() }
  copy.copyBytes(from: bytes)
  return try body(UnsafeRawBufferPointer(copy))
}
