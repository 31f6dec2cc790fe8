import CCrypto

/// A byte string as the corpus states it: the bytes, or of long ones their length and SHA-1.
public enum CorpusBytes: Hashable, Sendable {
  /// The bytes themselves.
  case bytes([UInt8])
  /// More than 256 bytes: how many, and the 40 hex digits of their SHA-1.
  case digest(count: Int, sha1: String)

  /// Reads the corpus' convention: the character U+00XX of a string stands for the byte 0xXX;
  /// `{"len": …, "sha1": …}` stands for a long one. `nil` for anything else.
  public init?(_ value: JSONValue?) {
    if let text = value?.string {
      guard text.unicodeScalars.allSatisfy({ $0.value < 0x100 }) else { return nil }
      self = .bytes(text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    } else if let count = value?["len"]?.int, let sha1 = value?["sha1"]?.string {
      self = .digest(count: count, sha1: sha1)
    } else {
      return nil
    }
  }

  /// The form in which the corpus would state `bytes`.
  public init(stating bytes: [UInt8]) {
    self =
      bytes.count > 256 ? .digest(count: bytes.count, sha1: sha1Hex(bytes)) : .bytes(bytes)
  }

  /// Whether these are the bytes that the corpus means.
  public func matches(_ bytes: [UInt8]) -> Bool {
    self == CorpusBytes(stating: bytes)
  }
}

/// The 40 lower-case hex digits of the SHA-1 of `bytes`.
public func sha1Hex(_ bytes: [UInt8]) -> String {
  var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
  SHA1(bytes, bytes.count, &digest)
  return hex(digest)
}

/// Two lower-case hex digits for each byte.
public func hex(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef")
  return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
}

/// The bytes that hex digits of either case spell, spaces allowed between them; `nil` for other
/// text.
public func bytes(hex text: String) -> [UInt8]? {
  let nibbles = text.filter { !$0.isWhitespace }.map(\.hexDigitValue)
  guard nibbles.count.isMultiple(of: 2) else { return nil }
  var bytes: [UInt8] = []
  bytes.reserveCapacity(nibbles.count / 2)
  for index in stride(from: 0, to: nibbles.count, by: 2) {
    guard let high = nibbles[index], let low = nibbles[index + 1] else { return nil }
    bytes.append(UInt8(high << 4 | low))
  }
  return bytes
}
