import Foundation
import TestSupport
import Testing

/// What the project carries along is complete, and small.
struct FixtureTests {
  static let bytesMax = 15 << 20

  @Test func `the carried corpus has every kind of case`() throws {
    #expect(CorpusCase.carried.count == 53)
    let kinds = Set(CorpusCase.carried.map(\.name))
    #expect(
      kinds == [
        "rdb-cluster", "rdb-empty", "rdb-expired", "rdb-full", "rdb-functions", "rdb-lfu",
        "rdb-list-compress-depth", "rdb-lru", "rdb-module", "rdb-replica-sync",
        "rdb-tiny-limits", "rdb-uncompressed-nochecksum", "rdb-wide-limits",
      ])
  }

  @Test(arguments: CorpusCase.carried)
  func `a carried case has a snapshot, a dataset and a layout`(of corpus: CorpusCase) throws {
    let bytes = try corpus.bytes()
    let layout = try corpus.layout()
    #expect(layout["size"]?.int == bytes.count)
    #expect(layout["magic"]?.string.map { bytes.starts(with: $0.utf8) } == true)
    let expected = try corpus.expected()
    #expect(expected.digest?.count == 40)
    #expect(layout["keys"]?.int == expected.keys.count + expected.expiredOnLoad.count)
  }

  @Test func `each damaged file has the servers' verdict`() throws {
    #expect(Set(DamagedFile.carried.map(\.server)).count == 5)
    for damaged in DamagedFile.carried {
      #expect(!damaged.damage.isEmpty, "\(damaged.testDescription)")
      #expect(try damaged.bytes().count == damaged.document["size"]?.int)
    }
  }

  @Test func `the fixtures stay small`() throws {
    let files = FileManager.default.enumerator(
      at: ProjectFolders.fixtures, includingPropertiesForKeys: [.fileSizeKey])
    let total = try (files?.compactMap { $0 as? URL } ?? []).reduce(0) {
      $0 + (try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
    }
    #expect(total > 0)
    #expect(total <= Self.bytesMax)
  }

  @Test(.needsSharedData) func `the carried cases are those of the full corpus`() throws {
    #expect(CorpusCase.shared.count > CorpusCase.carried.count)
    let shared = Dictionary(
      uniqueKeysWithValues: CorpusCase.shared.map { ($0.testDescription, $0) })
    for carried in CorpusCase.carried {
      #expect(try carried.bytes() == shared[carried.testDescription]?.bytes())
    }
  }
}
