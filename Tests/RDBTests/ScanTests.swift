import ByteKit
import Foundation
import RedisCodecs
import TestSupport
import Testing

@testable import RDB

/// Passes over files: threads, chunk sizes and the way the bytes come change nothing.
@Suite struct ScanTests {
  /// What a pass gave, in a form that can be compared.
  struct Pass: Equatable {
    var events: [UInt64]
    var opening: RDBOpening?
    var failure: RDBFailure?
    var checksum: RDBChecksum
    var checksumOffset: Int?
    var trailing: RDBTrailing?
    var keyCount: Int
    var violations: RDBViolationList
    var endOffset: Int
    var opcodeCounts: [Int]
  }

  /// Hashes each record of a chunk.
  struct Handler: RDBChunkHandler {
    var events: [UInt64] = []

    mutating func record(_ record: RDBRecord, offset: Int) {
      var hash = EventHash()
      hash.add(record)
      hash.add(offset)
      events.append(hash.value)
    }

    mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
      var sink = EventSink()
      sink.hash.add(header)
      try reader.readValue(into: &sink)
      events.append(sink.hash.value)
    }
  }

  /// Takes finished chunks in the order in which they are committed.
  final class Collector: @unchecked Sendable {
    private let monitor = Monitor()
    private(set) var events: [UInt64] = []

    func add(_ more: [UInt64]) { monitor.withLock { events += more } }
  }

  private func pass(_ path: String, threads: Int = 1, chunkByteCount: Int? = nil) throws -> Pass {
    var options = RDBScanOptions()
    options.threads = threads
    options.chunkByteCount = chunkByteCount
    let collector = Collector()
    let result = RDBScan.run(
      try InputFile(opening: path), options, makeHandler: { _ in Handler() },
      commit: { collector.add($0.events) })
    return Pass(
      events: collector.events, opening: result.opening, failure: result.failure,
      checksum: result.checksum, checksumOffset: result.checksumOffset, trailing: result.trailing,
      keyCount: result.keyCount, violations: result.violations,
      endOffset: result.endOffset,
      opcodeCounts: result.opcodeCounts)
  }

  @Test(arguments: [500, 700, 1300, 5000], [2, 3])
  func `several threads read what one reads`(_ chunkByteCount: Int, threads: Int) throws {
    try withEach(SnapshotFile.all) { file in
      let one = try pass(file.url.path)
      let several = try pass(
        file.url.path, threads: threads, chunkByteCount: chunkByteCount)
      #expect(several == one, "\(file.testDescription)")
    }
  }

  @Test func `checksums are right in every sound file`() throws {
    try withEach(CorpusCase.all) { test in
      let one = try pass(test.snapshot.path)
      let layout = try test.layout()
      #expect(one.failure == nil, "\(test.testDescription)")
      #expect(one.trailing?.count == 0, "\(test.testDescription)")
      #expect(one.keyCount == layout["keys"]?.int, "\(test.testDescription)")
      let version = one.opening?.version ?? 0
      let isOff = layout["crc64"]?.string.map { Set($0) == ["0"] } ?? false
      let expected: RDBChecksum = version < 5 ? .absent : isOff ? .disabled : .good
      #expect(one.checksum == expected, "\(test.testDescription)")
    }
  }

  @Test func `a truncated file ends alike for one thread and for two`() throws {
    try withTemporaryFolder { folder in
      let file = try #require(CorpusCase.all.first { $0.name == "rdb-full" })
      let bytes = try file.bytes()
      var random = RepeatableRandom(seed: 31)
      for _ in 0..<60 {
        let cut = Int.random(in: 0...bytes.count, using: &random)
        let path = try folder.write(Array(bytes[..<cut]), to: "cut.rdb").path
        let one = try pass(path)
        #expect(one.failure != nil || cut == bytes.count, "cut at \(cut)")
        #expect(try pass(path, threads: 2, chunkByteCount: 2000) == one, "cut at \(cut)")
      }
    }
  }

  @Test func `packed files and pipes give what files give`() throws {
    try withTemporaryFolder { folder in
      let path = folder.file("pipe").path
      try #require(mkfifo(path, 0o600) == 0)
      try withEach(SnapshotFile.all.filter(\.isSound)) { file in
        let bytes = try file.bytes()
        let one = try pass(file.url.path)
        let half = bytes.count / 2
        let packed = gzipMember(Array(bytes[..<half])) + gzipMember(Array(bytes[half...]))
        #expect(try pass(folder.write(packed, to: "dump.gz").path) == one, "\(file.url.path)")
        Thread.detachNewThread {
          guard let pipe = FileHandle(forWritingAtPath: path) else { return }
          for start in stride(from: 0, to: bytes.count, by: 1009) {
            pipe.write(Data(bytes[start..<min(bytes.count, start + 1009)]))
          }
          try? pipe.close()
        }
        #expect(try pass(path, threads: 2, chunkByteCount: 500) == one, "\(file.url.path)")
      }
    }
  }

  @Test func `a replication capture is unwrapped`() throws {
    try withTemporaryFolder { folder in
      let file = try #require(CorpusCase.all.first { $0.name == "rdb-replica-sync" })
      let bytes = try file.bytes()
      let mark = Array(String(repeating: "0123456789abcdef", count: 3).utf8.prefix(40))
      let frames: [(front: [UInt8], back: [UInt8])] = [
        (Array("$\(bytes.count)\r\n".utf8), []),
        (Array("\n\n\n$\(bytes.count)\r\n".utf8), Array("*1\r\n$4\r\nPING\r\n".utf8)),
        (Array("$EOF:".utf8) + mark + [13, 10], mark),
      ]
      let plain = try pass(file.snapshot.path, chunkByteCount: 500)
      for frame in frames {
        let path = try folder.write(frame.front + bytes + frame.back, to: "capture").path
        for threads in [1, 2] {
          let framed = try pass(path, threads: threads, chunkByteCount: 500)
          #expect(framed.failure == nil)
          #expect(framed.checksum == plain.checksum)
          #expect(framed.keyCount == plain.keyCount)
          #expect(framed.opening?.offset == frame.front.count)
          #expect(framed.endOffset == frame.front.count + bytes.count)
          #expect(framed.trailing?.front == frame.back)
        }
      }
    }
  }
}
