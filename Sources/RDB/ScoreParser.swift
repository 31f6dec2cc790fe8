import ByteKit
import RedisCodecs

/// Reads scores: integers where they are stored so, else text by the rules of C's `strtod`.
enum ScoreParser {
  private static let byteCountMax = 400

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
    return parse(UnsafeRawBufferPointer(start: start, count: element.count))
  }
}
