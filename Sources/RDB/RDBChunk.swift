import ByteKit

/// One stretch of a snapshot in the hands of one thread: where it stands in the order of output.
public final class RDBChunk: @unchecked Sendable {
  /// The chunk's place in the file, from 0.
  public let index: Int
  /// What the snapshot says of itself before its first key.
  public let prologue: RDBPrologue

  private let output: (@Sendable (UnsafeRawBufferPointer) -> Void)?
  private let monitor: Monitor
  private let heldByteCountMax: Int
  private var held: HeldBytes
  /// All chunks before this one are done and it began where they ended. Guarded by `monitor`.
  var isFirstInLine = false
  /// It began at a wrong place. Guarded by `monitor`.
  var isCancelled = false

  /// - Parameter heldByteCountMax: what it holds back before its thread waits for its turn.
  init(
    index: Int, prologue: RDBPrologue, output: (@Sendable (UnsafeRawBufferPointer) -> Void)?,
    monitor: Monitor = Monitor(), pool: BlockPool = BlockPool(), heldByteCountMax: Int = 0
  ) {
    self.index = index
    self.prologue = prologue
    self.output = output
    self.monitor = monitor
    self.heldByteCountMax = heldByteCountMax
    held = HeldBytes(pool)
  }

  /// Passes bytes on to the pass' output in file order: held until it is this chunk's turn.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard let output else { return }
    if !isMyTurn(holding: bytes.count) {
      if !hasBeenCancelled { held.append(bytes) }
      return
    }
    flushHeld()
    output(bytes)
  }

  /// Writes what was held. Only when it is this chunk's turn.
  func flushHeld() {
    guard let output, held.count > 0 else { return }
    held.drain(output)
  }

  /// Whether the chunk may write. Where too much is held already it waits until it may.
  private func isMyTurn(holding byteCount: Int) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    let isFull = held.count + byteCount > heldByteCountMax
    while isFull && !isFirstInLine && !isCancelled { monitor.wait() }
    return isFirstInLine
  }

  /// Waits until it is known whether the chunk began at the right place, and says so.
  func waitForTurn() -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    while !isFirstInLine && !isCancelled { monitor.wait() }
    return isFirstInLine
  }

  /// Whether the work is for nothing.
  public var hasBeenCancelled: Bool { monitor.withLock { isCancelled } }
}

/// Walking the records of one chunk.
enum RDBChunkRun {
  /// Why a walk ended.
  enum Stop {
    /// At the first record at or behind the chunk's end.
    case boundary(RDBReader.Checkpoint)
    /// At the end of the snapshot: the footer's checksum and its place.
    case end(checksum: UInt64?, checksumOffset: Int, endOffset: Int)
    /// At damage.
    case failure(RDBFailure)
  }

  /// What a walk found.
  struct Outcome {
    var stop: Stop
    var keyCount: Int
    var violations: RDBViolationList
    var opcodeCounts: [Int]
  }

  /// How many records pass between two looks at `shouldStop`.
  private static let recordsBetweenLooks = 256

  /// Gives the records that begin before `until` to `handler`.
  static func walk<H: RDBChunkHandler & ~Copyable>(
    _ reader: inout RDBReader, _ handler: inout H, until: Int, _ tap: CountingChecksumTap,
    shouldStop: (() -> Bool)?
  ) -> Outcome {
    var keyCount = 0
    var stop: Stop
    do throws(RDBError) {
      stop = try walk(&reader, &handler, until: until, &keyCount, shouldStop)
    } catch {
      stop = .failure(failure(error, reader))
    }
    reader.lzfBatch?.validate()
    if reader.lzfBatch?.isSound == false {
      let error = RDBError(.deferred, at: reader.recordOffset, "a compressed string is unsound")
      stop = .failure(failure(error, reader))
    }
    reader.input.tapThroughCursor()
    return Outcome(
      stop: stop, keyCount: keyCount, violations: reader.violations,
      opcodeCounts: reader.opcodeCounts)
  }

  private static func failure(_ error: RDBError, _ reader: borrowing RDBReader) -> RDBFailure {
    RDBFailure(
      error: error, phase: reader.phase, database: reader.database, key: reader.keyBeingRead,
      recordOffset: reader.recordOffset)
  }

  @inline(__always)
  private static func walk<H: RDBChunkHandler & ~Copyable>(
    _ reader: inout RDBReader, _ handler: inout H, until: Int, _ keyCount: inout Int,
    _ shouldStop: (() -> Bool)?
  ) throws(RDBError) -> Stop {
    while true {
      for _ in 0..<recordsBetweenLooks {
        guard reader.input.offset < until else { return .boundary(reader.checkpoint) }
        let record = try reader.next()
        if case .key(let header) = record {
          try handler.key(header, &reader)
          keyCount &+= 1
          continue
        }
        handler.record(record, offset: reader.recordOffset)
        if case .end(let checksum, let offset) = record {
          return .end(
            checksum: checksum, checksumOffset: offset, endOffset: reader.input.offset)
        }
      }
      if let shouldStop, shouldStop() {
        throw RDBError(.stopped, at: reader.input.offset, "stopped")
      }
    }
  }
}

extension RDBScanResult {
  /// Adds what a chunk found.
  mutating func append(_ outcome: RDBChunkRun.Outcome) {
    keyCount += outcome.keyCount
    violations.append(outcome.violations)
    for index in opcodeCounts.indices { opcodeCounts[index] += outcome.opcodeCounts[index] }
  }

  /// Draws the conclusions of the last chunk.
  ///
  /// - Parameter crc: the checksum of everything from the magic to the end mark.
  mutating func finish(_ outcome: RDBChunkRun.Outcome, crc: UInt64) {
    switch outcome.stop {
    case .boundary(let checkpoint): endOffset = checkpoint.offset
    case .failure(let failure):
      self.failure = failure
      endOffset = failure.recordOffset
    case .end(nil, _, let offset):
      checksum = .absent
      endOffset = offset
    case .end(let stored?, let checksumOffset, let offset):
      self.checksumOffset = checksumOffset
      endOffset = offset
      checksum =
        stored == 0 ? .disabled : stored == crc ? .good : .bad(stored: stored, computed: crc)
    }
  }

  /// Counts what stands behind the end.
  mutating func readTrailing(_ input: inout ByteInput) {
    do throws(InputError) {
      let offset = input.offset
      let seen = try input.peek(RDBTrailing.frontByteCountMax)
      let front = Array(UnsafeRawBufferPointer(start: input.cursor, count: seen))
      var count = seen
      if let end = input.endOffset {
        count = end - offset
      } else {
        while try input.peek(1) > 0 {
          let more = input.limit - input.cursor
          input.cursor += more
          count = input.offset - offset
        }
      }
      trailing = RDBTrailing(count: count, front: front, offset: offset)
    } catch {
      failure = RDBFailure(
        error: RDBError(error), phase: .checksum, database: 0, key: nil, recordOffset: endOffset)
    }
  }
}
