import Foundation
import TestSupport
import Testing

/// The helpers that all other tests lean on.
struct TestSupportTests {
  @Test func `SplitMix64 gives the published sequence`() {
    var random = RepeatableRandom(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in random.next() } == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
      ])
  }

  @Test func `a JSON document is read exactly`() throws {
    let text = #" {"a":[1,-0.5e+3,18446744073709551615,true,null],"b":"\u00e9\ud83d\ude00\n"} "#
    let document = try JSONValue(parsing: text.utf8)
    #expect(document["a"]?.elements.map(\.unsigned) == [1, nil, .max, nil, nil])
    #expect(document["a"]?.elements[1].double == -500)
    #expect(document["a"]?.elements[3].bool == true)
    #expect(document["b"]?.string == "é😀\n")
  }

  @Test(arguments: ["", "{", "[1,]", "01", "1.", "\"\\ud800\"", "\"\n\"", "tru", "1 2", "{1:2}"])
  func `text that is no JSON is refused`(text: String) {
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func `a byte string of the corpus stands for its low bytes`() throws {
    #expect(CorpusBytes(.string("Ã©\0")) == .bytes([0xc3, 0xa9, 0]))
    #expect(CorpusBytes(.string("Ā")) == nil)
    let long = [UInt8](repeating: 0x61, count: 1_000)
    let sha1 = "291e9a6c66994949b57ba5e650361e98fc36b1ba"
    let stated = try JSONValue(parsing: #"{"len":1000,"sha1":"\#(sha1)"}"#.utf8)
    #expect(CorpusBytes(stated)?.matches(long) == true)
    #expect(CorpusBytes(stated)?.matches(Array(long.dropLast())) == false)
    #expect(bytes(hex: "00 fF") == [0, 255])
    #expect(bytes(hex: "0") == nil)
  }

  @Test func `a program's status, streams and signal come back`() throws {
    var settings = ProcessSettings()
    settings.input = Array("in".utf8)
    settings.environment = ["COLOUR": "red"]
    let script = "cat; echo $COLOUR; echo err >&2; exit 3"
    let result = try runProcess("sh", ["-c", script], settings: settings)
    #expect(result.exitStatus == 3)
    #expect(result.outputText == "inred\n")
    #expect(result.errorText == "err\n")
    #expect(!result.timedOut)
    #expect(try runProcess("sh", ["-c", "kill -9 $$"]).signal == 9)
    #expect(throws: ProcessFailure.self) { try runProcess("/no/such/program") }
  }

  @Test func `a program gets its folder and its limit`() throws {
    try withTemporaryFolder { folder in
      var settings = ProcessSettings()
      settings.workingDirectory = folder.url
      settings.addressSpaceBytesMax = 64 << 20
      _ = try folder.write([], to: "here")
      let result = try runProcess("sh", ["-c", "ls here; ulimit -v"], settings: settings)
      #expect(result.outputText == "here\n65536\n")
    }
  }

  @Test func `a program that runs too long is killed`() throws {
    var settings = ProcessSettings()
    settings.timeoutSeconds = 0.2
    let result = try runProcess("sleep", ["20"], settings: settings)
    #expect(result.timedOut)
    #expect(result.signal == 9)
  }

  @Test(.needsRedisServer) func `a real server answers`() throws {
    let server = try RealServer()
    defer { server.stop() }
    #expect(try server.digest() == String(repeating: "0", count: 40))
    let piped = try server.pipe(Array("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\n".utf8))
    #expect(piped.outputText.contains("errors: 0, replies: 1"))
    #expect(try server.command("GET", "a") == "1")
    #expect(try server.digest() == "943d800368fb9c0e951138f1bc0e313ac769d91f")
  }
}
