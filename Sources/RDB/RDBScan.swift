import ByteKit
import RedisCodecs

/// Takes the records of one stretch of a snapshot, in file order.
///
/// A pass over a file makes one handler for each chunk; what they gather is merged in file order.
public protocol RDBChunkHandler: ~Copyable, SendableMetatype {
  /// A record that is no key.
  mutating func record(_ record: RDBRecord, offset: Int)
  /// A key: its value must be read or skipped.
  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError)
}

/// How to go over a snapshot.
public struct RDBScanOptions: Sendable {
  /// Threads to use, at least 1; more than one need a regular file.
  public var threads = 1
  /// A version that is not known is a warning instead of an error; it is read on either way.
  public var force = false
  /// Called with the number of input bytes that were just passed, from any thread.
  public var onBytes: (@Sendable (Int) -> Void)?
  /// The stretch of the file that one handler takes, bytes; `nil` takes what suits the threads.
  public var chunkByteCount: Int?
  /// Takes what handlers write to their chunks, in file order, one piece at a time, from any
  /// thread.
  public var output: (@Sendable (UnsafeRawBufferPointer) -> Void)?
  /// Takes over the input behind the end of a snapshot that is read in order, in place of counting
  /// what stands there; it leaves an input of its own behind.
  public var takeTail: (@Sendable (inout ByteInput) -> Void)?
  /// Asked from time to time: true ends the pass with `RDBError.Kind.stopped`.
  public var shouldStop: (@Sendable () -> Bool)?

  /// Validate compressed strings some at a time, which is quicker; where one is unsound the pass
  /// ends with `RDBError.Kind.deferred` and does not know which.
  var defersLZF = false

  /// One thread, nothing special.
  public init() {}

  /// The largest chunk: its output, held back, should fit a few megabytes.
  private static let chunkByteCountMax = 4 << 20
  /// All chunks in the hands of threads, together.
  private static let chunksByteCountMax = 8 << 20

  /// The size of a chunk, bytes.
  var chunkSize: Int {
    chunkByteCount ?? min(Self.chunkByteCountMax, Self.chunksByteCountMax / max(1, threads))
  }
}

/// What is known of a snapshot's checksum.
public enum RDBChecksum: Equatable, Sendable {
  /// It is that of the bytes.
  case good
  /// It is not: what the footer says, what the bytes have.
  case bad(stored: UInt64, computed: UInt64)
  /// Versions before 5 have none.
  case absent
  /// The footer is zero: the writer was told not to compute it.
  case disabled
  /// The end was not reached.
  case notReached

  /// The word in reports; `nil` when the end was not reached.
  public var name: String? {
    switch self {
    case .good: "good"
    case .bad: "bad"
    case .absent: "absent"
    case .disabled: "disabled"
    case .notReached: nil
    }
  }
}

/// What stands behind the end of a snapshot.
public struct RDBTrailing: Equatable, Sendable {
  /// The number of bytes.
  public var count: Int
  /// The first of them, up to `frontByteCountMax`.
  public var front: [UInt8]
  /// Where they begin.
  public var offset: Int

  static let frontByteCountMax = 64
}

/// Where a pass had to stop, and what it was doing.
public struct RDBFailure: Equatable, Sendable {
  /// What is wrong.
  public var error: RDBError
  /// What was being read.
  public var phase: RDBError.Phase
  /// The database of the key.
  public var database: Int
  /// The key whose value was being read.
  public var key: [UInt8]?
  /// Where the record that holds the damage begins: everything before it was sound.
  public var recordOffset: Int
}

/// The result of going over a snapshot.
public struct RDBScanResult: Sendable {
  /// The magic and its framing; `nil` if there was none.
  public var opening: RDBOpening?
  /// What stopped the pass; `nil` if it reached the end.
  public var failure: RDBFailure?
  /// The footer's state.
  public var checksum = RDBChecksum.notReached
  /// The offset of the footer, where the end was reached and it has one.
  public var checksumOffset: Int?
  /// What stands behind the end.
  public var trailing: RDBTrailing?
  /// Keys handled before the end or the failure.
  public var keyCount = 0
  /// Rules that values break, in file order.
  public var violations = RDBViolationList()
  /// Behind the last byte of the snapshot, or of the last whole record.
  public var endOffset = 0
  /// How often each opcode was met, by its byte.
  public var opcodeCounts = [Int](repeating: 0, count: 256)
  /// The writer says that an append-only file goes on behind the snapshot (AUX `aof-preamble`).
  public var isAOFPreamble = false

