import Foundation
import TestSupport
import Testing

@testable import ByteKit

/// Inputs as users name them: files, pipes, folders, packed or not.
@Suite struct InputFileTests {
  private static let text = Array("REDIS0011 and so on".utf8)

  /// Everything that an input gives.
  private func contents(_ input: InputFile) throws -> [UInt8] {
    let source: any ByteSource
    switch input.access {
    case .file(let file, let size): source = FileSource(file, from: 0, to: size)
    case .stream(let stream): source = stream
    }
    return try drain(source, room: 7)
  }

  private func isFile(_ input: InputFile) -> Bool {
    if case .file = input.access { true } else { false }
  }

  @Test func `a regular file can be read in any order`() throws {
    try withTemporaryFolder { folder in
      let path = try folder.write(Self.text, to: "dump.rdb").path
      let input = try InputFile(opening: path)
      #expect(input.name == path)
      #expect(isFile(input))
      #expect(try contents(input) == Self.text)
      guard case .file(let file, let size) = input.access else { return }
      #expect(size == Self.text.count)
      let middle = FileSource(file, from: 5, to: 9)
      #expect(middle.remainingByteCount == 4)
      #expect(try drain(middle, room: 3) == Array("0011".utf8))
      #expect(middle.remainingByteCount == 0)
    }
  }

  @Test(arguments: [[], [0x1f], [0x1f, 0x8c], [0x52]] as [[UInt8]])
  func `short files are no gzip`(_ bytes: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let input = try InputFile(opening: try folder.write(bytes, to: "short").path)
      #expect(isFile(input))
      #expect(try contents(input) == bytes)
    }
  }

  @Test func `gzip is told by its first bytes`() throws {
    try withTemporaryFolder { folder in
      let packed = gzipMember(Self.text)
      let input = try InputFile(opening: try folder.write(packed, to: "dump.rdb").path)
      #expect(!isFile(input))
      #expect(try contents(input) == Self.text)
    }
  }

  @Test(arguments: [false, true])
  func `a pipe is read forward`(_ isPacked: Bool) throws {
    try withTemporaryFolder { folder in
      let path = folder.file("pipe").path
      try #require(mkfifo(path, 0o600) == 0)
      let bytes = isPacked ? gzipMember(Self.text) : Self.text
      Thread.detachNewThread {
        guard let pipe = FileHandle(forWritingAtPath: path) else { return }
        // The first byte alone: what tells gzip apart may come in pieces.
        pipe.write(Data(bytes.prefix(1)))
        usleep(20_000)
        pipe.write(Data(bytes.dropFirst()))
        try? pipe.close()
      }
      let input = try InputFile(opening: path)
      #expect(!isFile(input))
      #expect(try contents(input) == Self.text)
    }
  }

  @Test func `a folder and a missing file are refused`() throws {
    try withTemporaryFolder { folder in
      #expect(throws: InputError(.system, at: 0, "is a directory; name a file in it")) {
        _ = try InputFile(opening: folder.url.path)
      }
      #expect(
        throws: InputError(.system, at: 0, "cannot open: No such file or directory")
      ) {
        _ = try InputFile(opening: folder.file("absent").path)
      }
    }
  }

  @Test func `bytes that were pushed back come first`() throws {
    let source = PushbackSource([1, 2, 3], MemorySource([4, 5], chunkByteCount: 1))
    #expect(source.remainingByteCount == 5)
    #expect(try drain(source, room: 2) == [1, 2, 3, 4, 5])
    #expect(source.remainingByteCount == 0)
    let pipe = PushbackSource([1], MemorySource([2], knowsSize: false))
    #expect(pipe.remainingByteCount == nil)
  }

  @Test func `a recording has what was read, and no more`() throws {
    let source = RecordingSource(MemorySource(Self.text, chunkByteCount: 4))
    var input = ByteInput(source, windowByteCount: 16)
    try input.ensure(6)
    #expect(source.recorded == Array(Self.text.prefix(8)))
    #expect(source.remainingByteCount == Self.text.count - 8)
  }
}

/// Reads a source to its end in pieces of at most `room` bytes.
func drain(_ source: any ByteSource, room: Int) throws(InputError) -> [UInt8] {
  let target = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
  defer { target.deallocate() }
  var bytes: [UInt8] = []
  while true {
    let count = try source.read(into: target)
    if count == 0 { return bytes }
    bytes += target[..<count]
  }
}
