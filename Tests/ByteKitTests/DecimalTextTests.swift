import TestSupport
import Testing

@testable import ByteKit

/// Decimal text is what the language itself prints.
@Suite struct DecimalTextTests {
  /// The text of `value` as it is written.
  private func text(_ value: UInt64) -> String {
    written { DecimalText.write(value, to: $0) }
  }

  private func text(_ value: Int64) -> String {
    written { DecimalText.write(value, to: $0) }
  }

  private func written(_ write: (UnsafeMutableRawPointer) -> Int) -> String {
    // A byte behind the room that is promised, which must stay as it is.
    var room = [UInt8](repeating: 0x2A, count: DecimalText.byteCountMax + 1)
    let count = room.withUnsafeMutableBytes { room in room.baseAddress.map(write) ?? 0 }
    #expect(room.last == 0x2A)
    return String(decoding: room[..<count], as: UTF8.self)
  }

  @Test func `all numbers of up to five digits are written right`() {
    for value in UInt64(0)..<100_000 where text(value) != String(value) {
      Issue.record("\(value) became \(text(value))")
    }
  }

  @Test func `numbers around each power of ten and of two are written right`() {
    var values: [UInt64] = [.max, .max - 1]
    var power: UInt64 = 1
    for _ in 0..<19 {
      power *= 10
      values += [power - 1, power, power + 1]
    }
    for bit in UInt64(0)..<64 { values += [1 << bit, (1 << bit) &- 1] }
    for value in values {
      #expect(text(value) == String(value))
      #expect(DecimalText.digitCount(value) == String(value).utf8.count)
      let signed = Int64(bitPattern: value)
      #expect(text(signed) == String(signed))
      #expect(DecimalText.byteCount(signed) == String(signed).utf8.count)
    }
  }

  @Test func `random numbers of any length are written right`() {
    var random = RepeatableRandom(seed: 20)
    for _ in 0..<20_000 {
      let value = random.next() >> (random.next() & 63)
      #expect(text(value) == String(value))
    }
  }
}
