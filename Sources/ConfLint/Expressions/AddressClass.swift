import Glibc

/// Classes of addresses, as `bind` takes them.
enum AddressClass {
  /// `127.0.0.0/8`, `::1` and its mapped forms, `localhost`.
  static func isLoopback(_ text: [UInt8]) -> Bool {
    let name = bare(text)
    if name == "localhost" { return true }
    if let bytes = v4(name) { return bytes[0] == 127 }
    guard let bytes = v6(name) else { return false }
    if let mapped = mapped(bytes) { return mapped[0] == 127 }
    return bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
  }

  /// All addresses: `*`, `0.0.0.0`, `::`, `::*`.
  static func isWildcard(_ text: [UInt8]) -> Bool {
    let name = bare(text)
    if name == "*" || name == "::*" { return true }
    if let bytes = v4(name) { return bytes.allSatisfy { $0 == 0 } }
    return v6(name)?.allSatisfy { $0 == 0 } ?? false
  }

  /// Networks that the Internet does not route: RFC 1918, RFC 6598, link-local, unique local, and
  /// loopback.
  static func isPrivate(_ text: [UInt8]) -> Bool {
    if isLoopback(text) { return true }
    let name = bare(text)
    if let bytes = v4(name) { return isPrivate4(bytes) }
    guard let bytes = v6(name) else { return false }
    if let mapped = mapped(bytes) { return isPrivate4(mapped) }
    return bytes[0] & 0xFE == 0xFC || bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
  }

  /// Whether it is an address and no name.
  static func isAddress(_ text: [UInt8]) -> Bool {
    let name = bare(text)
    return v4(name) != nil || v6(name) != nil
  }

  private static func isPrivate4(_ bytes: [UInt8]) -> Bool {
    switch (bytes[0], bytes[1]) {
    case (10, _), (127, _), (192, 168), (169, 254): true
    case (172, 16...31), (100, 64...127): true
    default: false
    }
  }

  /// The text without the prefix of an optional address and without a zone.
  private static func bare(_ text: [UInt8]) -> String {
    let start = text.first == UInt8(ascii: "-") ? 1 : 0
    let end = text.firstIndex(of: UInt8(ascii: "%")) ?? text.endIndex
    return String(decoding: text[min(start, end)..<end], as: UTF8.self)
  }

  private static func v4(_ text: String) -> [UInt8]? {
    var address = in_addr()
    guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
    return withUnsafeBytes(of: &address) { Array($0) }
  }

  private static func v6(_ text: String) -> [UInt8]? {
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    return withUnsafeBytes(of: &address) { Array($0) }
  }

  /// The IPv4 address in an IPv6 one.
  private static func mapped(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else {
      return nil
    }
    return Array(bytes[12...])
  }
}
