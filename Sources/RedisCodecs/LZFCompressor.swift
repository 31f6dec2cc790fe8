import ByteKit

/// Compresses strings as LZF. One packer serves many strings: its table is cleared by counting on,
/// not by writing zeros.
public struct LZFCompressor: ~Copyable {
  /// Strings shorter than this are never worth it: servers store up to 20 bytes as they are.
  public static let byteCountMin = 21
  /// A compressed string must be shorter by so many bytes.
  private static let savedByteCountMin = 4
  /// Slots for what was seen, by a hash of three bytes.
  private static let slotBits: UInt32 = 14
  private static let distanceMax = 8192
  private static let copyMax = 264
  private static let literalMax = 32
  /// The longest string: places in it and what stands before must fit 32 bits.
  private static let byteCountMax = 1 << 30
  /// After so many bytes without a repetition every second one is tried, after twice as many every
  /// third, and so on.
  private static let patienceBits = 7

  private let slots: UnsafeMutablePointer<UInt32>
  /// Places of the present string are stored with this added; what is smaller is of another one.
  private var base: UInt32 = 1
  private var room: UnsafeMutableRawPointer
  private var roomByteCount = 4096

  /// A packer that has seen nothing.
  public init() {
    slots = .allocate(capacity: 1 << Int(Self.slotBits))
    slots.initialize(repeating: 0, count: 1 << Int(Self.slotBits))
    room = .allocate(byteCount: roomByteCount, alignment: 16)
  }

  deinit {
    slots.deallocate()
    room.deallocate()
  }

  /// The compressed form of `bytes`, valid until the next call; `nil` where that is not shorter by
  /// four bytes.
  public mutating func pack(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let source = bytes.baseAddress, bytes.count >= Self.byteCountMin,
      bytes.count <= Self.byteCountMax
    else { return nil }
    let limit = bytes.count - Self.savedByteCountMin
    if roomByteCount < limit {
      room.deallocate()
      roomByteCount = max(limit, 2 * roomByteCount)
      room = .allocate(byteCount: roomByteCount, alignment: 16)
    }
    if base > UInt32.max - UInt32(Self.byteCountMax) {
      slots.update(repeating: 0, count: 1 << Int(Self.slotBits))
      base = 1
    }
    let count = pack(source, bytes.count, limit)
    base += UInt32(truncatingIfNeeded: bytes.count)
    return count.map { UnsafeRawBufferPointer(start: room, count: $0) }
  }

  /// The three bytes at `place`, for which four can be read.
  @inline(__always)
  private static func triple(_ source: UnsafeRawPointer, _ place: Int) -> UInt32 {
    UInt32(littleEndian: source.loadUnaligned(fromByteOffset: place, as: UInt32.self)) & 0xff_ffff
  }

  private func pack(_ source: UnsafeRawPointer, _ count: Int, _ limit: Int) -> Int? {
    // The last place at which four bytes can be read.
    let last = count &- 4
    var (place, literals, used) = (0, 0, 0)
    while place <= last {
      let triple = Self.triple(source, place)
      let slot = Int((triple &* 0x9e37_79b1) >> (32 &- Self.slotBits))
      let seen = slots[slot]
      slots[slot] = base &+ UInt32(truncatingIfNeeded: place)
      let before = Int(seen) &- Int(base)
      guard seen >= base, place &- before <= Self.distanceMax,
        Self.triple(source, before) == triple
      else {
        place &+= 1 &+ (place &- literals) >> Self.patienceBits
        continue
      }
      guard putLiterals(source, literals..<place, &used, limit) else { return nil }
      let most = min(Self.copyMax, count &- place)
      var length = 3
      while length < most,
        source.load(fromByteOffset: before &+ length, as: UInt8.self)
          == source.load(fromByteOffset: place &+ length, as: UInt8.self)
      {
        length &+= 1
      }
      guard putCopy(length, place &- before &- 1, &used, limit) else { return nil }
      place &+= length
      literals = place
    }
    guard putLiterals(source, literals..<count, &used, limit) else { return nil }
    return used
  }

  @inline(__always)
  private func putLiterals(
    _ source: UnsafeRawPointer, _ range: Range<Int>, _ used: inout Int, _ limit: Int
  ) -> Bool {
    var start = range.lowerBound
    while start < range.upperBound {
      let count = min(Self.literalMax, range.upperBound &- start)
      guard used &+ 1 &+ count <= limit else { return false }
      room.storeBytes(
        of: UInt8(truncatingIfNeeded: count &- 1), toByteOffset: used, as: UInt8.self)
      (room + (used &+ 1)).copyMemory(from: source + start, byteCount: count)
      used &+= 1 &+ count
      start &+= count
    }
    return true
  }

  @inline(__always)
  private func putCopy(_ length: Int, _ distance: Int, _ used: inout Int, _ limit: Int) -> Bool {
    guard used &+ 3 <= limit else { return false }
    let stated = length &- 2
    let high = UInt8(truncatingIfNeeded: min(stated, 7) << 5 | distance >> 8)
    room.storeBytes(of: high, toByteOffset: used, as: UInt8.self)
    used &+= 1
    if stated >= 7 {
      room.storeBytes(
        of: UInt8(truncatingIfNeeded: stated &- 7), toByteOffset: used, as: UInt8.self)
      used &+= 1
    }
    room.storeBytes(of: UInt8(truncatingIfNeeded: distance), toByteOffset: used, as: UInt8.self)
    used &+= 1
    return true
  }
}
