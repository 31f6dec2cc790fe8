import RedisCodecs

/// The slot of a cluster that a key belongs to.
public enum HashSlot {
  /// Slots are 0..<`count`.
  public static let count = 16384

  /// The slot of `key`, 0…16383.
  @inlinable
  public static func of(_ key: UnsafeRawBufferPointer) -> Int {
    Int(CRC16.checksum(hashedPart(of: key)) & UInt16(count &- 1))
  }

  /// The part of `key` that decides: what stands between its first `{` and the first `}` after it,
  /// unless that is nothing or one of them is missing; then the whole key.
  @inlinable
  public static func hashedPart(of key: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard let open = key.firstIndex(of: UInt8(ascii: "{")) else { return key }
    let rest = UnsafeRawBufferPointer(rebasing: key[(open &+ 1)...])
    guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > 0 else { return key }
    return UnsafeRawBufferPointer(rebasing: rest[..<close])
  }
}
