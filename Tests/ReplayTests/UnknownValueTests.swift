import ByteKit
import Foundation
import RedisModel
import TestSupport
import Testing

@testable import Engine
@testable import Replay

/// Values that snapshots of newer servers hold: what is known of them is kept whole, the rest is
/// named.
@Suite struct UnknownValueTests {
  /// Calls `body` with what a snapshot of the fixtures loads to.
  private static func load(
    _ id: String, _ body: (borrowing DatasetLoader) -> Void
  ) throws {
    let file = ProjectFolders.fixtures.appending(path: "rdb/vectors.json")
    let document = try JSONValue(parsing: readBytes(file))
    let vector = try #require(document.elements.first { $0["id"]?.string == id })
    let bytes = try #require(vector["hex"]?.string.flatMap { TestSupport.bytes(hex: $0) })
    try withTemporaryFolder { folder in
      let url = folder.url.appending(path: "dump.rdb")
      try Data(bytes).write(to: url)
      var loader = DatasetLoader(
        LoadOptions(
          target: ServerVersion(.redis, 8, 8, 0), nowMs: 1_800_000_000_000, seed: 3))
      loader.load(snapshot: try InputFile(opening: url.path))
      loader.finish()
      body(loader)
    }
  }

  @Test func `an array is kept, and its share in the digest is not known`() throws {
    try Self.load("array-1") { loader in
      #expect(loader.report.stop == nil)
      #expect(loader.report.notReplayed == ["type array": 1])
      loader.withKeyspace { Self.checkArray($0) }
    }
  }

  private static func checkArray(_ space: borrowing Keyspace) {
    let handle = Array("ar".utf8).withUnsafeBytes { space.find($0) }
    guard let handle, handle.form == .array else {
      Issue.record("there is no array")
      return
    }
    var parts: [String] = []
    ModuleRecord(handle.value).forEach { part in
      switch part {
      case .unsigned(let value): parts.append("\(value)")
      case .string(let text): parts.append(text.text)
      default: parts.append("?")
      }
      return true
    }
    let cursor = ["1", "1000"]
    let elements = [
      "0", "1", "-7", "1", "2", "1.5", "2", "3", "abc", "1000", "0", "a longer string",
      "1099511627776", "3", "",
    ]
    #expect(parts == cursor + elements)
  }

  @Test func `pending entries without an owner are kept, and copied`() throws {
    try Self.load("stream5") { loader in
      #expect(loader.report.isComplete)
      loader.withKeyspace { Self.checkPending(&$0) }
    }
  }

  private static func checkPending(_ space: inout Keyspace) {
    for key in ["st", "copy"] {
      let name = Array(key.utf8)
      guard let handle = name.withUnsafeBytes({ space.find($0) }), handle.form == .stream else {
        Issue.record("\(key) is no stream")
        return
      }
      let stream = StreamValue.at(handle.value.address).pointee
      let group = Array("grp".utf8).withUnsafeBytes { stream.group($0, space.heap) }
      let pending = group?.pointee.pending
      #expect(pending?.count == 2)
      #expect(pending?.last.map { $0.consumer == group?.pointee.nobody } == true)
      let producers = stream.producers.map { StreamProducers.at($0).pointee }
      #expect(producers?.producers.cells.count == 1)
      if key == "st" {
        Array("copy".utf8).withUnsafeBytes { _ = space.put($0, handle.value.copy(space.heap)) }
      }
    }
    let before = space.byteCount
    space.removeAll()
    #expect(space.byteCount < before)
  }

  @Test func `a record that is no vector set leaves nothing behind`() {
    let space = Keyspace(target: ServerVersion(.redis, 8, 0, 6), seed: 1)
    var whole: [UInt8] = []
    ModuleRecord.begin(7, &whole)
    let texts = ["a", "attribute", "12345678", "b", "", "abcdefgh"].map { Array($0.utf8) }
    for number: UInt64 in [2, 2, 16 << 8, 3, 5] {
      ModuleRecord.append(.unsigned(number), &whole)
    }
    texts[0].withUnsafeBytes { ModuleRecord.append(.string($0), &whole) }
    for (index, text) in texts.enumerated() {
      text.withUnsafeBytes { ModuleRecord.append(.string($0), &whole) }
      if index % 3 == 2 {
        for number: UInt64 in [2, 1, 2] { ModuleRecord.append(.unsigned(number), &whole) }
      }
    }
    let before = space.byteCount
    var made = 0
    for cut in 8...whole.count {
      // A cut within a part leaves out the part.
      guard cut == whole.count || Self.isBetweenParts(whole, cut) else { continue }
      let record = Array(whole[..<cut])
      record.withUnsafeBytes { bytes in
        guard let set = VectorSet(ModuleRecord(bytes), space.heap) else { return }
        made += 1
        #expect(set.nodes.cells.count == 2)
        set.destroy(space.heap, at: set.allocate(space.heap))
      }
      #expect(space.byteCount == before)
    }
    #expect(made == 1)
  }

  private static func isBetweenParts(_ record: [UInt8], _ cut: Int) -> Bool {
    record.withUnsafeBytes { bytes in
      let record = ModuleRecord(bytes)
      var offset = ModuleRecord.firstOffset
      while offset < cut, record.part(&offset) != nil {}
      return offset == cut
    }
  }
}
