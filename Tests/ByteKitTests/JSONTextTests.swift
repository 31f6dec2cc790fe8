import ByteKit
import Foundation
import Testing

/// The JSON text of `bytes`, by a writer of `capacity` bytes.
private func json(_ bytes: [UInt8], capacity: Int = 1 << 16) -> String {
  var output: [UInt8] = []
  var writer = ByteWriter(capacity: capacity) { output.append(contentsOf: $0) }
  bytes.withUnsafeBytes { writer.writeJSON(bytes: $0) }
  writer.flush()
  return String(decoding: output, as: UTF8.self)
}

/// The JSON text of a score.
private func json(score: Double) -> String {
  var output: [UInt8] = []
  var writer = ByteWriter { output.append(contentsOf: $0) }
  writer.writeJSON(score: score)
  writer.flush()
  return String(decoding: output, as: UTF8.self)
}

/// What a reader of our JSON does to get the bytes back.
private func decoded(_ json: String) throws -> [UInt8] {
  let value = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed)
  let text = try #require(value as? String)
  let bytes = Array(text.utf8)
  guard bytes.starts(with: [0] + Array("b64:".utf8)) else { return bytes }
  return try Array(#require(Data(base64Encoded: String(decoding: bytes[5...], as: UTF8.self))))
}

/// Numbers that repeat from run to run (Knuth's linear congruence, its high half).
private struct Steps: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state &>> 32 | state &<< 32
  }
}

