import ByteKit
import TestSupport
import Testing

@testable import RedisCodecs

/// CRC-64/Jones and CRC-16/XMODEM against their published check values and a bitwise computation.
@Suite struct ChecksumTests {
  private static let bytes: [UInt8] = {
    var random = RepeatableRandom(seed: 64)
    return random.bytes(count: 4096)
  }()

  private static func crc64(_ bytes: some Sequence<UInt8>, from crc: UInt64 = 0) -> UInt64 {
    Array(bytes).withUnsafeBytes { CRC64.update(crc, $0) }
  }

  /// The definition, bit by bit.
  private static func bitwise(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ UInt64(byte)) { crc, _ in
        crc & 1 == 1 ? crc >> 1 ^ 0x95ac_9329_ac4b_c9b5 : crc >> 1
      }
    }
  }

  @Test func `the check values`() {
    #expect(Self.crc64("123456789".utf8) == 0xe9c6_d914_c4b8_d9ca)
    #expect(Self.crc64([]) == 0)
    let crc16 = Array("123456789".utf8).withUnsafeBytes { CRC16.checksum($0) }
    #expect(crc16 == 0x31c3)
  }

  @Test func `all lengths give what the definition gives`() {
    for count in 0...600 {
      for start in [0, 1, 3] {
        let part = Self.bytes[start..<(start + count)]
        let expected = Self.bitwise(part)
        #expect(Self.crc64(part) == expected, "\(count) bytes")
        let portable = part.withUnsafeBytes { CRC64.updatePortably(0, $0) }
        #expect(portable == expected, "\(count) bytes, portably")
      }
    }
  }

  @Test func `splits change nothing`() {
    var random = RepeatableRandom(seed: 65)
    let whole = Self.bitwise(Self.bytes)
    for _ in 0..<300 {
      var crc: UInt64 = 0
      var portable: UInt64 = 0
      var rest = Self.bytes[...]
      while !rest.isEmpty {
        let part = rest.prefix(Int.random(in: 1...700, using: &random))
        crc = part.withUnsafeBytes { CRC64.update(crc, $0) }
        portable = part.withUnsafeBytes { CRC64.updatePortably(portable, $0) }
        rest = rest.dropFirst(part.count)
      }
      #expect(crc == whole, "seed \(random.seed)")
      #expect(portable == whole, "seed \(random.seed)")
    }
  }

  @Test func `checksums of two runs combine`() {
    var random = RepeatableRandom(seed: 66)
    let whole = Self.bitwise(Self.bytes)
    for cut in [0, 1, 4095, 4096] + (0..<100).map({ _ in Int.random(in: 0...4096, using: &random) })
    {
      let combined = CRC64.combine(
        Self.crc64(Self.bytes[..<cut]), Self.crc64(Self.bytes[cut...]),
        byteCount: Self.bytes.count - cut)
      #expect(combined == whole, "cut at \(cut)")
    }
  }

  @Test func `combining works over lengths that no buffer has`() {
    // 2^40 zero bytes behind "a", by doubling: each step is checked by the one before.
    let one = Self.crc64("a".utf8)
    var doubled = CRC64.combine(one, 0, byteCount: 1)
    #expect(doubled == Self.crc64(Array("a".utf8) + [0]))
    for power in 1...40 {
      doubled = CRC64.combine(doubled, 0, byteCount: 1 << (power - 1))
      #expect(doubled == CRC64.combine(one, 0, byteCount: 1 << power))
    }
  }

  @Test func `a tap has the checksum of what went by`() throws {
    let tap = ChecksumTap()
    var input = ByteInput(MemorySource(Self.bytes, chunkByteCount: 100), windowByteCount: 16)
    input.tap = tap
    try input.skip(Self.bytes.count)
    input.tapThroughCursor()
    #expect(tap.crc == Self.bitwise(Self.bytes))
    #expect(tap.byteCount == Self.bytes.count)
  }
}
