import Engine
import RedisModel
import Testing

/// Vector sets made by commands have the bytes that a server's have.
@Suite struct VectorSetTests {
  /// A set that servers made, and DEBUG DIGEST-VALUE of it.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let commands: [String]
    let digest: String
    var testDescription: String { name }
  }

  /// Source: `vset:*` of the corpus, the same on Redis 8.0.2, 8.0.6 and 8.6.3.
  static let cases = [
    Case(
      name: "eight bits",
      commands: [
        "VADD v VALUES 4 1 0.5 -0.25 0 a SETATTR {\"year\":_1984}", "VADD v VALUES 4 0 1 0 -1 b",
      ],
      digest: "73b04c9ae4540890230beb10cc2f22f11a8314b6"),
    Case(
      name: "one bit", commands: ["VADD v VALUES 4 1 -0.5 0.3 -2 a BIN"],
      digest: "f1a4e417404c82f15b6dec5a46c195cf68a9f92e"),
    Case(
      name: "floats", commands: ["VADD v VALUES 3 1 0.5 -1 a NOQUANT", "VSETATTR v a {\"x\":1}"],
      digest: "9596430208d26c82d3b9b57bc7dce39d1266c170"),
    Case(
      name: "floats after changes",
      commands: [
        "VADD v VALUES 3 7 0.5 -1 a NOQUANT", "VADD v VALUES 3 0 1 0 b", "VSETATTR v a {\"x\":1}",
        "VADD v VALUES 3 1 0.5 -1 a", "VREM v b",
      ],
      digest: "9596430208d26c82d3b9b57bc7dce39d1266c170"),
  ]

  private func session() -> Session { Session(ServerVersion(.redis, 8, 0, 6)) }

  private func words(_ command: String) -> [[UInt8]] {
    command.split(separator: " ").map { Array($0.replacing("_", with: " ").utf8) }
  }

  @Test(arguments: cases)
  func `commands make what the server made`(_ sample: Case) {
    let session = session()
    for command in sample.commands { session.run(words(command)) }
    let digest = Array("v".utf8).withUnsafeBytes { session.space.digestValue(of: $0) }
    #expect(digest.description == sample.digest)
  }

  @Test func `a set goes with its last element, and all memory comes back`() {
    let session = session()
    let before = session.space.byteCount
    session.run(words("VADD v VALUES 2 1 2 a SETATTR x"))
    session.run(words("VADD v FP32 01234567 b"))
    session.run(words("COPY v w"))
    #expect(session.run("TYPE", "w") == .status("vectorset"))
    #expect(session.run("VCARD", "w") == .integer(2))
    #expect(session.run("VGETATTR", "w", "a") == .text("x"))
    #expect(session.run("VREM", "v", "a") == .integer(1))
    #expect(session.run("VREM", "v", "a") == .integer(0))
    #expect(session.run("VREM", "v", "b") == .integer(1))
    #expect(session.run("EXISTS", "v") == .integer(0))
    session.run("DEL", "w")
    #expect(session.space.byteCount == before)
  }

  @Test func `what does not fit the set is refused`() {
    let session = session()
    session.run(words("VADD v VALUES 2 1 2 a"))
    session.run("SET", "s", "1")
    #expect(
      session.run(words("VADD v VALUES 3 1 2 3 b"))
        == .error("ERR Vector dimension mismatch - got 3 but set has 2"))
    #expect(
      session.run(words("VADD v VALUES 2 1 2 b BIN"))
        == .error("ERR asked quantization mismatch with existing vector set"))
    #expect(
      session.run(words("VADD s VALUES 2 1 2 b"))
        == .error("WRONGTYPE Operation against a key holding the wrong kind of value"))
    #expect(session.execute(words("VADD w REDUCE 2 VALUES 3 1 2 3 b")) == .unsupported)
    #expect(session.run("VCARD", "v") == .integer(1))
  }
}