  /// Nothing read yet.
  public init() {}
}

/// Goes over a snapshot once.
public enum RDBScan {
  /// - Parameters:
  ///   - input: where the bytes come from.
  ///   - makeHandler: makes the handler of a chunk; what it writes in order goes through the chunk.
  ///   - commit: takes each finished handler, in file order, one at a time, from any thread. A
  ///     handler whose chunk failed is committed too, with what it got before.
  public static func run<H: RDBChunkHandler & ~Copyable>(
    _ input: InputFile, _ options: RDBScanOptions,
    makeHandler: @escaping @Sendable (RDBChunk) -> H,
    commit: @escaping @Sendable (inout H) -> Void
  ) -> RDBScanResult {
    var result = RDBScanResult()
    let source: any ByteSource
    switch input.access {
    case .file(let file, let size): source = FileSource(file, from: 0, to: size)
    case .stream(let stream): source = stream
    }
    let recording = RecordingSource(source)
    let prologue: RDBPrologue
    do throws(RDBError) {
      prologue = try RDBPrologue.read(recording)
    } catch {
      result.failure = RDBFailure(
        error: error, phase: .header, database: 0, key: nil, recordOffset: 0)
      return result
    }
    result.opening = prologue.opening
    if let error = prologue.opening.unknownVersionError {
      result.violations.append(
        RDBViolation(
          error: error, database: 0, key: nil, recordOffset: error.offset,
          isWarning: options.force))
    }
    result.isAOFPreamble = prologue.field("aof-preamble") == "1"
    if case .file(let file, let size) = input.access, options.threads > 1,
      size > 2 * options.chunkSize
    {
      let pass = RDBFilePass(
        file, size: size, prologue, options, result, makeHandler: makeHandler, commit: commit)
      return pass.run()
    }
    return runInOrder(
      PushbackSource(recording.recorded, source), prologue, options, &result, makeHandler, commit)
  }

  /// One chunk: everything, on the calling thread.
  private static func runInOrder<H: RDBChunkHandler & ~Copyable>(
    _ source: any ByteSource, _ prologue: RDBPrologue,
    _ options: RDBScanOptions, _ result: inout RDBScanResult,
    _ makeHandler: (RDBChunk) -> H, _ commit: (inout H) -> Void
  ) -> RDBScanResult {
    var window = ByteInput(source)
    let tap = CountingChecksumTap(options.onBytes)
    window.tap = tap
    do throws(InputError) {
      try window.skip(prologue.opening.offset)
      window.skipTapToCursor()
      try window.skip(RDBOpening.magicByteCount)
    } catch {
      result.failure = RDBFailure(
        error: RDBError(error), phase: .header, database: 0, key: nil, recordOffset: 0)
      return result
    }
    let chunk = RDBChunk(index: 0, prologue: prologue, output: options.output)
    chunk.isFirstInLine = true
    var handler = makeHandler(chunk)
    var reader = RDBReader(resuming: prologue.start, input: window)
    if options.defersLZF { reader.lzfBatch = LZFBatch() }
    let outcome = RDBChunkRun.walk(
      &reader, &handler, until: .max, tap, shouldStop: options.shouldStop)
    commit(&handler)
    result.append(outcome)
    result.finish(outcome, crc: tap.crc)
    if case .end = outcome.stop {
      if let takeTail = options.takeTail {
        reader.input.tap = nil
        takeTail(&reader.input)
      } else {
        result.readTrailing(&reader.input)
      }
    }
    return result
  }
}

/// A checksum that also counts for a progress line.
final class CountingChecksumTap: ByteTap {
  private let checksum = ChecksumTap()
  private let onBytes: (@Sendable (Int) -> Void)?

  init(_ onBytes: (@Sendable (Int) -> Void)?) { self.onBytes = onBytes }

  var crc: UInt64 { checksum.crc }
  var byteCount: Int { checksum.byteCount }

  func see(_ bytes: UnsafeRawBufferPointer) {
    checksum.see(bytes)
    onBytes?(bytes.count)
  }
}
