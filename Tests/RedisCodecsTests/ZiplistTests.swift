import TestSupport
import Testing

@testable import RedisCodecs

/// Ziplists put together by hand, in all forms, whole and damaged.
@Suite struct ZiplistTests {
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

  private static let forms: [Case] =
    [
      Case("empty string", [0], ""), Case("one byte", [1, 0xff], [0xff]),
      Case("63 bytes", [63] + letters(63), letters(63)),
      Case("14-bit length, short", [0x40, 1, 65], "A"),
      Case("64 bytes", [0x40, 64] + letters(64), letters(64)),
      Case("16383 bytes", [0x7f, 0xff] + letters(16383), letters(16383)),
      Case("32-bit length, short", [0x80, 0, 0, 0, 1, 65], "A"),
      Case("16384 bytes", [0x80, 0, 0, 0x40, 0] + letters(16384), letters(16384)),
      Case("least 8-bit", [0xfe, 0x80], "-128"), Case("greatest 8-bit", [0xfe, 0x7f], "127"),
      Case("least 16-bit", [0xc0, 0, 0x80], "-32768"),
      Case("greatest 16-bit", [0xc0, 0xff, 0x7f], "32767"),
      Case("least 24-bit", [0xf0, 0, 0, 0x80], "-8388608"),
      Case("greatest 24-bit", [0xf0, 0xff, 0xff, 0x7f], "8388607"),
      Case("least 32-bit", [0xd0, 0, 0, 0, 0x80], "-2147483648"),
      Case("greatest 32-bit", [0xd0, 0xff, 0xff, 0xff, 0x7f], "2147483647"),
      Case("least 64-bit", [0xe0] + littleEndian(.min, 8), "-9223372036854775808"),
      Case("greatest 64-bit", [0xe0] + littleEndian(.max, 8), "9223372036854775807"),
    ] + (0...12).map { Case("immediate \($0)", [0xf1 + UInt8($0)], "\($0)") }

  @Test(arguments: forms, [false, true])
  func `each form of an entry is read`(_ test: Case, wide: Bool) throws {
    var builder = ZiplistBuilder()
    builder.add(text: Array("before".utf8))
    builder.add(test.entry, wide: wide)
    builder.add([0xc0, 0xe8, 3], wide: wide)
    #expect(try read(builder.blob()) == [Array("before".utf8), test.text, Array("1000".utf8)])
  }

  @Test(arguments: [250, 251, 252, 253, 254, 255, 300, 70000])
  func `the size of the entry before changes form at 254`(_ size: Int) throws {
    // One byte for the size of nothing, then the header, then text.
    let header = size < 16384 ? 2 : 5
    let text = Self.letters(size - 1 - header)
    var builder = ZiplistBuilder()
    builder.add(text: text)
    builder.add([0xf2])
    let blob = builder.blob()
    #expect(try read(blob) == [text, [49]])
    var damaged = blob
    damaged[10 + size + (size < 254 ? 0 : 1)] ^= 1
    let thrown = failure(damaged)
    #expect(thrown?.offset == 10 + size)
    #expect(thrown?.message.hasSuffix("but has \(size)") == true, "\(thrown?.message ?? "")")
  }

  @Test func `an empty ziplist has its tail at the end mark`() throws {
    let blob = ZiplistBuilder().blob()
    #expect(blob == [11, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0xff])
    #expect(try read(blob) == [])
  }

  private static let refused: [Refusal] = {
    func blob(_ entries: [UInt8], tail: Int = 10, end: UInt8 = 0xff) -> [UInt8] {
      littleEndian(entries.count + 11, 4) + littleEndian(tail, 4) + [1, 0] + entries + [end]
    }
    return [
      Refusal(testDescription: "nothing", blob: [], offset: 0, message: "0 bytes"),
      Refusal(
        testDescription: "ten bytes", blob: [UInt8](repeating: 0, count: 10), offset: 0,
        message: "10 bytes; the smallest"),
      Refusal(
        testDescription: "a total too large", blob: [12, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0xff],
        offset: 0, message: "states 12 bytes, but has 11"),
      Refusal(
        testDescription: "no end mark", blob: blob([0, 1, 65], end: 0), offset: 13,
        message: "does not end with 0xff"),
      Refusal(
        testDescription: "a string past the end", blob: blob([0, 3, 65]), offset: 10,
        message: "an entry of 5 bytes exceeds the 3 bytes left"),
      Refusal(
        testDescription: "a size without an entry", blob: blob([0]), offset: 10,
        message: "an entry of 2 bytes exceeds the 1 bytes left"),
      Refusal(
        testDescription: "a cut 14-bit length", blob: blob([0, 0x41]), offset: 10,
        message: "an entry of 3 bytes"),
      Refusal(
        testDescription: "a cut 32-bit length", blob: blob([0, 0x80, 0, 0]), offset: 10,
        message: "an entry of 6 bytes"),
      Refusal(
        testDescription: "a length of 4 GiB", blob: blob([0, 0x80, 255, 255, 255, 255]),
        offset: 10, message: "an entry of 4294967301 bytes"),
      Refusal(
        testDescription: "a cut integer", blob: blob([0, 0xe0, 1, 2]), offset: 10,
        message: "an entry of 10 bytes"),
      Refusal(
        testDescription: "stray bits in a 32-bit length", blob: blob([0, 0x81, 0, 0, 0, 1, 65]),
        offset: 10, message: "entry encoding 0x81 does not exist"),
      Refusal(
        testDescription: "a form that does not exist", blob: blob([0, 0xff]), offset: 10,
        message: "entry encoding 0xff does not exist"),
      Refusal(
        testDescription: "a first entry behind another", blob: blob([5, 1, 65]), offset: 10,
        message: "the previous entry is said to have 5 bytes, but has 0"),
      Refusal(
        testDescription: "an end mark in the middle", blob: blob([0xff, 0, 0]), offset: 10,
        message: "the size of the previous entry begins with 0xff"),
      Refusal(
        testDescription: "a cut size", blob: blob([0xfe, 0, 0]), offset: 10,
        message: "the size of the previous entry begins with 0xfe"),
      Refusal(
        testDescription: "a tail elsewhere", blob: blob([0, 1, 65, 3, 1, 66], tail: 10), offset: 4,
        message: "the header puts the last entry at 10, but it stands at 13"),
    ]
  }()

  @Test(arguments: refused)
  func `damage is placed and named`(_ test: Refusal) {
    let thrown = failure(test.blob)
    #expect(thrown?.structure == .ziplist)
    #expect(thrown?.offset == test.offset)
    #expect(thrown?.message.hasPrefix(test.message) == true, "\(thrown?.message ?? "")")
  }

  @Test func `every changed byte gives entries or an error, never more`() {
    var builder = ZiplistBuilder()
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
      var reader = try ZiplistReader(bytes)
      var entries: [[UInt8]] = []
      #expect(reader.offset == ZiplistReader.headerByteCount)
      while let entry = try reader.read() { entries.append(entry.bytes) }
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
