import RedisModel
import Testing

@testable import RedisConf

/// Files that include one another in a long row, or round in circles.
@Suite struct IncludeDepthTests {
  /// A machine on which file N includes file N + 1 up to the last one.
  private struct Row: ConfFiles {
    let count: Int
    func read(_ path: String) -> [UInt8]? {
      guard let number = Int(path) else { return nil }
      let line = number < count ? "include \(number + 1)\n" : "maxmemory 1gb\n"
      return Array(line.utf8)
    }
    func matches(_ pattern: String) -> [String] { [] }
  }

  private func reading(_ count: Int) throws -> ServerReading {
    ServerReading(
      ConfDocument(name: "0", bytes: Array("include 1\n".utf8)),
      target: try ServerVersion(target: "redis:7.0"), files: Row(count: count))
  }

  /// Redis 7.0.15 starts with four hundred.
  @Test func `four hundred files within one another are read`() throws {
    let reading = try reading(400)
    #expect(reading.refusal == nil)
    #expect(reading.settings["maxmemory"]?.values == [["1gb"]])
  }

  @Test func `a row without end is refused`() throws {
    let refusal = try #require(try reading(.max).refusal)
    #expect(refusal.reason.hasPrefix("more than 512 files include one another"))
  }
}
