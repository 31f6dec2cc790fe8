import ByteKit

/// The last day of the first certificate of a PEM or DER file.
enum CertificateFile {
  /// Certificates are a few KiB; chains some more.
  private static let byteCountMax = 1 << 20

  /// The day after which it does not count any more; nil for what is no certificate.
  static func lastDay(_ bytes: [UInt8]) -> PolicyDate? {
    guard bytes.count <= byteCountMax else { return nil }
    var reader = DERReader(bytes: decoded(bytes) ?? bytes)
    // Certificate ⊃ tbsCertificate: [0] version, serial, algorithm, issuer, validity, …
    guard reader.enter(0x30), reader.enter(0x30) else { return nil }
    if reader.tag == 0xA0 { reader.skip() }
    guard reader.skip(0x02), reader.skip(0x30), reader.skip(0x30), reader.enter(0x30) else {
      return nil
    }
    // notBefore, notAfter.
    guard reader.skip(), let (tag, time) = reader.content() else { return nil }
    let digits = time.prefix { $0.isDigit }.map { Int($0 - 0x30) }
    func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
    switch (tag, digits.count) {
    case (0x17, 10...):
      // RFC 5280: two digits below 50 are years of this century.
      let year = number(0..<2)
      return PolicyDate(
        year: year < 50 ? 2000 + year : 1900 + year, month: number(2..<4), day: number(4..<6))
    case (0x18, 12...):
      return PolicyDate(year: number(0..<4), month: number(4..<6), day: number(6..<8))
    default: return nil
    }
  }

  /// The bytes of the first certificate between PEM's marks; nil without such.
  private static func decoded(_ bytes: [UInt8]) -> [UInt8]? {
    var isInside = false
    var bits: UInt32 = 0
    var bitCount = 0
    var result: [UInt8] = []
    for line in bytes.sourceLines {
      let text = bytes[line.range]
      if text.starts(with: "-----BEGIN CERTIFICATE-----".utf8) {
        isInside = true
      } else if text.starts(with: "-----END CERTIFICATE-----".utf8), isInside {
        return result
      } else if isInside {
        for byte in text {
          guard let value = value(of: byte) else { continue }
          bits = bits << 6 | value
          bitCount += 6
          guard bitCount >= 8 else { continue }
          bitCount -= 8
          result.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
        }
      }
    }
    return nil
  }

  /// A letter of base64; nil for padding and blanks.
  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}

/// A walk over elements of DER: a tag, a length, the content.
private struct DERReader {
  let bytes: [UInt8]
  private var position = 0
  /// Behind the last byte of the element that was entered.
  private var end: Int

  init(bytes: [UInt8]) {
    self.bytes = bytes
    end = bytes.count
  }

  /// The tag of the next element; nil at the end.
  var tag: UInt8? { position < end ? bytes[position] : nil }

  /// Goes into the next element.
  mutating func enter(_ wanted: UInt8) -> Bool {
    guard tag == wanted, let content = range() else { return false }
    (position, end) = (content.lowerBound, content.upperBound)
    return true
  }

  /// Goes past the next element, of that tag if one is given.
  @discardableResult
  mutating func skip(_ wanted: UInt8? = nil) -> Bool {
    guard wanted == nil || tag == wanted, let content = range() else { return false }
    position = content.upperBound
    return true
  }

  /// The next element's tag and content.
  func content() -> (UInt8, ArraySlice<UInt8>)? {
    guard let tag, let content = range() else { return nil }
    return (tag, bytes[content])
  }

  /// Where the next element's content lies; nil if it does not fit.
  private func range() -> Range<Int>? {
    guard position + 1 < end else { return nil }
    var length = Int(bytes[position + 1])
    var start = position + 2
    if length >= 0x80 {
      let count = length & 0x7F
      // No certificate is longer than three bytes can say.
      guard (1...3).contains(count), start + count <= end else { return nil }
      length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
      start += count
    }
    return start + length <= end ? start..<start + length : nil
  }
}
