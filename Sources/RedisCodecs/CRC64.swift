import ByteKit
import CChecksum

/// CRC-64/Jones, the checksum of snapshots and DUMP payloads: polynomial 0xad93d23594c935a9,
/// reflected in and out, start and final value 0.
///
/// Where the processor multiplies without carry, `CChecksum` folds blocks of 64 bytes (8 GB/s
/// here); elsewhere, and for the rest, eight tables take eight bytes at a time (1.5 GB/s).
/// Source: format.md section 2 of the fact sheet; redis/src/crc64.c states the same parameters.
public enum CRC64 {
  /// The reflected polynomial.
  static let polynomial: UInt64 = 0x95ac_9329_ac4b_c9b5

  private static let canFold = redisops_crc64_can_fold()

  /// `tables[k * 256 + b]` is the checksum of the byte `b` followed by `k` zero bytes.
  private static let tables: [UInt64] = {
    var tables = [UInt64](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt64(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ polynomial : crc >> 1 }
      tables[byte] = crc
    }
    for index in 256..<tables.count {
      let before = tables[index - 256]
      tables[index] = before >> 8 ^ tables[Int(before & 255)]
    }
    return tables
  }()

  /// The checksum of everything so far, given that of what came before and the next bytes.
  public static func update(_ crc: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard canFold, bytes.count >= 128, let start = bytes.baseAddress else {
      return updatePortably(crc, bytes)
    }
    let folded = bytes.count & ~63
    var remainder: (UInt64, UInt64) = (0, 0)
    let reduced = withUnsafeMutableBytes(of: &remainder) { remainder in
      redisops_crc64_fold(
        crc, start, folded, remainder.baseAddress?.assumingMemoryBound(to: UInt64.self))
      return updatePortably(0, UnsafeRawBufferPointer(remainder))
    }
    return updatePortably(reduced, UnsafeRawBufferPointer(rebasing: bytes[folded...]))
  }

  /// The same without the processor's help.
  static func updatePortably(_ crc: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    guard var next = bytes.baseAddress else { return crc }
    let end = next + bytes.count
    return tables.withUnsafeBufferPointer { table in
      var crc = crc
      while end - next >= 8 {
        let word = crc ^ UInt64(littleEndian: next.loadUnaligned(as: UInt64.self))
        var sum: UInt64 = 0
        for lane in 0..<8 {
          sum ^= table[(7 - lane) << 8 | Int(word >> UInt64(lane << 3) & 255)]
        }
        crc = sum
        next += 8
      }
      while next < end {
        crc = crc >> 8 ^ table[Int((crc ^ UInt64(next.load(as: UInt8.self))) & 255)]
        next += 1
      }
      return crc
    }
  }

  /// The checksum of two runs of bytes one behind the other, from those of each.
  ///
  /// - Parameter byteCount: the length of the second run.
  /// - Complexity: O(log byteCount)
  public static func combine(_ first: UInt64, _ second: UInt64, byteCount: Int) -> UInt64 {
    var power = xToTheEighth
    var result = first
    var left = byteCount
    while left > 0 {
      if left & 1 == 1 { result = multiply(result, power) }
      power = multiply(power, power)
      left >>= 1
    }
    return result ^ second
  }

  /// x^8 in the reflected form, whose highest bit stands for x^0.
  private static let xToTheEighth: UInt64 = 1 << 55

  /// The product of two polynomials modulo the checksum's, in the reflected form.
  private static func multiply(_ left: UInt64, _ right: UInt64) -> UInt64 {
    var sum: UInt64 = 0
    var shifted = right
    for bit in 0..<64 {
      if left << UInt64(bit) & (1 << 63) != 0 { sum ^= shifted }
      shifted = shifted & 1 == 1 ? shifted >> 1 ^ polynomial : shifted >> 1
    }
    return sum
  }
}

/// The checksum of the bytes that go through a `ByteInput`.
public final class ChecksumTap: ByteTap {
  /// Of everything seen so far.
  public private(set) var crc: UInt64 = 0
  /// How much was seen.
  public private(set) var byteCount = 0

  /// Starts from nothing.
  public init() {}

  /// Adds the next bytes.
  public func see(_ bytes: UnsafeRawBufferPointer) {
    crc = CRC64.update(crc, bytes)
    byteCount += bytes.count
  }
}
