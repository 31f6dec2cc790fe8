import ByteKit
import RedisCodecs

/// One pass over a regular file by several threads.
///
/// The file is cut into chunks of equal size. A thread that takes a chunk guesses where its first
/// record begins, and in which database, and reads on to the first record behind its end. Chunks
/// are then looked at in file order: one that began where the one before it ended, in the same
/// state, is exactly what a single thread would have read, and is committed; one that did not is
/// read again from the right place. So the result never depends on a guess.
final class RDBFilePass<H: RDBChunkHandler & ~Copyable>: @unchecked Sendable {
  /// Stands for the offset of a chunk in which no record could be told: it waits for its turn.
  private static var noGuess: Int { -1 }
  /// Chunks that may be read ahead of the first unfinished one, for each thread.
  private static var aheadPerThread: Int { 2 }

  /// A chunk that is being read or waits to be committed.
  private final class Run {
    let chunk: RDBChunk
    let start: RDBReader.Checkpoint
    var handler: H
    var outcome: RDBChunkRun.Outcome?
    var crc: UInt64 = 0
    var byteCount = 0

    init(_ chunk: RDBChunk, _ start: RDBReader.Checkpoint, _ handler: consuming H) {
      self.chunk = chunk
      self.start = start
      self.handler = handler
    }
  }

  /// What a thread does next.
  private enum Work {
    case read(index: Int, from: RDBReader.Checkpoint, isCertain: Bool)
    case nothing
  }

  private let file: FileDescriptor
  private let size: Int
  private let prologue: RDBPrologue
  private let options: RDBScanOptions
  private let makeHandler: (RDBChunk) -> H
  private let commit: (inout H) -> Void
  private let chunkCount: Int
  private let monitor = Monitor()
  private let pool = BlockPool()

  // Guarded by `monitor`.
  private var result: RDBScanResult
  private var runs: [Int: Run] = [:]
  private var next = 0
  private var head = 0
  private var expected: RDBReader.Checkpoint
  private var mustReread = false
  private var isCommitting = false
  private var isDone = false
  private var crc: UInt64 = 0

  init(
    _ file: FileDescriptor, size: Int, _ prologue: RDBPrologue, _ options: RDBScanOptions,
    _ result: RDBScanResult, makeHandler: @escaping @Sendable (RDBChunk) -> H,
    commit: @escaping @Sendable (inout H) -> Void
  ) {
    self.file = file
    self.size = size
    self.prologue = prologue
    self.options = options
    self.result = result
    self.makeHandler = makeHandler
    self.commit = commit
    expected = prologue.start
    chunkCount =
      (size - prologue.start.offset + options.chunkSize - 1) / options.chunkSize
  }

  func run() -> RDBScanResult {
    Threads.run(min(options.threads, chunkCount)) { self.workUntilDone() }
    if case .notReached = result.checksum { return result }
    var rest = ByteInput(
      FileSource(file, from: result.endOffset, to: size), at: result.endOffset)
    result.readTrailing(&rest)
    return result
  }

  /// Where chunk `index` would begin if records did not straddle the cuts.
  private func nominalStart(_ index: Int) -> Int {
    prologue.start.offset + index * options.chunkSize
  }

  /// Behind the last place where a record of chunk `index` can begin.
  private func nominalEnd(_ index: Int) -> Int {
    index == chunkCount - 1 ? .max : nominalStart(index + 1)
  }

  // MARK: what each thread does

  private func workUntilDone() {
    while true {
      guard case .read(let index, let start, let isCertain) = takeWork() else { return }
      read(index, from: start, isCertain: isCertain)
      commitWhatIsReady()
    }
  }

  private func takeWork() -> Work {
    monitor.lock()
    defer { monitor.unlock() }
    while !isDone {
      if mustReread {
        mustReread = false
        return .read(index: head, from: expected, isCertain: true)
      }
      if next < chunkCount, next - head < options.threads * Self.aheadPerThread {
        let index = next
        next += 1
        if index == head { return .read(index: index, from: expected, isCertain: true) }
        var guess = expected
        guess.offset = nominalStart(index)
        return .read(index: index, from: guess, isCertain: false)
      }
      monitor.wait()
    }
    return .nothing
  }

