import ByteKit
import RDB
import RedisModel
import Synchronization

/// One file of an append-only file set, opened, and what its first bytes say it is.
public struct AOFFile {
  /// What a file begins with.
  public enum Content: Equatable, Sendable {
    /// Nothing: no bytes.
    case empty
    /// A snapshot; commands may follow.
    case snapshot
    /// Commands, or whatever it is that is no snapshot.
    case commands
  }

  /// The bytes that tell a manifest.
  private static let frontByteCount = 4096

  /// The bytes, from the front.
  public let input: InputFile
  /// What it begins with.
  public let content: Content
  /// The (unpacked) size, where it is known beforehand.
  public let byteCount: Int?
  /// Its first bytes.
  let front: [UInt8]

  /// Opens `path`; `-` is standard input, and gzip is unpacked.
  public init(opening path: String) throws(InputError) {
    try self.init(try InputFile(opening: path))
  }

  /// Looks at the first bytes of what is open already.
  init(_ opened: InputFile) throws(InputError) {
    switch opened.access {
    case .file(let file, let size):
      let count = min(size, Self.frontByteCount)
      front = try Self.read(FileSource(file, from: 0, to: count), count)
      input = opened
      byteCount = size
    case .stream(let stream):
      front = try Self.read(stream, Self.frontByteCount)
      input = InputFile(name: opened.name, access: .stream(PushbackSource(front, stream)))
      byteCount = nil
    }
    let begins = { [front] (word: String) in front.starts(with: word.utf8) }
    content = front.isEmpty ? .empty : begins("REDIS") || begins("VALKEY") ? .snapshot : .commands
  }

  private static func read(
    _ source: any ByteSource, _ count: Int
  ) throws(InputError) -> [UInt8] {
    var window = ByteInput(source, windowByteCount: count)
    let seen = try window.peek(count)
    return Array(UnsafeRawBufferPointer(start: window.cursor, count: seen))
  }
}

/// The front of a file, gone over: the snapshot's result, and the commands behind it.
public struct AOFFront: ~Copyable {
  /// How the pass over the snapshot ended; `nil` where there is none.
  public let snapshot: RDBScanResult?
  /// The input behind the snapshot; `nil` where the snapshot did not come to its end.
  public private(set) var tail: ByteInput?

  init(snapshot: RDBScanResult?, tail: consuming ByteInput?) {
    self.snapshot = snapshot
    self.tail = tail
  }

  /// Gives the input away, once.
  public mutating func takeTail() -> ByteInput? { tail.take() }
}

/// The front of a file, verified: what was found, and the input behind it.
struct AOFVerifiedFront: ~Copyable {
  /// What was found in the snapshot; `nil` where there is none.
  let report: VerifyReport?
  /// The input behind it; `nil` where the snapshot did not come to its end.
  private var tail: ByteInput?

  init(report: VerifyReport?, tail: consuming ByteInput?) {
    self.report = report
    self.tail = tail
  }

  /// Gives the input away, once.
  mutating func takeTail() -> ByteInput? { tail.take() }
}

extension AOFFile {
  /// Goes over the snapshot in front, if there is one, without looking at its values.
  public func skipSnapshot(_ options: RDBScanOptions) -> AOFFront {
    scanSnapshot(options, makeHandler: { _ in SkippingHandler() }, commit: { _ in })
  }

  /// Goes over the snapshot in front, if there is one.
  ///
  /// - Parameters: as those of `RDBScan.run`. Bytes of the commands are not counted by `onBytes`.
  public func scanSnapshot<H: RDBChunkHandler & ~Copyable>(
    _ options: RDBScanOptions, makeHandler: @escaping @Sendable (RDBChunk) -> H,
    commit: @escaping @Sendable (inout H) -> Void
  ) -> AOFFront {
    guard content == .snapshot else { return AOFFront(snapshot: nil, tail: whole) }
    let box = InputBox()
    var options = options
    if case .stream = input.access { options.takeTail = { box.take(&$0) } }
    let result = RDBScan.run(input, options, makeHandler: makeHandler, commit: commit)
    guard result.failure == nil else { return AOFFront(snapshot: result, tail: nil) }
    if case .file(let file, let size) = input.access {
      let source = FileSource(file, from: result.endOffset, to: size)
      return AOFFront(snapshot: result, tail: ByteInput(source, at: result.endOffset))
    }
    return AOFFront(snapshot: result, tail: box.input.take())
  }

