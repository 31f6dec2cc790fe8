/// The 160 bits of DEBUG DIGEST, and its two ways of mixing data into them.
///
/// With `sha1(x)` plain SHA-1 and 20 zero bytes to start from:
///
///     xorIn:  d := d XOR sha1(data)            the order of the calls does not matter
///     mixIn:  d := sha1(d XOR sha1(data))      it does
public struct Digest160: Equatable, Hashable, Sendable {
  /// The size, bytes.
  public static let byteCount = 20

  /// Bytes 0…3, most significant first, as all five words: those of a SHA-1 state.
  public var word0: UInt32
  /// Bytes 4…7.
  public var word1: UInt32
  /// Bytes 8…11.
  public var word2: UInt32
  /// Bytes 12…15.
  public var word3: UInt32
  /// Bytes 16…19.
  public var word4: UInt32

  /// Twenty zero bytes: where every digest starts, and the digest of an empty data set.
  public static let zero = Digest160(0, 0, 0, 0, 0)

  /// The hash of `!!expire!!`, which `xor(with:)` puts into the digest of a key with an expiry.
  public static let keyExpiryMark = Digest160(
    0xe685_feff, 0xdc39_ea54, 0xc116_ebf8, 0x456a_cf9b, 0x1aae_4183)

  /// The hash of `!!hexpire!!`, which Redis 7.4 and later put into the digest of a hash field with
  /// an expiry.
  public static let fieldExpiryMark = Digest160(
    0x91c2_568a, 0xde8a_5716, 0xf7a6_aa11, 0x5fa0_c434, 0x812a_7c1f)

  /// A digest from its five words.
  @inlinable
  public init(
    _ word0: UInt32, _ word1: UInt32, _ word2: UInt32, _ word3: UInt32, _ word4: UInt32
  ) {
    self.word0 = word0
    self.word1 = word1
    self.word2 = word2
    self.word3 = word3
    self.word4 = word4
  }

  /// A digest from its 20 bytes; `nil` for any other number of them.
  @inlinable
  public init?(bytes: UnsafeRawBufferPointer) {
    guard bytes.count == Digest160.byteCount else { return nil }
    self.init(
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)),
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)),
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)),
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)),
      UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self)))
  }

  /// Combines two digests bit by bit.
  @inlinable
  public mutating func xor(with other: Digest160) {
    word0 ^= other.word0
    word1 ^= other.word1
    word2 ^= other.word2
    word3 ^= other.word3
    word4 ^= other.word4
  }

  /// Puts `bytes` in; the order of such calls does not matter.
  @inlinable
  public mutating func xorIn(_ bytes: UnsafeRawBufferPointer) { xor(with: SHA1.hash(bytes)) }

  /// Puts the 20 bytes of `digest` in; the order of such calls does not matter.
  @inlinable
  public mutating func xorIn(_ digest: Digest160) { xor(with: SHA1.hash(digest)) }

  /// Puts `bytes` in; the order of such calls matters.
  @inlinable
  public mutating func mixIn(_ bytes: UnsafeRawBufferPointer) { mixIn(hash: SHA1.hash(bytes)) }

  /// Puts the 20 bytes of `digest` in; the order of such calls matters.
  @inlinable
  public mutating func mixIn(_ digest: Digest160) { mixIn(hash: SHA1.hash(digest)) }

  /// Puts the four bytes of `number` in, most significant first: a database or the number of a
  /// type.
  @inlinable
  public mutating func mixIn(bigEndian number: UInt32) {
    withUnsafeBytes(of: number.bigEndian) { mixIn($0) }
  }

  /// Puts data in whose hash is known: one that is kept, or that of a long string fed in pieces.
  @inlinable
  public mutating func mixIn(hash: Digest160) {
    xor(with: hash)
    self = SHA1.hash(self)
  }
}

extension Digest160: CustomStringConvertible {
  /// The 40 lower-case hex digits.
  public var description: String {
    String(unsafeUninitializedCapacity: 2 * Digest160.byteCount) { target in
      var position = 0
      for word in [word0, word1, word2, word3, word4] {
        for shift in stride(from: 28, through: 0, by: -4) {
          let digit = UInt8(truncatingIfNeeded: word >> UInt32(shift) & 15)
          target[position] = digit + (digit < 10 ? 48 : 87)
          position += 1
        }
      }
      return position
    }
  }

  /// A digest from its text; `nil` unless that is 40 hex digits.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 2 * Digest160.byteCount else { return nil }
    var words: [UInt32] = [0, 0, 0, 0, 0]
    for (position, byte) in text.utf8.enumerated() {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      words[position / 8] = words[position / 8] << 4 | UInt32(digit)
    }
    self.init(words[0], words[1], words[2], words[3], words[4])
  }
}
