import ByteKit
import RESP
import Testing

@Suite struct RequestScanTests {
  /// Text, and what is found in it.
  struct Case: Sendable {
    let text: String
    var arguments: [String]?
    /// What stands behind the request.
    var rest = 0
  }

  static let long = String(repeating: "x", count: 12345)

  static let cases: [Case] = [
    Case(text: "*1\r\n$4\r\nPING\r\n", arguments: ["PING"]),
    Case(text: "*1\r\n$0\r\n\r\n", arguments: [""]),
    Case(text: "*2\r\n$3\r\nGET\r\n$12345\r\n\(long)\r\n*1", arguments: ["GET", long], rest: 2),
    Case(
      text: "*12\r\n" + String(repeating: "$1\r\nx\r\n", count: 12),
      arguments: Array(repeating: "x", count: 12)),
    Case(text: ""), Case(text: "*"), Case(text: "*1"), Case(text: "*1\r\n"), Case(text: "*1\r\n$4"),
    Case(text: "*1\r\n$4\r\nPING\r"), Case(text: "*1\r\n$4\r\nPING"), Case(text: "*1\r\n$4\r\nPI"),
    Case(text: "*0\r\n"), Case(text: "*-1\r\n"), Case(text: "*01\r\n$4\r\nPING\r\n"),
    Case(text: "*1\n$4\r\nPING\r\n"), Case(text: "*1\r\n$4 \r\nPING\r\n"),
    Case(text: "*1\r\n$4\r\nPING\n\r"), Case(text: "*1\r\n:4\r\nPING\r\n"), Case(text: "PING\r\n"),
    Case(text: "*1\r\n$9999999999999999999999\r\nPING\r\n"),
    Case(text: "*1\r\n$999999999999999\r\nPING\r\n"),
  ]

  @Test(arguments: cases)
  func `only whole requests in the servers' own form are scanned`(_ example: Case) {
    let bytes = Array(example.text.utf8) + [UInt8](repeating: 0, count: ByteInput.slackByteCount)
    bytes.withUnsafeBytes { buffer in
      guard let start = buffer.baseAddress else { return }
      let limit = start + example.text.utf8.count
      var spans = RequestSpans(capacity: 1)
      let end = RequestScan.request(at: start, limit: limit, into: &spans)
      #expect((end == nil) == (example.arguments == nil))
      guard let end else { return }
      #expect(limit - end == example.rest)
      let found = (0..<spans.count).map { index in
        String(
          decoding: UnsafeRawBufferPointer(
            start: start + spans[index].offset, count: spans[index].count), as: UTF8.self)
      }
      #expect(found == example.arguments)
    }
  }
}
