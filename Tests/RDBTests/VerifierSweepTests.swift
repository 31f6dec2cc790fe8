import Foundation
import TestSupport
import Testing

@testable import RDB

/// Small files cut and changed at every place: never a trap, and never "good" unless the change is
/// behind the end.
@Suite struct VerifierSweepTests {
  private static let byteCountMax = 16 << 10
  private static let shares = 4

  /// The sound files that the project carries, dealt to tests that can run side by side.
  private static func files(_ share: Int) throws -> [(name: String, bytes: [UInt8])] {
    let sound = CorpusCase.carried.map { ($0.testDescription, $0.snapshot) }
    let bases = DamagedFile.carried.filter {
      ["base.rdb", "zeros-after-end.rdb"].contains($0.name)
    }
    .map { ($0.testDescription, $0.file) }
    return try (sound + bases).map { (name: $0.0, bytes: try readBytes($0.1)) }
      .filter { $0.bytes.count <= byteCountMax }
      .enumerated().filter { $0.offset % shares == share }.map(\.element)
  }

  @Test(arguments: 0..<shares)
  func `a file that is cut is not good`(_ share: Int) throws {
    try withTemporaryFolder { folder in
      for file in try Self.files(share) {
        let path = try folder.write(file.bytes, to: "cut.rdb").path
        let end = try verify(path).soundEndOffset
        for size in stride(from: file.bytes.count - 1, through: 0, by: -1) {
          try #require(truncate(path, off_t(size)) == 0)
          let report = try verify(path) { $0.memoryByteCountMax = 0 }
          #expect((report.verdict == .good) == (size >= end), "\(file.name) cut at \(size)")
        }
      }
    }
  }

  @Test(arguments: 0..<shares)
  func `a file with a checksum is not good with a byte changed`(_ share: Int) throws {
    try withTemporaryFolder { folder in
      for file in try Self.files(share) {
        let url = try folder.write(file.bytes, to: "changed.rdb")
        let handle = try FileHandle(forUpdating: url)
        defer { try? handle.close() }
        let sound = try verify(url.path)
        var answers = 0
        for place in file.bytes.indices {
          try handle.write(file.bytes[place] ^ 0xff, at: place)
          let report = try verify(url.path) { $0.memoryByteCountMax = 0 }
          if report.verdict == .good { answers += 1 }
          if sound.checksum == .good {
            let isBehind = place >= sound.soundEndOffset
            #expect((report.verdict == .good) == isBehind, "\(file.name) changed at \(place)")
          }
          #expect(report.verdict != .unknown, "\(file.name) changed at \(place)")
          try handle.write(file.bytes[place], at: place)
        }
        #expect(answers < file.bytes.count, "\(file.name)")
      }
    }
  }
}

extension FileHandle {
  /// Replaces the byte at `offset`.
  fileprivate func write(_ byte: UInt8, at offset: Int) throws {
    try seek(toOffset: UInt64(offset))
    try write(contentsOf: [byte])
  }
}
