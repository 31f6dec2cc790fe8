import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// Equal hashes are found among many, in memory and through temporary files.
@Suite struct HashLogTests {
  private static let entryCount = 300_000

  /// Budgets from nothing at all to more than what is needed, bytes.
  static let budgets = [0, 1, 1 << 12, 1 << 16, 1 << 20, 32 << 20]

  /// What a log reports at its end.
  private func pairs<Entry>(_ log: inout HashLog<Entry>) -> [(first: Entry, second: Entry)] {
    var pairs: [(first: Entry, second: Entry)] = []
    log.finish { pairs.append(($0, $1)) }
    return pairs
  }

  @Test(arguments: budgets)
  func `exactly the planted pairs are found`(_ memoryByteCountMax: Int) {
    var random = RepeatableRandom(seed: UInt64(memoryByteCountMax))
    var hashes = (0..<Self.entryCount).map { _ in random.next() }
    var planted: Set<UInt64> = []
    for index in 0..<90 {
      let earlier = Int.random(in: 0..<(Self.entryCount / 2), using: &random)
      let later = Self.entryCount - 1 - index * 1000
      hashes[later] = hashes[earlier]
      planted.insert(hashes[earlier])
    }
    var log = HashLog<HashOnly>(memoryByteCountMax: memoryByteCountMax)
    for hash in hashes { log.append(HashOnly(high: hash)) }
    let found = pairs(&log)
    #expect(Set(found.map(\.first.high)) == planted)
    #expect(found.count == 90)
    #expect(log.failure == nil)
  }

  @Test(arguments: budgets)
  func `half a hash is not enough for a pair`(_ memoryByteCountMax: Int) {
    var log = HashLog<PlacedHash>(memoryByteCountMax: memoryByteCountMax)
    for place in 0..<20_000 {
      // Few different first halves: what is looked up by them lies in few places.
      let hash = KeyedHash.Value(
        high: UInt64(place % 50) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(place / 50))
      log.append(PlacedHash(hash, place: place))
    }
    log.append(PlacedHash(KeyedHash.Value(high: 0, low: 3), place: 20_000))
    let found = pairs(&log)
    #expect(found.map(\.first.place) == [150])
    #expect(found.map(\.second.place) == [20_000])
  }

  @Test(arguments: budgets)
  func `all but the first of those that are the same are reported`(_ memoryByteCountMax: Int) {
    var log = HashLog<PlacedHash>(memoryByteCountMax: memoryByteCountMax)
    for place in 0..<30_000 {
      let hash = UInt64(place % 10_000) &* 0x9e37_79b9_7f4a_7c15
      log.append(PlacedHash(KeyedHash.Value(high: hash, low: 0), place: place))
    }
    let found = pairs(&log)
    #expect(found.map(\.second.place).sorted() == Array(10_000..<30_000))
    #expect(found.allSatisfy { $0.first.place < $0.second.place })
  }

  @Test func `a log can be used again`() {
    var log = HashLog<HashOnly>(memoryByteCountMax: 0)
    for round in 0..<3 {
      for hash: UInt64 in 0..<10_000 { log.append(HashOnly(high: hash << 40)) }
      #expect(pairs(&log).isEmpty, "round \(round)")
    }
  }

  @Test func `no entries have no pairs`() {
    var log = HashLog<HashOnly>(memoryByteCountMax: 1 << 16)
    #expect(pairs(&log).isEmpty)
    log.append(HashOnly(high: 1))
    #expect(pairs(&log).isEmpty)
  }
}
