import CCrypto

/// SHA-256, by the system's libcrypto.
public enum SHA256 {
  /// The 64 hexadecimal digits of the hash of `bytes`, in lower case.
  public static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
    let message = Array(bytes)
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    // Not the one-shot function, which sets up all of libcrypto first: that takes longer than to
    // lint a file.
    var state = SHA256_CTX()
    SHA256_Init(&state)
    SHA256_Update(&state, message, message.count)
    SHA256_Final(&digest, &state)
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * digest.count)
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
