/// CRC-16/XMODEM: polynomial 0x1021, initial value 0, no reflection, no final xor.
///
/// Check value, of the digits `123456789`: 0x31C3. Clusters hash keys with it.
public enum CRC16 {
  /// The checksum of `bytes`.
  @inlinable
  public static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt16 {
    var crc: UInt16 = 0
    for byte in bytes { crc = crc &<< 8 ^ table[Int(UInt8(crc &>> 8) ^ byte)] }
    return crc
  }

  /// What each byte in front of 16 zero bits leaves.
  @usableFromInline static let table: InlineArray<256, UInt16> = .init { index in
    var crc = UInt16(truncatingIfNeeded: index) &<< 8
    for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc &<< 1 : crc &<< 1 ^ 0x1021 }
    return crc
  }
}
