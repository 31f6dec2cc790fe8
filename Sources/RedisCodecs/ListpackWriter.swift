import ByteKit

/// Makes a listpack entry by entry: `u32le total, u16le count, entries, 0xFF`.
///
/// Strings that are the canonical text of a 64-bit integer become integers, and each entry takes
/// its smallest form, as servers write them. The header can state 4 GiB, and servers stop at 1 GiB:
/// callers look at `byteCount` and begin another listpack in time.
public struct ListpackWriter: ~Copyable {
  /// The most bytes that an entry has besides those of its string: encoding, integer, back length.
  private static let overheadMax = 16

  /// The entries so far.
  public private(set) var count = 0
  private var start: UnsafeMutableRawPointer
  /// Where the next entry goes: behind the header and the entries so far.
  private var used = ListpackReader.headerByteCount
  private var capacity = 256

  /// A listpack without entries.
  public init() { start = .allocate(byteCount: capacity, alignment: 16) }

  deinit { start.deallocate() }

  /// The bytes of the whole listpack as it stands.
  public var byteCount: Int { used + 1 }

  /// Adds an entry.
  public mutating func append(_ element: Element) {
    guard let source = element.start else { return append(element.integer) }
    let text = UnsafeRawBufferPointer(start: source, count: element.count)
    if let integer = Self.canonicalInteger(text) { return append(integer) }
    reserve(text.count + Self.overheadMax)
    let size = putStringHeader(text.count) + text.count
    (start + (used + size - text.count)).copyMemory(from: source, byteCount: text.count)
    endEntry(size)
  }

  /// Adds an integer.
  public mutating func append(_ value: Int64) {
    reserve(Self.overheadMax)
    switch value {
    case 0...0x7f:
      put(UInt8(truncatingIfNeeded: value), at: 0)
      endEntry(1)
    case -0x1000..<0x1000:
      put(0xc0 | UInt8(truncatingIfNeeded: value >> 8) & 0x1f, at: 0)
      put(UInt8(truncatingIfNeeded: value), at: 1)
      endEntry(2)
    case -0x8000..<0x8000: putInteger(value, 0xf1, width: 2)
    case -0x80_0000..<0x80_0000: putInteger(value, 0xf2, width: 3)
    case -0x8000_0000..<0x8000_0000: putInteger(value, 0xf3, width: 4)
    default: putInteger(value, 0xf4, width: 8)
    }
  }

  /// Writes the header and the end mark.
  ///
  /// - Returns: the whole listpack; valid until the next change.
  public mutating func finish() -> UnsafeRawBufferPointer {
    start.storeBytes(of: UInt32(truncatingIfNeeded: byteCount).littleEndian, as: UInt32.self)
    let stated = UInt16(min(count, ListpackReader.countUnknown))
    start.storeBytes(of: stated.littleEndian, toByteOffset: 4, as: UInt16.self)
    put(0xff, at: 0)
    return UnsafeRawBufferPointer(start: start, count: byteCount)
  }

  /// Forgets the entries.
  public mutating func removeAll() {
    used = ListpackReader.headerByteCount
    count = 0
  }

  /// The integer whose decimal text is just `text`: no sign but a minus, no leading zero, no `-0`.
  public static func canonicalInteger(_ text: UnsafeRawBufferPointer) -> Int64? {
    guard (1...DecimalText.byteCountMax).contains(text.count) else { return nil }
    let isNegative = text[0] == UInt8(ascii: "-")
    let digits = text.dropFirst(isNegative ? 1 : 0)
    guard let first = digits.first else { return nil }
    if first == UInt8(ascii: "0") { return text.count == 1 ? 0 : nil }
    var magnitude: UInt64 = 0
    for byte in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (shifted, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte &- UInt8(ascii: "0")))
      guard !overflow, !carry else { return nil }
      magnitude = sum
    }
    guard isNegative else { return Int64(exactly: magnitude) }
    return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
  }

  /// Makes room for `byteCount` bytes of an entry, and for the end mark.
  private mutating func reserve(_ byteCount: Int) {
    let needed = used + byteCount + 1
    guard needed > capacity else { return }
    capacity = max(needed, 2 * capacity)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: start, byteCount: used)
    start.deallocate()
    start = larger
  }

  /// Stores a byte of the entry in the making; there is room.
  private func put(_ byte: UInt8, at offset: Int) {
    start.storeBytes(of: byte, toByteOffset: used + offset, as: UInt8.self)
  }

  /// Stores what stands before the bytes of a string; returns its size.
  private func putStringHeader(_ count: Int) -> Int {
    switch count {
    case 0..<0x40:
      put(0x80 | UInt8(truncatingIfNeeded: count), at: 0)
      return 1
    case 0x40..<0x1000:
      put(0xe0 | UInt8(truncatingIfNeeded: count >> 8), at: 0)
      put(UInt8(truncatingIfNeeded: count), at: 1)
      return 2
    default:
      put(0xf0, at: 0)
      let length = UInt32(truncatingIfNeeded: count).littleEndian
      start.storeBytes(of: length, toByteOffset: used + 1, as: UInt32.self)
      return 5
    }
  }

  /// Adds an integer of `width` bytes behind its `encoding`; there is room for eight.
  private mutating func putInteger(_ value: Int64, _ encoding: UInt8, width: Int) {
    put(encoding, at: 0)
    start.storeBytes(of: value.littleEndian, toByteOffset: used + 1, as: Int64.self)
    endEntry(1 + width)
  }

  /// The entry of `size` bytes is complete but for its back length: seven bits a byte, the most
  /// significant first, a high bit on all but the first.
  private mutating func endEntry(_ size: Int) {
    let backCount = ListpackReader.backLengthByteCount(size)
    for index in 0..<backCount {
      let group = UInt8(truncatingIfNeeded: size >> (7 * (backCount - 1 - index)) & 0x7f)
      put(index == 0 ? group : group | 0x80, at: size + index)
    }
    used += size + backCount
    count += 1
  }
}
