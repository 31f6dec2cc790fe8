import TestSupport
import Testing

@testable import RedisCodecs

/// Intsets of each width, whole and damaged.
@Suite struct IntsetTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var width: Int
    var values: [Int]
    var testDescription: String { "\(values.count) integers of \(width) bytes" }
    var blob: [UInt8] {
      littleEndian(width, 4) + littleEndian(values.count, 4)
        + values.flatMap { littleEndian($0, width) }
    }
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var blob: [UInt8]
    var offset: Int
    var message: String
  }

  @Test(arguments: [
    Case(width: 2, values: [-32768, -1, 0, 1, 32767]),
    Case(width: 4, values: [Int(Int32.min), -5, 7, Int(Int32.max)]),
    Case(width: 8, values: [.min, -5, 0, .max]),
    Case(width: 8, values: [3]),
  ])
  func `integers come as they stand`(_ test: Case) throws {
    try withExactCopy(test.blob) { (blob) throws(CodecError) in
      let set = try Intset(blob)
      #expect(set.width == test.width)
      #expect((0..<set.count).map { set[$0] } == test.values.map { Int64($0) })
      try set.checkOrder()
    }
  }

  @Test(arguments: [
    Refusal(testDescription: "nothing", blob: [], offset: 0, message: "0 bytes"),
    Refusal(
      testDescription: "seven bytes", blob: [2, 0, 0, 0, 1, 0, 0], offset: 0, message: "7 bytes"),
    Refusal(
      testDescription: "a width of 3", blob: [3, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3], offset: 0,
      message: "3 bytes per integer"),
    Refusal(
      testDescription: "a width of 0", blob: [0, 0, 0, 0, 1, 0, 0, 0], offset: 0,
      message: "0 bytes per integer"),
    Refusal(
      testDescription: "no integer", blob: [2, 0, 0, 0, 0, 0, 0, 0], offset: 4,
      message: "states no integer"),
    Refusal(
      testDescription: "too few bytes", blob: [4, 0, 0, 0, 1, 0, 0, 0, 1, 2], offset: 4,
      message: "1 integers of 4 bytes do not make the 2 bytes"),
    Refusal(
      testDescription: "too many bytes", blob: [2, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3], offset: 4,
      message: "1 integers of 2 bytes do not make the 3 bytes"),
    Refusal(
      testDescription: "a count of 2^32 - 1", blob: [8, 0, 0, 0, 255, 255, 255, 255, 1],
      offset: 4, message: "4294967295 integers"),
    Refusal(
      testDescription: "not ascending", blob: Case(width: 2, values: [1, 3, 2]).blob, offset: 12,
      message: "2 follows 3"),
    Refusal(
      testDescription: "one twice", blob: Case(width: 8, values: [1, 1]).blob, offset: 16,
      message: "1 follows 1"),
  ])
  func `damage is placed and named`(_ test: Refusal) {
    var thrown: CodecError?
    do throws(CodecError) {
      try withExactCopy(test.blob) { (blob) throws(CodecError) in
        try Intset(blob).checkOrder()
      }
    } catch {
      thrown = error
    }
    #expect(thrown?.structure == .intset)
    #expect(thrown?.offset == test.offset)
    #expect(thrown?.message.hasPrefix(test.message) == true, "\(thrown?.message ?? "")")
  }
}
