import TestSupport
import Testing

@testable import RedisCodecs

/// Listpacks put together by hand, in all forms, whole and damaged.
@Suite struct ListpackTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var entry: [UInt8]
    var text: [UInt8]
    init(_ description: String, _ entry: [UInt8], _ text: String) {
      self.init(description, entry, Array(text.utf8))
    }
    init(_ description: String, _ entry: [UInt8], _ text: [UInt8]) {
      testDescription = description
      self.entry = entry
      self.text = text
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var blob: [UInt8]
    var offset: Int
    var message: String
  }

  private static func letters(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(97 + $0 % 26) } }

  private static let forms: [Case] = [
    Case("least 7-bit", [0], "0"), Case("greatest 7-bit", [127], "127"),
    Case("least 13-bit", [0xd0, 0], "-4096"), Case("-1 in 13 bits", [0xdf, 0xff], "-1"),
    Case("0 in 13 bits", [0xc0, 0], "0"), Case("greatest 13-bit", [0xcf, 0xff], "4095"),
    Case("least 16-bit", [0xf1, 0, 0x80], "-32768"),
    Case("greatest 16-bit", [0xf1, 0xff, 0x7f], "32767"),
    Case("least 24-bit", [0xf2, 0, 0, 0x80], "-8388608"),
    Case("greatest 24-bit", [0xf2, 0xff, 0xff, 0x7f], "8388607"),
    Case("least 32-bit", [0xf3, 0, 0, 0, 0x80], "-2147483648"),
    Case("greatest 32-bit", [0xf3, 0xff, 0xff, 0xff, 0x7f], "2147483647"),
    Case("least 64-bit", [0xf4, 0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
    Case("greatest 64-bit", [0xf4] + littleEndian(.max, 8), "9223372036854775807"),
    Case("empty string", [0x80], ""), Case("one byte", [0x81, 0xff], [0xff]),
    Case("63 bytes", [0xbf] + letters(63), letters(63)),
    Case("12-bit length, short", [0xe0, 1, 65], "A"),
    Case("12-bit length, empty", [0xe0, 0], ""),
    Case("64 bytes", [0xe0, 64] + letters(64), letters(64)),
    Case("4095 bytes", [0xef, 0xff] + letters(4095), letters(4095)),
    Case("32-bit length, short", [0xf0, 1, 0, 0, 0, 65], "A"),
    Case("4096 bytes", [0xf0, 0, 16, 0, 0] + letters(4096), letters(4096)),
  ]

  @Test(arguments: forms)
  func `each form of an entry is read`(_ test: Case) throws {
    var builder = ListpackBuilder()
    builder.add("before")
    builder.add(test.entry)
    builder.add(1000)
    let expected = [Array("before".utf8), test.text, Array("1000".utf8)]
    #expect(try read(builder.blob()) == expected)
  }

  @Test(arguments: [
    1, 2, 64, 126, 127, 128, 129, 4000, 16382, 16383, 16384, 2_097_150, 2_097_151, 2_097_152,
  ])
  func `back lengths change form at the sizes of the servers`(_ size: Int) throws {
    let text = Self.letters(max(0, size - (size > 5 ? 5 : 1)))
    var builder = ListpackBuilder()
    // Long header forms let an entry have just this size.
    builder.add(
      size > 5 ? [0xf0] + littleEndian(text.count, 4) + text : [0x80 | UInt8(text.count)] + text)
    builder.add(7)
    let blob = builder.blob()
    #expect(try read(blob) == [text, [55]])
    let back = ListpackBuilder.backLength(size)
    #expect(back.count == (size < 128 ? 1 : size < 16383 ? 2 : size < 2_097_151 ? 3 : 4))
    for index in back.indices {
      var damaged = blob
      damaged[6 + size + index] ^= 1
      let thrown = failure(damaged)
      #expect(thrown?.offset == 6 + size)
      #expect(thrown?.message == "the back length of the entry at 6 is not its size, \(size)")
    }
  }

  private static let refused: [Refusal] = {
    func blob(_ entries: [UInt8], end: UInt8 = 0xff) -> [UInt8] {
      littleEndian(entries.count + 7, 4) + [1, 0] + entries + [end]
    }
    return [
      Refusal(testDescription: "nothing", blob: [], offset: 0, message: "0 bytes; the smallest"),
      Refusal(
        testDescription: "a header only", blob: [6, 0, 0, 0, 0, 0], offset: 0,
        message: "6 bytes; the smallest"),
      Refusal(
        testDescription: "a total too large", blob: [8, 0, 0, 0, 0, 0, 0xff], offset: 0,
        message: "states 8 bytes, but has 7"),
      Refusal(
        testDescription: "a total too small", blob: [6, 0, 0, 0, 0, 0, 0xff], offset: 0,
        message: "states 6 bytes, but has 7"),
      Refusal(
        testDescription: "no end mark", blob: blob([1, 1], end: 0xfe), offset: 8,
        message: "does not end with 0xff"),
      Refusal(
        testDescription: "a string past the end", blob: blob([0x83, 65, 66]), offset: 6,
        message: "an entry of 4 bytes and its back length exceed the 3 bytes left"),
      Refusal(
        testDescription: "no room for a back length", blob: blob([0x82, 65, 66]), offset: 6,
        message: "an entry of 3 bytes and its back length exceed the 3 bytes left"),
      Refusal(
        testDescription: "a cut 13-bit integer", blob: blob([0xc1]), offset: 6,
        message: "an entry of 2 bytes"),
      Refusal(
        testDescription: "a cut 64-bit integer", blob: blob([0xf4, 1, 2, 3]), offset: 6,
        message: "an entry of 9 bytes"),
      Refusal(
        testDescription: "a cut 32-bit length", blob: blob([0xf0, 1, 0, 0]), offset: 6,
        message: "an entry of 5 bytes"),
      Refusal(
        testDescription: "a length of 4 GiB", blob: blob([0xf0, 255, 255, 255, 255, 1]), offset: 6,
        message: "an entry of 4294967300 bytes"),
      Refusal(
        testDescription: "an end mark in the middle", blob: blob([0xff, 1, 1]), offset: 6,
        message: "entry byte 0xff is no encoding"),
      Refusal(
        testDescription: "a form that does not exist", blob: blob([0xf5, 1, 1]), offset: 6,
        message: "entry byte 0xf5 is no encoding"),
    ]
  }()

  @Test(arguments: refused)
  func `damage is placed and named`(_ test: Refusal) {
    let thrown = failure(test.blob)
    #expect(thrown?.structure == .listpack)
    #expect(thrown?.offset == test.offset)
    #expect(thrown?.message.hasPrefix(test.message) == true, "\(thrown?.message ?? "")")
  }

  @Test func `the stated count is passed on as it stands`() throws {
    var builder = ListpackBuilder()
    for value in 0..<3 { builder.add(value) }
    for stated in [3, 0, 65535] {
      let found = try withExactCopy(builder.blob(count: stated)) { blob throws(CodecError) in
        try ListpackReader(blob).statedCount
      }
      #expect(found == stated)
    }
  }

  @Test func `every changed byte gives entries or an error, never more`() {
    var builder = ListpackBuilder()
    for test in Self.forms where test.entry.count < 100 { builder.add(test.entry) }
    let sound = builder.blob()
    for mask: UInt8 in [0xff, 1, 0x80, 0x40] {
      for place in sound.indices {
        var damaged = sound
        damaged[place] ^= mask
        let entries = try? read(damaged)
        #expect((entries?.reduce(0) { $0 + $1.count } ?? 0) < 20 * sound.count)
      }
    }
    for cut in sound.indices { #expect(failure(Array(sound[..<cut])) != nil) }
  }

  private func read(_ blob: [UInt8]) throws(CodecError) -> [[UInt8]] {
    try withExactCopy(blob) { bytes throws(CodecError) in
      var reader = try ListpackReader(bytes)
      var entries: [[UInt8]] = []
      #expect(reader.offset == ListpackReader.headerByteCount)
      while let entry = try reader.read() {
        #expect(entry.bytes.count == entry.byteCount)
        entries.append(entry.bytes)
      }
      #expect(reader.isAtEnd)
      return entries
    }
  }

  private func failure(_ blob: [UInt8]) -> CodecError? {
    do throws(CodecError) {
      _ = try read(blob)
      return nil
    } catch {
      return error
    }
  }
}
