import Testing

@testable import RedisCodecs

/// Listpacks that are written, against the same put together by hand.
@Suite struct ListpackWriterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var text: String
    var entry: [UInt8]
    var testDescription: String { text.isEmpty ? "empty" : text }
    init(_ text: String, _ entry: [UInt8]) {
      self.text = text
      self.entry = entry
    }
  }

  private static func string(_ text: String) -> [UInt8] {
    [0x80 | UInt8(text.utf8.count)] + Array(text.utf8)
  }

  private static let forms = [
    Case("0", [0]), Case("127", [127]), Case("128", [0xc0, 128]), Case("-1", [0xdf, 0xff]),
    Case("-4096", [0xd0, 0]), Case("4095", [0xcf, 0xff]),
    Case("4096", [0xf1, 0, 16]), Case("-4097", [0xf1, 0xff, 0xef]),
    Case("32767", [0xf1, 0xff, 0x7f]), Case("-32768", [0xf1, 0, 0x80]),
    Case("32768", [0xf2, 0, 0x80, 0]), Case("-32769", [0xf2, 0xff, 0x7f, 0xff]),
    Case("8388607", [0xf2, 0xff, 0xff, 0x7f]), Case("-8388608", [0xf2, 0, 0, 0x80]),
    Case("8388608", [0xf3, 0, 0, 0x80, 0]), Case("-8388609", [0xf3, 0xff, 0xff, 0x7f, 0xff]),
    Case("2147483647", [0xf3, 0xff, 0xff, 0xff, 0x7f]),
    Case("2147483648", [0xf4, 0, 0, 0, 0x80, 0, 0, 0, 0]),
    Case("9223372036854775807", [0xf4] + littleEndian(.max, 8)),
    Case("-9223372036854775808", [0xf4] + littleEndian(.min, 8)),
    Case("", [0x80]), Case("-", string("-")), Case("-0", string("-0")), Case("+1", string("+1")),
    Case("00", string("00")), Case("-01", string("-01")), Case("1 ", string("1 ")),
    Case("1.5", string("1.5")), Case("12a", string("12a")),
    Case("9223372036854775808", string("9223372036854775808")),
    Case("-9223372036854775809", string("-9223372036854775809")),
    Case("18446744073709551616", string("18446744073709551616")),
    Case("99999999999999999999", string("99999999999999999999")),
  ]

  @Test(arguments: forms)
  func `text takes its smallest form, integers where it is canonical`(_ test: Case) {
    var builder = ListpackBuilder()
    builder.add("before")
    builder.add(test.entry)
    #expect(written([Array("before".utf8), Array(test.text.utf8)]) == builder.blob())
  }

  @Test(arguments: [0, 1, 62, 63, 64, 125, 126, 127, 4095, 4096, 16377, 16378, 16379, 2_097_146])
  func `strings of any length and their back lengths are as servers write them`(_ count: Int) {
    let text = [UInt8](repeating: UInt8(ascii: "x"), count: count)
    var builder = ListpackBuilder()
    builder.add(text: text)
    builder.add(7)
    #expect(written([text, [UInt8(ascii: "7")]]) == builder.blob())
  }

  @Test func `integers need no text`() {
    var writer = ListpackWriter()
    var builder = ListpackBuilder()
    for shift in 0..<63 {
      for value in [1 << shift, -(1 << shift), (1 << shift) - 1] {
        writer.append(Element(integer: Int64(value)))
        builder.add(value)
      }
    }
    #expect(writer.byteCount == builder.blob().count)
    #expect(Array(writer.finish()) == builder.blob())
  }

  @Test func `a count that the header cannot hold is left for the reader to find`() {
    var writer = ListpackWriter()
    for _ in 0..<65534 { writer.append(1) }
    #expect(Array(writer.finish()[4..<6]) == [0xfe, 0xff])
    for _ in 0..<2 { writer.append(1) }
    #expect(writer.count == 65536)
    #expect(Array(writer.finish()[4..<6]) == [0xff, 0xff])
  }

  @Test func `a writer can begin anew`() {
    var writer = ListpackWriter()
    writer.append(5)
    writer.removeAll()
    #expect(Array(writer.finish()) == [7, 0, 0, 0, 0, 0, 0xff])
  }

  private func written(_ texts: [[UInt8]]) -> [UInt8] {
    var writer = ListpackWriter()
    for text in texts {
      withExactCopy(text) { bytes in
        guard let start = bytes.baseAddress else { return }
        writer.append(Element(start: start, count: bytes.count))
      }
    }
    return Array(writer.finish())
  }
}