  private func read(_ index: Int, from place: RDBReader.Checkpoint, isCertain: Bool) {
    var start = place
    if !isCertain {
      start.offset = BoundaryFinder.find(place, in: file, size: size) ?? Self.noGuess
    }
    let chunk = RDBChunk(
      index: index, prologue: prologue, output: options.output, monitor: monitor, pool: pool,
      heldByteCountMax: 2 * options.chunkSize)
    let run = Run(chunk, start, makeHandler(chunk))
    monitor.lock()
    guard !isDone else { return monitor.unlock() }
    runs[index] = run
    line(up: run)
    monitor.unlock()
    if start.offset != Self.noGuess { walk(run, isCertain: isCertain) }
  }

  private func walk(_ run: Run, isCertain: Bool) {
    let start = run.start
    let chunk = run.chunk
    let beginsFile = start.offset == prologue.start.offset
    let first = beginsFile ? prologue.opening.offset : start.offset
    var input = ByteInput(FileSource(file, from: first, to: size), at: first)
    if !isCertain {
      // A guess takes huge elements only once it has proved right.
      input.elementByteCountMax = RDBLimits.speculativeElementByteCountMax
      input.mayLiftElementMax = { chunk.waitForTurn() }
    }
    let tap = CountingChecksumTap(options.onBytes)
    input.tap = tap
    try? input.skip(start.offset - first)
    var reader = RDBReader(resuming: start, input: input)
    if options.defersLZF { reader.lzfBatch = LZFBatch() }
    let outcome = RDBChunkRun.walk(
      &reader, &run.handler, until: nominalEnd(chunk.index), tap,
      shouldStop: { [options] in chunk.hasBeenCancelled || options.shouldStop?() ?? false })

    monitor.withLock {
      run.crc = tap.crc
      run.byteCount = tap.byteCount
      run.outcome = outcome
    }
  }

  // MARK: putting chunks in order

  /// Tells the first chunk in line whether it began at the right place. Under the lock.
  private func line(up run: Run) {
    guard run.chunk.index == head, !run.chunk.isFirstInLine, !run.chunk.isCancelled else { return }
    if run.start == expected {
      run.chunk.isFirstInLine = true
    } else {
      run.chunk.isCancelled = true
      runs[head] = nil
      mustReread = true
    }
    monitor.wakeAll()
  }

  /// Commits the chunks that are finished, in file order, as far as they go.
  private func commitWhatIsReady() {
    monitor.lock()
    defer { monitor.unlock() }
    guard !isCommitting else { return }
    while !isDone, let run = readyRun() {
      isCommitting = true
      monitor.unlock()
      commit(&run.handler)
      run.chunk.flushHeld()
      monitor.lock()
      isCommitting = false
      advance(past: run)
    }
  }

  /// The first chunk in line, when it is finished and right. Under the lock.
  private func readyRun() -> Run? {
    while head < chunkCount, nominalEnd(head) <= expected.offset,
      runs[head]?.chunk.isFirstInLine != true
    {
      skipHead()
    }
    guard let run = runs[head] else { return nil }
    line(up: run)
    return run.chunk.isCancelled || run.outcome == nil ? nil : run
  }

  /// Leaves out a chunk that a huge value spans as a whole. Under the lock.
  private func skipHead() {
    if let run = runs[head] {
      run.chunk.isCancelled = true
      runs[head] = nil
    }
    head += 1
    next = max(next, head)
    monitor.wakeAll()
  }

  private func advance(past run: Run) {
    guard let outcome = run.outcome else { return }
    result.append(outcome)
    crc = CRC64.combine(crc, run.crc, byteCount: run.byteCount)
    runs[head] = nil
    head += 1
    next = max(next, head)
    if case .boundary(let checkpoint) = outcome.stop {
      expected = checkpoint
    } else {
      isDone = true
      for other in runs.values { other.chunk.isCancelled = true }
      result.finish(outcome, crc: crc)
    }
    monitor.wakeAll()
  }
}
