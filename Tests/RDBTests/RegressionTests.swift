import Foundation
import TestSupport
import Testing

@testable import RDB

/// Inputs that once broke the reader, most of them found by `make fuzz`.
@Suite struct RegressionTests {
  private static let files: [URL] = {
    let folder = ProjectFolders.fixtures.appending(path: "regressions")
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).sorted { $0.path < $1.path }
  }()

  @Test func `what once broke the reader is read alike in all ways`() throws {
    for file in Self.files where file.pathExtension == "rdb" {
      let bytes = try readBytes(file)
      #expect(ReaderAgreement.disagreement(bytes) == nil, "\(file.lastPathComponent)")
    }
  }

  @Test func `payloads that once broke the reader get an answer`() throws {
    for file in Self.files where file.pathExtension == "payload" {
      let bytes = try readBytes(file) + [UInt8](repeating: 0, count: 8)
      var sink = EventSink()
      var answers = 0
      do throws(RDBError) {
        answers += try RDBPayload.read(bytes, into: &sink).violations.count + 1
      } catch {
        answers += 1
      }
      #expect(answers > 0, "\(file.lastPathComponent)")
    }
  }

  @Test func `all ways of reading agree on the damaged files of the corpus`() throws {
    try withEach(DamagedFile.all) { file in
      let bytes = try file.bytes()
      #expect(ReaderAgreement.disagreement(bytes) == nil, "\(file.testDescription)")
    }
  }
}
