import ByteKit
import TestSupport
import Testing

@testable import RDB

/// Element counts of values that are only passed over.
@Suite struct SkippingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var type: UInt8
    var blob: [UInt8]
    var elements: Int
  }

  private static func littleEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A listpack of ones, whose header gives no count when it does not fit.
  private static func listpack(_ count: Int) -> [UInt8] {
    littleEndian(2 * count + 7, 4) + littleEndian(min(count, 65535), 2)
      + (0..<count).flatMap { _ in [1, 1] as [UInt8] } + [0xff]
  }

  /// A ziplist of ones.
  private static func ziplist(_ count: Int) -> [UInt8] {
    littleEndian(2 * count + 11, 4) + littleEndian(8 + 2 * count, 4)
      + littleEndian(min(count, 65535), 2)
      + (0..<count).flatMap { [$0 == 0 ? 0 : 2, 0xf2] as [UInt8] } + [0xff]
  }

  /// A zipmap of empty fields and values.
  private static func zipmap(_ count: Int) -> [UInt8] {
    [UInt8(min(count, 254))] + [UInt8](repeating: 0, count: 3 * count) + [0xff]
  }

  private static let cases: [Case] = [2, 65534, 65536, 70000].flatMap { count in
    [
      Case(
        testDescription: "listpack set of \(count)", type: 20, blob: listpack(count),
        elements: count),
      Case(
        testDescription: "listpack hash of \(count / 2)", type: 16, blob: listpack(count),
        elements: count / 2),
      Case(
        testDescription: "ziplist list of \(count)", type: 10, blob: ziplist(count),
        elements: count),
      Case(
        testDescription: "ziplist sorted set of \(count / 2)", type: 12, blob: ziplist(count),
        elements: count / 2),
      Case(
        testDescription: "zipmap of \(count)", type: 9, blob: zipmap(count), elements: count),
    ]
  }

  @Test(arguments: cases)
  func `counts that a header cannot hold are counted`(_ test: Case) {
    let count = test.blob.count
    let length: [UInt8] = [0x80] + Self.littleEndian(count, 4).reversed()
    let file = Array("REDIS0011".utf8) + [test.type, 1, 0x6b] + length + test.blob + [0xff]
    let walk = Walk(file + [UInt8](repeating: 0, count: 8), .skip)
    #expect(walk.failure == nil)
    #expect(walk.elements == [test.elements])
    #expect(walk.valueEnds == [file.count - 1])
  }
}
