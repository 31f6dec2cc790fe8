import ByteKit
import RedisCodecs

/// Reads scores: integers where they are stored so, else text by the rules of C's `strtod`.
enum ScoreParser {
  private static let byteCountMax = 400

  /// 10^0…10^22: the powers of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).map { index in
    (0..<index).reduce(1) { power, _ in power * 10 }
  }

  /// The number in plain notation that `text` states, where it is short: at most 15 digits and one
  /// point. Number and power of ten are exact then, so that one division rounds as `strtod` does.
  private static func parseShort(_ text: UnsafeRawBufferPointer) -> Double? {
    guard text.count <= 17 else { return nil }
    var digits: Int64 = 0
    var digitCount = 0
    var pointIndex = -1
    var index = text.first == UInt8(ascii: "-") ? 1 : 0
    while index < text.count {
      let byte = text[index]
      if byte &- 0x30 < 10 {
        digits = digits &* 10 &+ Int64(byte &- 0x30)
        digitCount &+= 1
      } else {
        guard byte == UInt8(ascii: "."), pointIndex < 0 else { return nil }
        pointIndex = index
      }
      index &+= 1
    }
    guard digitCount > 0, digitCount <= 15 else { return nil }
    let fraction = pointIndex < 0 ? 0 : text.count - 1 - pointIndex
    let value = Double(digits) / powers[fraction]
    return text.first == UInt8(ascii: "-") ? -value : value
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
    return parseShort(text) ?? parse(text)
  }
}
