import RedisCodecs

/// One entry of a `PackedList` about to be written: an integer, or bytes that lie elsewhere.
struct PackedEntry {
  private let bytes: Bytes
  private let integer: Int64
  private let isInteger: Bool
  /// The bytes of encoding and data, without the back length.
  private let size: Int
  /// The bytes of the whole entry.
  let byteCount: Int

  /// The entry of a string: an integer where the text is the canonical one of an integer, as
  /// servers store it.
  @inline(__always)
  init(_ text: Bytes) {
    if let integer = IntegerText.canonical(text) {
      self.init(integer)
    } else {
      self.init(opaque: text)
    }
  }

  /// The entry of bytes that stay bytes, whatever they look like.
  @inline(__always)
  init(opaque bytes: Bytes) {
    let header = bytes.count < 0x40 ? 1 : bytes.count < 0x1000 ? 2 : 5
    self.bytes = bytes
    integer = 0
    isInteger = false
    size = header &+ bytes.count
    byteCount = size &+ PackedList.backLengthByteCount(size)
  }

  /// The entry of an integer.
  @inline(__always)
  init(_ value: Int64) {
    bytes = Bytes(start: nil, count: 0)
    integer = value
    isInteger = true
    switch value {
    case 0...0x7f: size = 1
    case -0x1000..<0x1000: size = 2
    case -0x8000..<0x8000: size = 3
    case -0x80_0000..<0x80_0000: size = 4
    case -0x8000_0000..<0x8000_0000: size = 5
    default: size = 9
    }
    byteCount = size &+ 1
  }

  /// The entry of an element that a reader gave.
  @inline(__always)
  init(_ element: Element) {
    if let start = element.start {
      self.init(Bytes(start: start, count: element.count))
    } else {
      self.init(element.integer)
    }
  }

  /// Writes the entry at `target`, which has room for `byteCount` bytes.
  func write(to target: UnsafeMutableRawPointer) {
    if isInteger { writeInteger(to: target) } else { writeString(to: target) }
    let backCount = byteCount &- size
    if backCount == 1 {
      target.storeBytes(of: UInt8(truncatingIfNeeded: size), toByteOffset: size, as: UInt8.self)
      return
    }
    // Seven bits a byte, the most significant first, a high bit on all but the first.
    for index in 0..<backCount {
      let group = UInt8(truncatingIfNeeded: size >> (7 &* (backCount &- 1 &- index)) & 0x7f)
      let byte = index == 0 ? group : group | 0x80
      target.storeBytes(of: byte, toByteOffset: size &+ index, as: UInt8.self)
    }
  }

  @inline(__always)
  private func writeString(to target: UnsafeMutableRawPointer) {
    let count = bytes.count
    if count < 0x40 {
      target.storeBytes(of: 0x80 | UInt8(truncatingIfNeeded: count), as: UInt8.self)
    } else if count < 0x1000 {
      target.storeBytes(of: 0xe0 | UInt8(truncatingIfNeeded: count >> 8), as: UInt8.self)
      target.storeBytes(of: UInt8(truncatingIfNeeded: count), toByteOffset: 1, as: UInt8.self)
    } else {
      target.storeBytes(of: 0xf0, as: UInt8.self)
      target.storeBytes(
        of: UInt32(truncatingIfNeeded: count).littleEndian, toByteOffset: 1, as: UInt32.self)
    }
    if let source = bytes.baseAddress {
      (target + (size &- count)).copyMemory(from: source, byteCount: count)
    }
  }

  @inline(__always)
  private func writeInteger(to target: UnsafeMutableRawPointer) {
    let low = UInt64(bitPattern: integer)
    switch size {
    case 1: target.storeBytes(of: UInt8(truncatingIfNeeded: low), as: UInt8.self)
    case 2:
      target.storeBytes(
        of: 0xc0 | UInt8(truncatingIfNeeded: low >> 8) & 0x1f, as: UInt8.self)
      target.storeBytes(of: UInt8(truncatingIfNeeded: low), toByteOffset: 1, as: UInt8.self)
    default:
      let encoding: UInt8 = size == 9 ? 0xf4 : 0xee &+ UInt8(truncatingIfNeeded: size)
      target.storeBytes(of: encoding, as: UInt8.self)
      for index in 0..<(size &- 1) {
        let byte = UInt8(truncatingIfNeeded: low >> UInt64(8 &* index))
        target.storeBytes(of: byte, toByteOffset: 1 &+ index, as: UInt8.self)
      }
    }
  }
}

/// What is looked for in a `PackedList`.
struct PackedNeedle {
  /// The text.
  let bytes: Bytes
  /// The integer whose canonical text it is.
  let integer: Int64?

  /// - Parameter bytes: the text of the entry wanted.
  @inline(__always)
  init(_ bytes: Bytes) {
    self.bytes = bytes
    integer = IntegerText.canonical(bytes)
  }

  /// Whether `element` has the same text.
  @inline(__always)
  func matches(_ element: Element) -> Bool {
    if let start = element.start {
      return integer == nil && bytes.equals(Bytes(start: start, count: element.count))
    }
    return integer == element.integer
  }
}
