/// The name of a command, letters in either case, as a number of fixed size: made and compared
/// without allocation.
///
/// Names of more than 31 bytes belong to no command of any server.
public struct CommandName: Hashable, Sendable {
  /// The bytes that fit.
  public static let byteCountMax = 31

  @usableFromInline let first: UInt64
  @usableFromInline let second: UInt64
  @usableFromInline let third: UInt64
  /// The last bytes, and the count in the top one.
  @usableFromInline let fourth: UInt64

  /// The name; `nil` where it is longer than any.
  @inlinable
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count <= Self.byteCountMax else { return nil }
    first = Self.word(bytes, at: 0)
    second = bytes.count > 8 ? Self.word(bytes, at: 8) : 0
    third = bytes.count > 16 ? Self.word(bytes, at: 16) : 0
    let last = bytes.count > 24 ? Self.word(bytes, at: 24) : 0
    fourth = last | UInt64(bytes.count) &<< 56
  }

  /// The name in `text`; `nil` where it is longer than any.
  public init?(_ text: some StringProtocol) {
    var text = String(text)
    let name = text.withUTF8 { CommandName(UnsafeRawBufferPointer($0)) }
    guard let name else { return nil }
    self = name
  }

  /// The name, letters in upper case; bytes that are no UTF-8 are replaced.
  public var text: String {
    let count = Int(fourth >> 56)
    let words = [first, second, third, fourth]
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> ($0 % 8 * 8)) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A number that differs between most names.
  @inlinable @inline(__always)
  var hash: Int {
    var hash = (first ^ fourth) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ hash &>> 29 ^ second) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash &>> 32 ^ third) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: hash &>> 33)
  }

  /// Up to eight bytes from `offset` on, letters in upper case.
  @inlinable @inline(__always)
  static func word(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
    let count = bytes.count &- offset
    guard count < 8 else {
      return upper(
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
    }
    var word: UInt64 = 0
    var position = offset
    if count & 4 != 0 {
      word = UInt64(
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)))
      position &+= 4
    }
    if count & 2 != 0 {
      let pair = UInt16(
        littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self))
      word |= UInt64(pair) &<< UInt64((position &- offset) &* 8)
      position &+= 2
    }
    if count & 1 != 0 { word |= UInt64(bytes[position]) &<< UInt64((position &- offset) &* 8) }
    return upper(word)
  }

  /// Eight bytes, letters `a` to `z` made capitals.
  @inlinable @inline(__always)
  static func upper(_ word: UInt64) -> UInt64 {
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    // The top bit of each byte: from 'a' on, beyond 'z', and neither beyond ASCII.
    let isFromA = low &+ 0x1F1F_1F1F_1F1F_1F1F
    let isBeyondZ = low &+ 0x0505_0505_0505_0505
    let isLower = (isFromA ^ isBeyondZ) & ~word & 0x8080_8080_8080_8080
    return word &- isLower &>> 2
  }
}
