import AOF
import ByteKit
import Foundation
import RDB
import TestSupport
import Testing

/// What a path leads to, and the snapshot in front of commands.
@Suite struct SetTests {
  /// A snapshot with one key.
  static func snapshot() -> [UInt8] {
    var builder = SnapshotBuilder()
    builder.aux("redis-ver", "7.2.4")
    builder.select(0)
    builder.key("k", "v")
    return builder.finished
  }

  @Test func `a file is what its first bytes say`() throws {
    try withTemporaryFolder { folder in
      let commands = try folder.write(request("PING"), to: "commands.rdb").path
      let snapshot = try folder.write(Self.snapshot() + request("PING"), to: "snapshot.aof").path
      let manifest = try folder.write(
        Array("# x\nseq 1 file commands.rdb type b\nfile gone seq 3 type i\n".utf8), to: "list"
      ).path
      #expect(try AOFSet(opening: commands).layout == .single)
      #expect(try AOFSet(opening: snapshot).layout == .preamble)
      let set = try AOFSet(opening: manifest)
      #expect(set.layout == .multipart)
      #expect(set.parts.map(\.name) == ["commands.rdb", "gone"])
      #expect(set.parts.map(\.exists) == [true, false])
      #expect(set.parts.map(\.byteCount) == [14, nil])
      #expect(set.unnamedFiles == ["snapshot.aof"])
    }
  }

  @Test func `a folder leads to its manifest, wherever a server keeps it`() throws {
    try withTemporaryFolder { folder in
      let inner = folder.file("appendonlydir").path
      try FileManager.default.createDirectory(
        atPath: inner, withIntermediateDirectories: false)
      #expect(throws: InputError.self) { try AOFSet(opening: inner) }
      _ = try folder.write(request("PING"), to: "appendonlydir/a.1.incr.aof")
      let without = try AOFSet(opening: inner)
      #expect(without.manifest == nil)
      #expect(without.unnamedFiles == ["a.1.incr.aof"])
      _ = try folder.write(
        Array("file a.1.incr.aof seq 1 type i\n".utf8), to: "appendonlydir/a.manifest")
      for path in [inner, inner + "/", folder.url.path, inner + "/a.manifest"] {
        let set = try AOFSet(opening: path)
        #expect(set.parts.map(\.name) == ["a.1.incr.aof"])
        #expect(set.unnamedFiles.isEmpty)
      }
      _ = try folder.write([], to: "appendonlydir/b.manifest")
      #expect(throws: InputError.self) { try AOFSet(opening: inner) }
    }
  }

  @Test func `behind a snapshot the commands begin`() throws {
    let front = Self.snapshot()
    let bytes = front + request("SELECT", "2") + request("DEL", "k")
    try withTemporaryFolder { folder in
      let plain = try folder.write(bytes, to: "plain").path
      let packed = try folder.write(gzipMember(bytes), to: "packed").path
      for path in [plain, packed] {
        var result = try AOFFile(opening: path).skipSnapshot(.init())
        #expect(result.snapshot?.keyCount == 1)
        #expect(result.snapshot?.checksum == .disabled || result.snapshot?.checksum == .good)
        guard let tail = result.takeTail() else {
          Issue.record("no commands in \(path)")
          continue
        }
        var reader = AOFReader(tail)
        var offsets: [Int] = []
        while case .command(let command)? = try reader.next() { offsets.append(command.offset) }
        #expect(offsets == [front.count, front.count + 23])
        #expect(reader.soundOffset == bytes.count)
      }
    }
  }

  @Test func `behind a damaged snapshot there is nothing to read`() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Array(Self.snapshot().dropLast(10)), to: "cut").path
      var result = try AOFFile(opening: path).skipSnapshot(.init())
      #expect(result.snapshot?.failure?.error.kind == .truncated)
      let isEmpty = result.takeTail() == nil
      #expect(isEmpty)
    }
  }
}