  /// The server that wrote the snapshot in front, as its AUX fields or its version tell it; `nil`
  /// where there is none.
  public var writer: ServerVersion? {
    guard content == .snapshot else { return nil }
    return (try? RDBPrologue.read(MemorySource(front)))?.writer
  }

  /// Verifies the snapshot in front, if there is one, as `SnapshotVerifier` does.
  func verifySnapshot(_ options: VerifyOptions) -> AOFVerifiedFront {
    guard content == .snapshot else { return AOFVerifiedFront(report: nil, tail: whole) }
    let box = InputBox()
    var options = options
    if case .stream = input.access { options.scan.takeTail = { box.take(&$0) } }
    let report = SnapshotVerifier.verify(input, options)
    guard report.phase == nil else { return AOFVerifiedFront(report: report, tail: nil) }
    if case .file = input.access {
      return AOFVerifiedFront(report: report, tail: bytes(from: report.soundEndOffset))
    }
    return AOFVerifiedFront(report: report, tail: box.input.take())
  }

  /// The bytes from `offset` on; `nil` where they can be read but once.
  func bytes(from offset: Int) -> ByteInput? {
    guard case .file(let file, let size) = input.access, offset <= size else { return nil }
    return ByteInput(FileSource(file, from: offset, to: size), at: offset)
  }

  private var whole: ByteInput {
    switch input.access {
    case .file(let file, let size): ByteInput(FileSource(file, from: 0, to: size))
    case .stream(let stream): ByteInput(stream)
    }
  }
}

/// Holds an input that is handed over.
///
/// `Sendable` unchecked: a pass in order runs on the thread that waits for it.
private final class InputBox: @unchecked Sendable {
  var input: ByteInput?

  /// Takes what `other` holds and leaves an empty input in its place.
  func take(_ other: inout ByteInput) {
    var taken = ByteInput(MemorySource([]), windowByteCount: 16)
    swap(&taken, &other)
    input = consume taken
  }
}

extension AOFFile {
  /// Goes over the snapshot in front, and learns when it was begun.
  ///
  /// - Parameter seconds: gets the field `ctime`, Unix seconds, if there is one.
  public func skipSnapshot(
    _ options: RDBScanOptions, creationTime seconds: inout Int64?
  ) -> AOFFront {
    let found = Mutex<Int64?>(nil)
    let front = scanSnapshot(options, makeHandler: { _ in CreationTimeHandler() }) { handler in
      if let time = handler.time { found.withLock { $0 = time } }
    }
    seconds = found.withLock { $0 }
    return front
  }
}

extension RDBScanResult {
  /// What keeps servers from loading the snapshot; `nil` for nothing.
  public var loadError: AOFError? {
    if let error = failure?.error {
      let kind: AOFError.Kind = error.kind == .unreadable ? .unreadable : .snapshot
      return AOFError(kind, at: error.offset, error.message)
    }
    guard case .bad(let stored, let computed) = checksum else { return nil }
    return AOFError(
      .snapshot, at: checksumOffset ?? endOffset,
      "the checksum of the snapshot is \(String(stored, radix: 16)), that of the bytes is "
        + "\(String(computed, radix: 16)): it was changed after it was written, at a place unknown")
  }
}

/// Passes over all keys, and notes the field `ctime`.
private struct CreationTimeHandler: RDBChunkHandler {
  var time: Int64?

  mutating func record(_ record: RDBRecord, offset: Int) {
    guard case .aux(let name, let value) = record, name.bytes == Array("ctime".utf8) else { return }
    time = Int64(String(decoding: value.bytes.prefix(20), as: UTF8.self))
  }

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    _ = try reader.skipValue()
  }
}

/// Passes over all keys.
private struct SkippingHandler: RDBChunkHandler {
  mutating func record(_ record: RDBRecord, offset: Int) {}

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    _ = try reader.skipValue()
  }
}
