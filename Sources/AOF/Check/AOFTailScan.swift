import ByteKit
import RESP
import RedisModel

/// Finds the whole commands among bytes of any kind.
///
/// A command counts where its form is that which servers write and its name one that some server
/// knows. One that does not fit the window is passed over, so that the counts are lower bounds.
struct AOFTailScan {
  private static let windowByteCount = 2 << 20
  /// The longest command that is surely found, bytes.
  private static let commandByteCountMax = windowByteCount / 2

  /// Whole commands found.
  private(set) var commandCount = 0
  /// How many of them are MULTI.
  private(set) var transactionCount = 0

  /// Goes over `input` to its end, or to where it cannot be read.
  mutating func run(_ input: consuming ByteInput) {
    var input = input
    var spans = RequestSpans()
    var isAtEnd = false
    while true {
      if !isAtEnd, input.limit - input.cursor < Self.commandByteCountMax {
        do throws(InputError) {
          isAtEnd = try input.peek(Self.windowByteCount) < Self.windowByteCount
        } catch {
          return
        }
      }
      guard let star = Self.star(in: input) else {
        if isAtEnd { return }
        input.cursor = input.limit
        continue
      }
      input.cursor = star
      if !isAtEnd, input.limit - star < Self.commandByteCountMax { continue }
      if let end = RequestScan.request(at: star, limit: input.limit, into: &spans) {
        take(star, spans, end, &input)
      } else {
        input.cursor += 1
      }
    }
  }

  private mutating func take(
    _ start: UnsafeRawPointer, _ spans: borrowing RequestSpans, _ end: UnsafeRawPointer,
    _ input: inout ByteInput
  ) {
    let span = spans[0]
    let name = UnsafeRawBufferPointer(start: start + span.offset, count: span.count)
    guard CommandTable.all.index(of: name) != nil else { return input.cursor += 1 }
    commandCount += 1
    if ASCIIWord.matches(name, "MULTI") { transactionCount += 1 }
    input.cursor = end
  }

  /// The next `*` in the window.
  private static func star(in input: borrowing ByteInput) -> UnsafeRawPointer? {
    let count = input.limit - input.cursor
    guard count > 0 else { return nil }
    return memchr(input.cursor, Int32(UInt8(ascii: "*")), count).map { UnsafeRawPointer($0) }
  }
}
