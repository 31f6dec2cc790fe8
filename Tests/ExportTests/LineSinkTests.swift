import Export
import Testing

@testable import RDB

struct LineSinkTests {
  struct Case: CustomTestStringConvertible {
    var key: [UInt8]
    var csv: String
    var line: String
    var testDescription: String { line }

    init(_ key: [UInt8], csv: String, line: String) {
      self.key = key
      self.csv = csv
      self.line = line
    }

    init(_ key: String, csv: String, line: String) {
      self.init(Array(key.utf8), csv: csv, line: line)
    }
  }

  static let cases = [
    Case("plain:1", csv: "plain:1", line: "plain:1"),
    Case("", csv: "", line: ""),
    Case("ключ", csv: "ключ", line: "ключ"),
    Case("a,b", csv: #""a,b""#, line: "a,b"),
    Case(#"a"b"#, csv: #""a""b""#, line: #"a"b"#),
    Case(#""q""#, csv: #""""q""""#, line: #""\"q\"""#),
    Case("a\nb", csv: "\"a\nb\"", line: #""a\nb""#),
    Case("a\u{7F}", csv: "a\u{7F}", line: "\"a\u{7F}\""),
    Case([0xFF], csv: "\"\0b64:/w==\"", line: #""\u0000b64:/w==""#),
    Case([0x00, 0x61], csv: "\"\0b64:AGE=\"", line: #""\u0000a""#),
  ]

  @Test(arguments: cases)
  func `keys are written so that each can be told apart`(_ test: Case) throws {
    let lines = Output()
    var keys = KeySink { lines.take($0) }
    test.key.withUnsafeBytes { keys.write($0) }
    keys.finish()
    #expect(lines.text == test.line + "\n")

    let rows = Output()
    var csv = CSVSink { rows.take($0) }
    var header = try #require(KeyHeader("", 0, database: 2, expireAtMs: -5))
    test.key.withUnsafeBytes {
      header.key = $0
      csv.write(header, elementCount: 1, byteCount: 9, stringEncoding: .int)
    }
    csv.finish()
    #expect(
      rows.text
        == "db,key,type,encoding,elements,bytes,expireAtMs\n2,\(test.csv),string,int,1,9,-5\n")
  }

  @Test func `a row of a collection names what the file stores and leaves no expiry`() throws {
    let rows = Output()
    var csv = CSVSink { rows.take($0) }
    csv.write(
      try #require(KeyHeader("h", 16)), elementCount: 12, byteCount: 340, stringEncoding: nil)
    csv.finish()
    #expect(
      rows.text
        == "db,key,type,encoding,elements,bytes,expireAtMs\n0,h,hash,listpack,12,340,\n")
  }
}
