import TestSupport
import Testing

@testable import RedisCodecs

/// Zipmaps, whole and damaged.
@Suite struct ZipmapTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var field: Int
    var value: Int
    var free: Int
    var testDescription: String { "field \(field), value \(value), free \(free)" }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var blob: [UInt8]
    var offset: Int
    var message: String
  }

  private typealias Pair = (field: [UInt8], value: [UInt8])

  @Test(arguments: [
    Case(field: 0, value: 0, free: 0), Case(field: 1, value: 1, free: 4),
    Case(field: 252, value: 253, free: 0), Case(field: 253, value: 254, free: 255),
    Case(field: 254, value: 255, free: 1), Case(field: 70_000, value: 70_000, free: 3),
  ])
  func `pairs of all lengths are read`(_ test: Case) throws {
    let long: ([UInt8], [UInt8]) = (
      [UInt8](repeating: 1, count: test.field), [UInt8](repeating: 2, count: test.value)
    )
    let short: ([UInt8], [UInt8]) = (Array("a".utf8), Array("xy".utf8))
    let blob = ZipmapBuilder.blob([short, long, short], free: test.free)
    let pairs = try read(blob)
    #expect(pairs.map(\.field) == [short.0, long.0, short.0])
    #expect(pairs.map(\.value) == [short.1, long.1, short.1])
  }

  @Test func `the stated count is passed on as it stands`() throws {
    for stated in [0, 1, 253, 254, 255] {
      let found = try withExactCopy(ZipmapBuilder.blob([([1], [2])], count: stated)) {
        (blob) throws(CodecError) in try ZipmapReader(blob).statedCount
      }
      #expect(found == stated)
    }
  }

  @Test(arguments: [
    Refusal(testDescription: "nothing", blob: [], offset: 0, message: "0 bytes"),
    Refusal(testDescription: "one byte", blob: [0xff], offset: 0, message: "1 bytes"),
    Refusal(testDescription: "no end mark", blob: [0, 1], offset: 1, message: "does not end"),
    Refusal(
      testDescription: "a field past the end", blob: [1, 5, 65, 0xff], offset: 2,
      message: "a field of 5 bytes exceeds the 1 left"),
    Refusal(
      testDescription: "a field without a value", blob: [1, 1, 65, 0xff], offset: 3,
      message: "the length of a value"),
    Refusal(
      testDescription: "a value without its free byte", blob: [1, 1, 65, 1, 0xff], offset: 4,
      message: "a value of 2 bytes exceeds the 0 left"),
    Refusal(
      testDescription: "a value past the end", blob: [1, 1, 65, 2, 0, 66, 0xff], offset: 5,
      message: "a value of 2 bytes exceeds the 1 left"),
    Refusal(
      testDescription: "free bytes past the end", blob: [1, 1, 65, 1, 9, 66, 0xff], offset: 5,
      message: "a value of 10 bytes exceeds the 1 left"),
    Refusal(
      testDescription: "a cut long length", blob: [1, 254, 1, 0, 0xff], offset: 1,
      message: "the length of a field is missing or cut short (0xfe)"),
    Refusal(
      testDescription: "an end mark in the middle", blob: [1, 0xff, 0, 0xff], offset: 1,
      message: "the length of a field is missing or cut short (0xff)"),
    Refusal(
      testDescription: "a short length in five bytes", blob: [1, 254, 1, 0, 0, 0, 65, 0, 0, 0xff],
      offset: 1, message: "overlong length: 1 in the five-byte form"),
    Refusal(
      testDescription: "a length of 4 GiB", blob: [1, 254, 255, 255, 255, 255, 65, 0xff],
      offset: 6, message: "a field of 4294967295 bytes exceeds the 1 left"),
  ])
  func `damage is placed and named`(_ test: Refusal) {
    var thrown: CodecError?
    do throws(CodecError) { _ = try read(test.blob) } catch { thrown = error }
    #expect(thrown?.structure == .zipmap)
    #expect(thrown?.offset == test.offset)
    #expect(thrown?.message.hasPrefix(test.message) == true, "\(thrown?.message ?? "")")
  }

  @Test func `every changed byte gives pairs or an error, never more`() {
    let sound = ZipmapBuilder.blob(
      [([1, 2], [3]), ([UInt8](repeating: 9, count: 300), []), ([], [1, 2, 3])], free: 2)
    for mask: UInt8 in [0xff, 1, 0x80, 0x40] {
      for place in sound.indices {
        var damaged = sound
        damaged[place] ^= mask
        let pairs = (try? read(damaged)) ?? []
        #expect(pairs.reduce(0) { $0 + $1.field.count + $1.value.count } <= sound.count)
      }
    }
    for cut in sound.indices {
      #expect(throws: CodecError.self) { try read(Array(sound[..<cut])) }
    }
  }

  private func read(_ blob: [UInt8]) throws(CodecError) -> [Pair] {
    try withExactCopy(blob) { (bytes) throws(CodecError) in
      var reader = try ZipmapReader(bytes)
      var pairs: [Pair] = []
      #expect(reader.offset == 1)
      while let (field, value) = try reader.read() { pairs.append((field.bytes, value.bytes)) }
      return pairs
    }
  }
}
