import TestSupport
import Testing

@testable import RedisCodecs

/// Blobs validated some at a time: the answer is that of one after the other.
@Suite struct LZFBatchTests {
  private struct Blob {
    var packed: [UInt8]
    var expected: Int

    func add(to batch: inout LZFBatch) {
      let slack = [UInt8](repeating: 0xff, count: LZF.slackByteCount)
      (packed + slack).withUnsafeBytes {
        batch.add(
          UnsafeRawBufferPointer(rebasing: $0[..<packed.count]), expected: expected)
      }
    }
  }

  private static func blobs(_ count: Int, _ random: inout RepeatableRandom) -> [Blob] {
    (0..<count).map { _ in
      let bytes = LZFTests.sample(&random)
      return Blob(packed: LZFPacker.pack(bytes), expected: bytes.count)
    }
  }

  /// Whether a batch finds all of these sound.
  private func isSound(_ blobs: [Blob]) -> Bool {
    var batch = LZFBatch()
    for blob in blobs { blob.add(to: &batch) }
    batch.validate()
    return batch.isSound
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5, 63, 64, 65, 300])
  func `sound blobs are sound together`(_ count: Int) {
    var random = RepeatableRandom(seed: UInt64(count))
    #expect(isSound(Self.blobs(count, &random)))
  }

  @Test(arguments: [1, 2, 3, 4, 5, 9, 70])
  func `one unsound blob is found at every place`(_ count: Int) {
    var random = RepeatableRandom(seed: 100 + UInt64(count))
    let sound = Self.blobs(count, &random)
    for index in 0..<count {
      let expected = sound[index].expected
      let packed = sound[index].packed
      for change in [
        Blob(packed: packed, expected: expected + 1),
        Blob(packed: Array(packed.dropLast()), expected: expected),
        Blob(packed: [0x20, 0xff] + packed, expected: expected + 3),
      ] {
        var blobs = sound
        blobs[index] = change
        #expect(!isSound(blobs), "blob \(index) of \(count)")
      }
    }
  }

  @Test func `random damage is seen where validation sees it`() {
    var random = RepeatableRandom(seed: 7)
    var soundCount = 0
    for _ in 0..<2000 {
      var blob = Self.blobs(1, &random)[0]
      let place = Int.random(in: 0..<blob.packed.count, using: &random)
      blob.packed[place] = UInt8.random(in: 0...255, using: &random)
      let slack = [UInt8](repeating: 0, count: LZF.slackByteCount)
      let isValid = (blob.packed + slack).withUnsafeBytes { bytes in
        let packed = UnsafeRawBufferPointer(rebasing: bytes[..<blob.packed.count])
        do throws(CodecError) {
          try LZF.validate(packed, expected: blob.expected)
          return true
        } catch {
          return false
        }
      }
      if isValid { soundCount += 1 }
      #expect(isSound(Self.blobs(3, &random) + [blob]) == isValid)
    }
    #expect((1..<2000).contains(soundCount))
  }

  @Test func `blobs larger than the room are validated too`() {
    var random = RepeatableRandom(seed: 8)
    let bytes = random.bytes(count: 100_000)
    let blob = Blob(packed: LZFPacker.pack(bytes), expected: bytes.count)
    let sound = Self.blobs(10, &random)
    #expect(isSound(sound + [blob] + sound))
    #expect(!isSound(sound + [Blob(packed: blob.packed, expected: 5)] + sound))
  }
}
