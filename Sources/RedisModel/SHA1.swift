import CCrypto

/// SHA-1, by the block function of the system's libcrypto.
///
/// The digest of a data set hashes some 150 million messages of a few bytes for 30 million
/// elements. Those fit one block, so they are padded here and handed to the block function: 45 ns
/// each, against 48 ns for init, update and final, 72 ns for a kept EVP context, 100 ns for
/// `EVP_Digest` and 125 ns for swift-crypto. Long ones are left to libcrypto as a whole.
public struct SHA1 {
  /// The longest message that is padded here, bytes: two blocks less their padding.
  @usableFromInline static let shortByteCountMax = 119

  @usableFromInline var context = SHA_CTX()

  /// The hash of an empty message, to be continued by `update`.
  @inlinable
  public init() { SHA1_Init(&context) }

  /// Appends `bytes` to the message.
  @inlinable
  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    SHA1_Update(&context, start, bytes.count)
  }

  /// The hash of the message so far.
  @inlinable
  public func finish() -> Digest160 {
    var context = context
    return withUnsafeTemporaryAllocation(byteCount: Digest160.byteCount, alignment: 8) { target in
      SHA1_Final(target.assumingMemoryBound(to: UInt8.self).baseAddress, &context)
      return Digest160(bytes: UnsafeRawBufferPointer(target)) ?? .zero
    }
  }

  /// The hash of `bytes`.
  @inlinable
  public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest160 {
    if bytes.count <= shortByteCountMax { return hashShort(bytes) }
    var message = SHA1()
    message.update(bytes)
    return message.finish()
  }

  /// The hash of the 20 bytes of `digest`.
  @inlinable
  public static func hash(_ digest: Digest160) -> Digest160 {
    var context = blockContext()
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { block in
      block.storeBytes(of: pair(digest.word0, digest.word1), as: UInt64.self)
      block.storeBytes(of: pair(digest.word2, digest.word3), toByteOffset: 8, as: UInt64.self)
      block.storeBytes(of: pair(digest.word4, 0x8000_0000), toByteOffset: 16, as: UInt64.self)
      block.storeBytes(of: 0, toByteOffset: 24, as: UInt64.self)
      block.storeBytes(of: 0, toByteOffset: 32, as: UInt64.self)
      block.storeBytes(of: 0, toByteOffset: 40, as: UInt64.self)
      block.storeBytes(of: 0, toByteOffset: 48, as: UInt64.self)
      block.storeBytes(of: pair(0, 160), toByteOffset: 56, as: UInt64.self)
      SHA1_Transform(&context, block.assumingMemoryBound(to: UInt8.self).baseAddress)
    }
    return digest160(context)
  }

  /// The hash of a message of at most `shortByteCountMax` bytes.
  ///
  /// The padding: a bit 1, zeros, and the length in bits as the block's last eight bytes, big
  /// endian.
  @inlinable
  static func hashShort(_ bytes: UnsafeRawBufferPointer) -> Digest160 {
    var context = blockContext()
    let count = bytes.count
    let padded = count < 56 ? 64 : 128
    withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { room in
      guard let blocks = room.baseAddress else { return }
      var offset = 0
      while offset < padded {
        blocks.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
        offset &+= 8
      }
      if let start = bytes.baseAddress { blocks.copyMemory(from: start, byteCount: count) }
      blocks.storeBytes(of: 0x80, toByteOffset: count, as: UInt8.self)
      let bitCount = UInt64(truncatingIfNeeded: count &* 8)
      blocks.storeBytes(of: bitCount.bigEndian, toByteOffset: padded &- 8, as: UInt64.self)
      let first = blocks.assumingMemoryBound(to: UInt8.self)
      SHA1_Transform(&context, first)
      if padded == 128 { SHA1_Transform(&context, first + 64) }
    }
    return digest160(context)
  }

  /// A context in which the block function finds the five starting words; it reads nothing else.
  @inlinable @inline(__always)
  static func blockContext() -> SHA_CTX {
    var context = SHA_CTX()
    context.h0 = 0x6745_2301
    context.h1 = 0xefcd_ab89
    context.h2 = 0x98ba_dcfe
    context.h3 = 0x1032_5476
    context.h4 = 0xc3d2_e1f0
    return context
  }

  /// The five words that the block function left in `context`.
  @inlinable @inline(__always)
  static func digest160(_ context: SHA_CTX) -> Digest160 {
    Digest160(context.h0, context.h1, context.h2, context.h3, context.h4)
  }

  /// Two words as they stand in a block: big endian, `first` in front.
  @inlinable @inline(__always)
  static func pair(_ first: UInt32, _ second: UInt32) -> UInt64 {
    (UInt64(first) &<< 32 | UInt64(second)).bigEndian
  }
}
