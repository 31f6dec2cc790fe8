import RedisCodecs
import TestSupport
import Testing

@Suite struct LZFCompressorTests {
  /// The string that `packed` unpacks to.
  private static func unpack(_ packed: [UInt8], _ count: Int) throws -> [UInt8] {
    var target = [UInt8](repeating: 0, count: count + LZF.slackByteCount)
    try target.withUnsafeMutableBytes { target in
      guard let start = target.baseAddress else { return }
      try packed.withUnsafeBytes { try LZF.unpack($0, to: start, expected: count) }
    }
    return Array(target[..<count])
  }

  @Test func `what is packed unpacks to the same, and is shorter`() throws {
    var random = RepeatableRandom(seed: 41)
    var packer = LZFCompressor()
    var packedCount = 0
    for _ in 0..<4000 {
      let count = Int.random(in: 0...Int.random(in: 1...30_000, using: &random), using: &random)
      let letters = UInt8.random(in: 0...255, using: &random)
      var bytes = (0..<count).map { _ in UInt8.random(in: 0...letters, using: &random) }
      // A stretch that comes again, from near and from beyond the window.
      if count > 100, Bool.random(using: &random) {
        let start = Int.random(in: 0..<(count / 2), using: &random)
        bytes += bytes[start..<(start + count / 3)]
      }
      let packed = bytes.withUnsafeBytes { packer.pack($0).map { Array($0) } }
      guard let packed else { continue }
      packedCount += 1
      #expect(packed.count <= bytes.count - 4)
      #expect(try Self.unpack(packed, bytes.count) == bytes)
    }
    #expect(packedCount > 1000)
  }

  @Test(arguments: [21, 22, 264, 265, 266, 8192, 8193, 100_000])
  func `a run of one byte becomes short`(_ count: Int) throws {
    var packer = LZFCompressor()
    let bytes = [UInt8](repeating: 7, count: count)
    let found = bytes.withUnsafeBytes { packer.pack($0).map { Array($0) } }
    let packed = try #require(found)
    #expect(packed.count <= 6 + count / 80)
    #expect(try Self.unpack(packed, count) == bytes)
  }

  @Test func `short strings and noise stay as they are`() {
    var random = RepeatableRandom(seed: 42)
    var packer = LZFCompressor()
    for bytes in [
      [UInt8](repeating: 7, count: 20),
      (0..<5000).map { _ in UInt8.random(in: 0...255, using: &random) },
    ] {
      let isPacked = bytes.withUnsafeBytes { packer.pack($0) != nil }
      #expect(!isPacked)
    }
  }
}
