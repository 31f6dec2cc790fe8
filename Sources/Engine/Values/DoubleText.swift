import ByteKit
import RedisModel

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Doubles as clients send them and as servers answer them.
enum DoubleText {
  private static let byteCountMax = 400
  /// Powers of ten that are doubles exactly.
  private static let powers: [Double] = [
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
  ]

  /// The number that the whole text states by the rules of C's `strtod`; `nil` where it is none, or
  /// too large or too small for a double. NaN is a number here.
  static func parse(_ text: Bytes) -> Double? { parsePlain(text) ?? parseAny(text) }

  /// Up to fifteen digits and a point: the quotient of two exact doubles is rounded once.
  private static func parsePlain(_ text: Bytes) -> Double? {
    guard text.count <= 17, let first = text.first else { return nil }
    let isNegative = first == UInt8(ascii: "-")
    var (digits, digitCount, point) = (0, 0, -1)
    for index in (isNegative ? 1 : 0)..<text.count {
      let byte = text[index]
      if byte &- 0x30 < 10 {
        digits = digits &* 10 &+ Int(byte &- 0x30)
        digitCount &+= 1
      } else {
        guard byte == UInt8(ascii: "."), point < 0 else { return nil }
        point = index
      }
    }
    guard digitCount > 0, digitCount <= 15 else { return nil }
    let fraction = point < 0 ? 0 : text.count &- 1 &- point
    let value = Double(digits) / powers[fraction]
    return isNegative ? -value : value
  }

  private static func parseAny(_ text: Bytes) -> Double? {
    guard text.count > 0, text.count < byteCountMax, let first = text.first,
      first != 0x20, !(0x09...0x0d).contains(first)
    else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: text.count + 1, alignment: 1) { room in
      room.copyMemory(from: text)
      room[text.count] = 0
      guard let start = room.baseAddress?.assumingMemoryBound(to: CChar.self) else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      errno = 0
      let value = strtod(start, &end)
      if errno == ERANGE, value.isInfinite || value == 0 { return nil }
      return end == start + text.count ? value : nil
    }
  }

  /// The number that SORT takes a text for: up to the first zero byte, white space in front
  /// allowed, nothing at all being 0.
  static func parseLoosely(_ text: Bytes) -> Double? {
    let text = text.part(0..<(text.firstIndex(of: 0) ?? text.count))
    if text.count == 0 { return 0 }
    let start = text.firstIndex { $0 != 0x20 && !(0x09...0x0d).contains($0) } ?? 0
    return parse(text.part(start..<text.count))
  }

  /// Writes a double as an answer has it: whole numbers below 2^62 exactly where the server prints
  /// the shortest form, else in 17 digits.
  ///
  /// - Returns: how many bytes; there is room for `ScoreText.byteCountMax`.
  static func write(
    _ value: Double, shortest: Bool, to target: UnsafeMutableRawPointer
  ) -> Int {
    if shortest, value.magnitude < 0x1p62, value != 0, value == value.rounded(.towardZero) {
      return DecimalText.write(Int64(value), to: target)
    }
    return (shortest ? ScoreText.fpconv : .printf17g).write(value, to: target)
  }
}
