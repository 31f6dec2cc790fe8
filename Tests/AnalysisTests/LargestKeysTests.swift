import Testing

@testable import Analysis

@Suite struct LargestKeysTests {
  private func entry(_ name: String, _ measure: Int) -> LargestKeys.Entry {
    LargestKeys.Entry(
      measure: measure, database: 0, key: Array(name.utf8), kind: .string, elements: 1,
      byteCount: measure, offset: 0)
  }

  private func names(_ keys: LargestKeys) -> [String] {
    keys.entries.map { String(decoding: $0.key, as: UTF8.self) }
  }

  @Test func `the greatest stay, in falling order`() {
    var keys = LargestKeys(capacity: 3)
    for (name, measure) in [("a", 1), ("b", 9), ("c", 5), ("d", 7), ("e", 2)] {
      keys.insert(entry(name, measure))
    }
    #expect(names(keys) == ["b", "d", "c"])
    #expect(!keys.wants(5))
    #expect(keys.wants(6))
  }

  @Test func `of equal keys the first ones stay`() {
    var keys = LargestKeys(capacity: 2)
    for name in ["a", "b", "c"] { keys.insert(entry(name, 4)) }
    #expect(names(keys) == ["a", "b"])
  }

  @Test func `nothing is kept where nothing is wanted`() {
    var keys = LargestKeys(capacity: 0)
    keys.insert(entry("a", 1))
    #expect(keys.entries.isEmpty)
    #expect(!keys.wants(.max))
  }

  @Test func `a key of measure zero comes in while there is room`() {
    var keys = LargestKeys(capacity: 1)
    keys.insert(entry("a", 0))
    #expect(names(keys) == ["a"])
  }

  @Test func `merging parts gives what one pass gives`() {
    let measures = [3, 8, 8, 1, 9, 8, 2, 9, 3, 7]
    var whole = LargestKeys(capacity: 4)
    for (index, measure) in measures.enumerated() { whole.insert(entry("k\(index)", measure)) }
    for cut in 0...measures.count {
      var first = LargestKeys(capacity: 4)
      var second = LargestKeys(capacity: 4)
      for (index, measure) in measures.enumerated() {
        if index < cut {
          first.insert(entry("k\(index)", measure))
        } else {
          second.insert(entry("k\(index)", measure))
        }
      }
      first.merge(second)
      #expect(names(first) == names(whole), "cut at \(cut)")
    }
  }
}