@Suite struct JSONTextTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let expected: String
    var testDescription: String { expected }

    init(_ bytes: [UInt8], _ expected: String) {
      self.bytes = bytes
      self.expected = expected
    }

    init(_ text: String, _ expected: String) { self.init(Array(text.utf8), expected) }
  }

  @Test(arguments: [
    Case("", #""""#),
    Case("a", #""a""#),
    Case("abcdefg", #""abcdefg""#),
    Case("abcdefgh", #""abcdefgh""#),
    Case("abcdefghi", #""abcdefghi""#),
    Case(#"{"a":"b\c"}"#, #""{\"a\":\"b\\c\"}""#),
    Case([UInt8](repeating: 0x22, count: 9), #""\"\"\"\"\"\"\"\"\"""#),
    Case("a\nb\tc\rd\u{8}e\u{c}f", #""a\nb\tc\rd\be\ff""#),
    Case([0x00, 0x01, 0x0B, 0x1F, 0x20, 0x7F], "\"\\u0000\\u0001\\u000b\\u001f \u{7F}\""),
    Case("/path", #""/path""#),
    Case("größe 日本 🚀", #""größe 日本 🚀""#),
    Case("\"ß\\", #""\"ß\\""#),
  ])
  func `text is the JSON string itself`(_ example: Case) {
    #expect(json(example.bytes) == example.expected)
  }

  @Test(arguments: [
    Case([0xFF], #""\u0000b64:/w==""#),
    Case([0xFF, 0xFE], #""\u0000b64://4=""#),
    Case([0x80, 0x00, 0x01], #""\u0000b64:gAAB""#),
    Case(Array("plain ASCII, then ".utf8) + [0xC3], #""\u0000b64:cGxhaW4gQVNDSUksIHRoZW4gww==""#),
    Case([0xC0, 0x80], #""\u0000b64:wIA=""#),  // overlong U+0000
    Case([0xC1, 0xBF], #""\u0000b64:wb8=""#),
    Case([0xE0, 0x9F, 0xBF], #""\u0000b64:4J+/""#),  // overlong U+07FF
    Case([0xED, 0xA0, 0x80], #""\u0000b64:7aCA""#),  // U+D800
    Case([0xED, 0xBF, 0xBF], #""\u0000b64:7b+/""#),  // U+DFFF
    Case([0xF0, 0x8F, 0xBF, 0xBF], #""\u0000b64:8I+/vw==""#),  // overlong U+FFFF
    Case([0xF4, 0x90, 0x80, 0x80], #""\u0000b64:9JCAgA==""#),  // U+110000
    Case([0xF5, 0x80, 0x80, 0x80], #""\u0000b64:9YCAgA==""#),
    Case([0xE2, 0x82], #""\u0000b64:4oI=""#),  // cut short
  ])
  func `what is no text is base64`(_ example: Case) {
    #expect(json(example.bytes) == example.expected)
  }

  @Test(arguments: [
    Case("\u{0}b64:", #""\u0000b64:AGI2NDo=""#),
    Case("\u{0}b64:x", #""\u0000b64:AGI2NDp4""#),
    Case("\u{0}b64", #""\u0000b64""#),
    Case("\u{0}b65:", #""\u0000b65:""#),
    Case("b64:", #""b64:""#),
  ])
  func `a real string that looks like base64 is encoded`(_ example: Case) {
    #expect(json(example.bytes) == example.expected)
  }

  @Test func `each scalar at a border of UTF-8 is text`() {
    for scalar: Unicode.Scalar in [
      "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}",
      "\u{10FFFF}",
    ] {
      let text = String(Character(scalar))
      #expect(json(Array(text.utf8)) == "\"\(text)\"")
    }
  }

  @Test func `validity agrees with the standard library on every two bytes in a frame`() {
    for high in UInt8.min...UInt8.max {
      for low in UInt8.min...UInt8.max {
        for tail: [UInt8] in [[], [0x80], [0x80, 0xBF]] {
          let bytes = [UInt8(ascii: "a"), high, low] + tail
          let expected = String(validating: bytes, as: UTF8.self) != nil
          #expect(bytes.withUnsafeBytes { UTF8Text.isValid($0) } == expected, "\(bytes)")
        }
      }
    }
  }

  @Test func `every byte at every place of a word reads back`() throws {
    for length in [1, 3, 7, 8, 9, 15, 16, 33] {
      for place in 0..<length {
        for byte in UInt8.min...UInt8.max {
          var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: length)
          bytes[place] = byte
          #expect(try decoded(json(bytes)) == bytes)
        }
      }
    }
  }

  @Test(arguments: [64, 100, 1 << 16])
  func `long strings read back whatever the buffer`(_ capacity: Int) throws {
    var random = Steps(state: 42)
    let alphabet = Array("ab\"\\\n\u{1}é日🚀 ")
    for length in [2047, 2048, 2049, 5000, 70_000] {
      let text = String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "a" })
      #expect(try decoded(json(Array(text.utf8), capacity: capacity)) == Array(text.utf8))
      let binary = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) } + [0xFF]
      #expect(try decoded(json(binary, capacity: capacity)) == binary)
    }
  }

  @Test func `all control bytes fit in the room reserved`() {
    let bytes = [UInt8](repeating: 1, count: 4096)
    let expected = "\"" + String(repeating: "\\u0001", count: 4096) + "\""
    #expect(json(bytes, capacity: 64) == expected)
  }

  @Test func `integers are strings of digits`() {
    var output: [UInt8] = []
    var writer = ByteWriter(capacity: 64) { output.append(contentsOf: $0) }
    for value in [0, -1, Int64.max, Int64.min] { writer.writeJSON(integerString: value) }
    writer.flush()
    #expect(
      String(decoding: output, as: UTF8.self)
        == #""0""-1""9223372036854775807""-9223372036854775808""#)
  }

  struct Score: Sendable {
    let value: Double
    let expected: String
  }

  @Test(arguments: [
    Score(value: 0, expected: "0"),
    Score(value: -0.0, expected: "-0.0"),
    Score(value: 1, expected: "1"),
    Score(value: -17, expected: "-17"),
    Score(value: 0.1, expected: "0.1"),
    Score(value: -1.5, expected: "-1.5"),
    Score(value: 9_007_199_254_740_991, expected: "9007199254740991"),
    Score(value: 9_007_199_254_740_992, expected: "9007199254740992.0"),
    Score(value: 1e20, expected: "1e+20"),
    Score(value: .leastNonzeroMagnitude, expected: "5e-324"),
    Score(value: 1.7976931348623157e308, expected: "1.7976931348623157e+308"),
    Score(value: .infinity, expected: #""inf""#),
    Score(value: -.infinity, expected: #""-inf""#),
    Score(value: .nan, expected: #""nan""#),
    Score(value: -.nan, expected: #""nan""#),
  ])
  func `scores are numbers in shortest form`(_ score: Score) {
    #expect(json(score: score.value) == score.expected)
  }
}

@Suite struct JSONDocumentTests {
  @Test func `members keep their order and commas stand between values only`() {
    let text = JSONDocument.text {
      $0.object {
        $0.schema("demo")
        $0.member("b", 2)
        $0.member("a", true)
        $0.member("left out", nil as Int?)
        $0.member("score", 0.5)
        $0.member("raw", bytes: [0xFF])
        $0.array("list") {
          $0.value(1)
          $0.null()
          $0.object { _ in }
          $0.array { $0.value("x") }
        }
        $0.object("empty") { _ in }
        $0.member("big", UInt64.max)
      }
    }
    #expect(
      text == #"{"schema":"redisops/demo/1","b":2,"a":true,"score":0.5,"#
        + #""raw":"\u0000b64:/w==","list":[1,null,{},["x"]],"empty":{},"#
        + #""big":18446744073709551615}"#)
  }

  @Test func `lines are documents of their own`() {
    let text = JSONDocument.text {
      for number in 1...2 {
        $0.object { $0.member("n", number) }
        $0.endLine()
      }
    }
    #expect(text == "{\"n\":1}\n{\"n\":2}\n")
  }
}
