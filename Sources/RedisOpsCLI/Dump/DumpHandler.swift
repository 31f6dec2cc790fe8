import Analysis
import ByteKit
import RDB
import RedisModel
import Synchronization

/// What the chunks of a dump share.
final class DumpState: Sendable {
  private struct State {
    /// Keys that may still be written; `nil` for any number.
    var keysLeft: Int?
    var trouble: String?
  }

  private let state: Mutex<State>

  /// - Parameter limit: the number of keys to write; `nil` for all.
  init(limit: Int?) { state = Mutex(State(keysLeft: limit)) }

  /// Whether there is nothing left to write.
  var isDone: Bool { state.withLock { $0.keysLeft == 0 } }

  /// Why the dump cannot go on, though the data may be sound; `nil` while it can.
  var trouble: String? { state.withLock { $0.trouble } }

  /// Counts a key that was written.
  func countKey() {
    state.withLock { if let left = $0.keysLeft { $0.keysLeft = left - 1 } }
  }

  /// Notes why the dump cannot go on.
  func fail(_ reason: String) {
    state.withLock { $0.trouble = $0.trouble ?? reason }
  }
}

/// Writes the selected keys of one chunk.
struct DumpHandler<Format: DumpFormat & ~Copyable>: RDBChunkHandler, ~Copyable {
  /// The format, after the last key.
  private(set) var format: Format
  private let output: HoldingOutput
  private let selector: KeySelector
  private let state: DumpState
  private let isLimited: Bool

  /// - Parameters:
  ///   - chunk: where the text goes.
  ///   - makeFormat: makes the format around the drain that it is given.
  init(
    _ chunk: RDBChunk, _ selection: KeySelection, _ state: DumpState, isLimited: Bool,
    makeFormat: (@escaping (UnsafeRawBufferPointer) -> Void) -> Format
  ) {
    let output = HoldingOutput(chunk)
    self.output = output
    selector = KeySelector(selection)
    self.state = state
    self.isLimited = isLimited
    format = makeFormat { output.write($0) }
  }

  mutating func record(_ record: RDBRecord, offset: Int) { format.write(record) }

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    switch try decide(header) {
    case .no:
      _ = try reader.skipValue()
      return
    case .yes:
      _ = try format.write(header, &reader, measures: false)
      if isLimited { state.countKey() }
    case .undecided:
      try writeIfAccepted(header, &reader)
    }
    if let failure = format.failure { throw noSpace(failure, header) }
    if isLimited, state.isDone { throw RDBError(.stopped, at: reader.input.offset, "enough") }
  }

  private func decide(_ header: KeyHeader) throws(RDBError) -> KeySelector.Decision {
    do throws(BytePatternError) {
      return try selector.decide(header)
    } catch {
      state.fail(
        "the regular expression of --regex cannot be decided for key "
          + "\(PrintableText.quoted(header.key)) of db \(header.database): \(error)"
      )
      throw RDBError(.stopped, at: header.offset, "stopped")
    }
  }

  /// Writes a key whose value decides; it is held back until that has passed by.
  private mutating func writeIfAccepted(
    _ header: KeyHeader, _ reader: inout RDBReader
  ) throws(RDBError) {
    format.flush()
    output.hold()
    do throws(RDBError) {
      let size = try format.write(header, &reader, measures: true)
      format.flush()
      if let failure = output.failure { throw noSpace(failure, header) }
      if selector.accepts(elements: size.elements, byteCount: size.byteCount) {
        output.release()
        if isLimited { state.countKey() }
      } else {
        output.drop()
        format.keyWasDropped()
      }
    } catch {
      format.flush()
      output.drop()
      throw error
    }
  }

  @inline(never)
  private func noSpace(_ failure: Int32, _ header: KeyHeader) -> RDBError {
    state.fail("a temporary file cannot be written: \(systemErrorText(failure))")
    return RDBError(.stopped, at: header.offset, "stopped")
  }

  /// Hands everything on, at the end of the chunk.
  mutating func finish() { format.flush() }
}

/// A chunk's output, which can be held back for a while: in memory, then in a temporary file.
final class HoldingOutput {
  private let chunk: RDBChunk
  private var arena = SpillArena()
  private var isHolding = false

  /// Passes everything on to `chunk`.
  init(_ chunk: RDBChunk) { self.chunk = chunk }

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { arena.failure }

  /// Takes bytes.
  func write(_ bytes: UnsafeRawBufferPointer) {
    if isHolding { arena.append(bytes) } else { chunk.write(bytes) }
  }

  /// What comes from here on waits for `release` or `drop`.
  func hold() { isHolding = true }

  /// Passes on what was held.
  func release() {
    isHolding = false
    chunk.write(arena.bytes)
    arena.removeAll()
  }

  /// Forgets what was held.
  func drop() {
    isHolding = false
    arena.removeAll()
  }
}
