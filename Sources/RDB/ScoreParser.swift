import ByteKit
import RedisCodecs

/// Reads scores: integers where they are stored so, else text by the rules of C's `strtod`.
enum ScoreParser {
  private static let byteCountMax = 400

  /// 10^0…10^19.
  private static let powers: [UInt64] = (0...19).map { index in
    (0..<index).reduce(1) { power, _ in power * 10 }
  }

  /// The number in plain notation that `text` states, where it has at most 19 digits: the quotient
  /// of two 64-bit integers, rounded once, which is what `strtod` gives and takes a tenth of its
  /// time.
  private static func parsePlain(_ text: UnsafeRawBufferPointer) -> Double? {
    guard text.count <= 21, let first = text.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var digits: UInt64 = 0
    var digitCount = 0
    var pointIndex = -1
    var index = isNegative ? 1 : 0
    while index < text.count {
      let byte = text[index]
      if byte &- 0x30 < 10 {
        guard digitCount < 19 else { return nil }
        digits = digits &* 10 &+ UInt64(byte &- 0x30)
        digitCount &+= 1
      } else {
        guard byte == UInt8(ascii: "."), pointIndex < 0 else { return nil }
        pointIndex = index
      }
      index &+= 1
    }
    guard digitCount > 0 else { return nil }
    let fraction = pointIndex < 0 ? 0 : text.count - 1 - pointIndex
    let value = fraction == 0 ? Double(digits) : quotient(digits, powers[fraction])
    return isNegative ? -value : value
  }

  /// `dividend / divisor`, rounded to nearest, ties to even.
  private static func quotient(_ dividend: UInt64, _ divisor: UInt64) -> Double {
    guard dividend != 0 else { return 0 }
    let upper = dividend << UInt64(dividend.leadingZeroBitCount)
    let lower = divisor << UInt64(divisor.leadingZeroBitCount)
    let exponent = divisor.leadingZeroBitCount - dividend.leadingZeroBitCount
    // Both have their highest bit set; the smaller one is divided so that 64 bits come out.
    let isLarger = upper >= lower
    let (bits, rest) = lower.dividingFullWidth(
      isLarger ? (upper >> 1, upper << 63) : (upper, 0))
    let sticky: UInt64 = rest == 0 ? 0 : 1
    // Eleven bits too many; Double(_:) rounds to even, with the rest as a last bit that it sees.
    return Double(
      sign: .plus, exponent: exponent - (isLarger ? 63 : 64), significand: Double(bits | sticky))
  }

  /// The number that the whole of `text` states; `nil` if it is none. NaN is a number here.
  static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
    guard text.count > 0, text.count < byteCountMax, let first = text.first,
      first != 0x20, !(0x09...0x0d).contains(first)
    else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { room in
      room.copyMemory(from: text)
      room[text.count] = 0
      guard let start = room.baseAddress?.assumingMemoryBound(to: CChar.self) else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return end == start + text.count ? value : nil
    }
  }

  /// The score that an element of a ziplist or listpack states.
  @inline(__always)
  static func parse(_ element: Element) -> Double? {
    guard let start = element.start else { return Double(element.integer) }
    let text = UnsafeRawBufferPointer(start: start, count: element.count)
    return parsePlain(text) ?? parse(text)
  }
}
