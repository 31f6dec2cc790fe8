import ByteKit
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// Elements of arrays, whose text clients see whatever the tag.
@Suite struct ArrayTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var value: Double
    var text: String
    var testDescription: String { text }
  }

  /// The server stores a string as a double only if the double's own text, in the layout of its
  /// shortest form and with `.0` behind a whole number, is that string: so the text must be just
  /// that.
  @Test(arguments: [
    Case(value: 1.5, text: "1.5"), Case(value: 3, text: "3.0"), Case(value: -7, text: "-7.0"),
    Case(value: 0, text: "0.0"), Case(value: -0.0, text: "-0.0"),
    Case(value: 1e-7, text: "1e-7"), Case(value: 1.5e-5, text: "0.000015"),
    Case(value: 1e21, text: "1e+21"), Case(value: 100_000_000, text: "1e+8"),
    Case(value: 1_234_567_890_123, text: "1234567890123.0"),
    Case(value: .infinity, text: "inf"), Case(value: -.infinity, text: "-inf"),
    Case(value: .nan, text: "nan"),
  ])
  func `a double is the text that the server made it from`(_ test: Case) throws {
    let bits = (0..<8).map { UInt8(truncatingIfNeeded: test.value.bitPattern >> (8 * $0)) }
    let payload: [UInt8] = [28, 1, 0, 5, 2] + bits + [14, 0] + [UInt8](repeating: 0, count: 8)
    var sink = CollectingSink()
    let (_, violations) = try RDBPayload.read(payload, into: &sink)
    #expect(violations.isEmpty)
    guard case .array(nil, let elements) = sink.value(.array) else {
      Issue.record("no array")
      return
    }
    #expect(elements.map { String(decoding: $0.text, as: UTF8.self) } == [test.text])
    #expect(elements.map(\.index) == [5])
  }
}
