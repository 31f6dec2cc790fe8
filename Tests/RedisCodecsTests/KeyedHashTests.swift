import TestSupport
import Testing

@testable import RedisCodecs

/// The hash that tells keys and members apart: nothing that differs may be the same.
@Suite struct KeyedHashTests {
  private func halves(_ hash: KeyedHash, _ bytes: [UInt8], space: UInt64 = 0) -> [UInt64] {
    let value = bytes.withUnsafeBytes { hash.hash($0, space: space) }
    return [value.high, value.low]
  }

  @Test func `each bit of up to 80 bytes changes both halves`() {
    var random = RepeatableRandom(seed: 1)
    let hash = KeyedHash(using: &random)
    for count in 1...80 {
      let bytes = random.bytes(count: count)
      let whole = halves(hash, bytes)
      for bit in 0..<(8 * count) {
        var other = bytes
        other[bit / 8] ^= 1 << UInt8(bit % 8)
        let changed = halves(hash, other)
        #expect(changed[0] != whole[0] && changed[1] != whole[1], "bit \(bit) of \(count) bytes")
      }
    }
  }

  @Test func `runs of one byte differ by their length`() {
    let hash = KeyedHash()
    for byte: UInt8 in [0, 1, 0x20, 0xff] {
      let values = (0...300).map { halves(hash, Array(repeating: byte, count: $0)) }
      #expect(Set(values.map { $0[0] }).count == 301)
      #expect(Set(values.map { $0[1] }).count == 301)
    }
  }

  @Test func `spaces keep equal bytes apart`() {
    let hash = KeyedHash()
    for text in ["", "k", "key", "key:1", "a key of more than sixteen bytes"] {
      let values = (0..<1000).map { halves(hash, Array(text.utf8), space: $0) }
      #expect(Set(values.map { $0[0] }).count == 1000, "\(text)")
    }
  }

  @Test func `equal bytes are equal wherever they lie`() {
    var random = RepeatableRandom(seed: 2)
    let hash = KeyedHash(using: &random)
    for count in 0...70 {
      let bytes = random.bytes(count: count)
      let values = (0..<9).map { shift in
        let room = random.bytes(count: shift) + bytes + random.bytes(count: 9)
        return halves(hash, Array(room[shift..<(shift + count)]))
      }
      let shifted = (0..<9).map { shift in
        let room = random.bytes(count: shift) + bytes + random.bytes(count: 9)
        return room.withUnsafeBytes {
          let value = hash.hash(UnsafeRawBufferPointer(rebasing: $0[shift..<(shift + count)]))
          return [value.high, value.low]
        }
      }
      #expect(Set(values + shifted).count == 1, "\(count) bytes")
    }
  }

  @Test func `another key gives other hashes`() {
    let bytes = Array("key".utf8)
    #expect(Set((0..<100).map { _ in halves(KeyedHash(), bytes) }).count == 100)
  }

  /// Texts as keys have them: much in common, and a number somewhere.
  @Test(
    arguments: ["", "user:", "a rather long name space of the application:"], ["", ":profile"])
  func `half a million names have different halves and fill all parts`(
    _ front: String, _ back: String
  ) {
    fill(KeyedHash(), front, back)
  }

  /// Keys with which names of few digits once filled some parts 8 % more than others.
  private struct GivenKey: RandomNumberGenerator {
    var words: [UInt64]

    mutating func next() -> UInt64 { words.removeFirst() }
  }

  @Test(
    arguments: [
      [
        0xb417_fe2d_19f6_f9b3, 0xc31d_ffe6_a191_d4b5, 0xe49b_93a9_71a3_6147, 0x1a01_ad6f_0097_3fb5,
      ],
      [
        0x8f33_ddcd_fb73_1d59, 0xe9fc_4c4d_7a53_9c61, 0x7360_86a1_9479_f38b, 0xaf15_55d1_d134_8761,
      ],
      [
        0xaffd_f995_2c7f_a7a7, 0x0369_0b7b_9bb4_35f9, 0x9e94_5a6f_5788_c827, 0x928c_c46d_c3bb_3273,
      ],
      [
        0xc536_2812_904e_3bab, 0x1415_d5f3_4fa2_55fb, 0x40bd_8b8d_9786_5723, 0x1e25_61c5_7f86_1d45,
      ],
    ] as [[UInt64]])
  func `keys that once were unlucky fill all parts too`(_ words: [UInt64]) {
    for front in ["", "user:"] {
      var key = GivenKey(words: words)
      fill(KeyedHash(using: &key), front, "")
    }
  }

  private func fill(_ hash: KeyedHash, _ front: String, _ back: String) {
    let count = 500_000
    var high: Set<UInt64> = []
    var low: Set<UInt64> = []
    var parts = [Int](repeating: 0, count: 64)
    for number in 0..<count {
      let value = halves(hash, Array((front + String(number) + back).utf8))
      high.insert(value[0])
      low.insert(value[1])
      parts[Int(value[0] >> 58)] += 1
    }
    #expect(high.count == count)
    #expect(low.count == count)
    // The mean is 7,812, the standard deviation 88.
    #expect(parts.allSatisfy { (7_200...8_400).contains($0) }, "\(parts)")
  }
}
