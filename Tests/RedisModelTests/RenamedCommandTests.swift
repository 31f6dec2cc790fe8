import RedisModel
import Testing

@Suite struct RenamedCommandTests {
  private static func meaning(_ name: String, _ renamed: RenamedCommands) -> String {
    Array(name.utf8).withUnsafeBytes { bytes in
      switch renamed.meaning(of: bytes) {
      case .itself: "itself"
      case .command(let original): String(decoding: original, as: UTF8.self)
      case .nothing: "nothing"
      }
    }
  }

  @Test func `a name stands for the command that was given it`() {
    let long = String(repeating: "b840fc02", count: 8)
    let renamed = RenamedCommands([
      ("flushall", ""), ("SET", "put"), ("DEL", long), ("GET", "DEL"), ("INCR", "step"),
      ("step", "walk"), ("missing-now", "x"), ("flushall", "again"),
    ])
    #expect(Self.meaning("FLUSHALL", renamed) == "nothing")
    #expect(Self.meaning("set", renamed) == "nothing")
    #expect(Self.meaning("PUT", renamed) == "SET")
    #expect(Self.meaning(long, renamed) == "DEL")
    #expect(Self.meaning("del", renamed) == "GET")
    #expect(Self.meaning("incr", renamed) == "nothing")
    #expect(Self.meaning("step", renamed) == "nothing")
    #expect(Self.meaning("Walk", renamed) == "INCR")
    #expect(Self.meaning("again", renamed) == "itself")
    #expect(Self.meaning("LPUSH", renamed) == "itself")
    #expect(!renamed.isEmpty && RenamedCommands.none.isEmpty)
  }
}
