import Foundation
import RDB
import TestSupport
import Testing

/// A snapshot of the corpus, sound or damaged.
struct SnapshotFile: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var url: URL
  /// Whether a server wrote it, and nobody damaged it.
  var isSound: Bool

  func bytes() throws -> [UInt8] { try readBytes(url) }

  /// Everything that there is.
  static let all: [SnapshotFile] =
    CorpusCase.all.map {
      SnapshotFile(testDescription: $0.testDescription, url: $0.snapshot, isSound: true)
    }
    + DamagedFile.all.map {
      SnapshotFile(testDescription: $0.testDescription, url: $0.file, isSound: false)
    }
}

/// Calls `body` with each file, so that one test covers them all, and says which one failed.
func withEach<Item: CustomTestStringConvertible>(
  _ items: [Item], _ body: (Item) throws -> Void
) throws {
  try #require(!items.isEmpty)
  for item in items {
    do { try body(item) } catch { Issue.record(error, "\(item.testDescription)") }
  }
}
