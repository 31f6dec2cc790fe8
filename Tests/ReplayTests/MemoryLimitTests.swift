import AOF
import ByteKit
import Engine
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import Replay

/// Data that take more memory than they may end the loading with that reason, and nothing else.
@Suite struct MemoryLimitTests {
  private static func options(_ limit: Int) -> LoadOptions {
    var options = LoadOptions(
      target: ServerVersion(.redis, 7, 0, 15), nowMs: 1_800_000_000_000, seed: 5)
    options.memoryByteCountMax = limit
    return options
  }

  private static func commands(_ count: Int) -> [UInt8] {
    let value = String(repeating: "v", count: 2000)
    return Array(
      (0..<count).map {
        let key = "key:\($0)"
        return "*3\r\n$3\r\nSET\r\n$\(key.utf8.count)\r\n\(key)\r\n$2000\r\n\(value)\r\n"
      }.joined().utf8)
  }

  @Test func `commands`() throws {
    try withTemporaryFolder { folder in
      let path = folder.url.appending(path: "appendonly.aof").path
      try Data(Self.commands(2000)).write(to: URL(filePath: path))
      for (limit, isEnough) in [(1 << 20, false), (64 << 20, true)] {
        var loader = DatasetLoader(Self.options(limit))
        loader.load(set: try AOFSet(opening: path))
        loader.finish()
        let keys = loader.withKeyspace { $0.keyCount(0) }
        #expect((keys == 2000) == isEnough)
        #expect(loader.report.isComplete == isEnough)
        if isEnough { continue }
        guard case .memory(let file, let byteCount)? = loader.report.stop else {
          Issue.record("loading did not end for lack of memory")
          continue
        }
        #expect(file == "appendonly.aof")
        #expect(byteCount > limit && byteCount < 2 * limit)
        #expect(loader.report.gaps.count == 1)
      }
    }
  }

  @Test(arguments: [1, 3])
  func `a snapshot`(_ threads: Int) throws {
    guard let sample = CorpusCase.all.first(where: { $0.name == "rdb-full" }) else { return }
    var options = Self.options(0)
    options.threads = threads
    options.target = try CorpusLoadTests.target(sample.server)
    var loader = DatasetLoader(options)
    loader.load(snapshot: try InputFile(opening: sample.snapshot.path))
    loader.finish()
    guard case .memory? = loader.report.stop else {
      Issue.record("loading did not end for lack of memory")
      return
    }
  }
}
