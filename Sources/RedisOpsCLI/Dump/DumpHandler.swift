import Analysis
import ByteKit
import RDB

/// Writes the selected keys of one chunk.
struct DumpHandler<Format: DumpFormat & ~Copyable>: RDBChunkHandler, ~Copyable {
  /// The format, after the last key.
  private(set) var format: Format
  private let output: HoldingOutput
  private let gate: KeyGate
  private let state: KeyGateState

  /// - Parameters:
  ///   - chunk: where the text goes.
  ///   - makeFormat: makes the format around the drain that it is given.
  init(
    _ chunk: RDBChunk, _ selection: KeySelection, _ state: KeyGateState,
    makeFormat: (@escaping (UnsafeRawBufferPointer) -> Void) -> Format
  ) {
    let output = HoldingOutput(chunk)
    self.output = output
    gate = KeyGate(selection, state)
    self.state = state
    format = makeFormat { output.write($0) }
  }

  mutating func record(_ record: RDBRecord, offset: Int) { format.write(record) }

  mutating func key(_ header: KeyHeader, _ reader: inout RDBReader) throws(RDBError) {
    var isWritten = true
    switch try gate.decide(header) {
    case .no:
      _ = try reader.skipValue()
      return
    case .yes: _ = try format.write(header, &reader, measures: false)
    case .undecided: isWritten = try writeIfAccepted(header, &reader)
    }
    if let failure = format.failure { throw noSpace(failure, header) }
    if isWritten { try gate.keyPassed(reader.input.offset) }
  }

  /// Writes a key whose value decides, if it does so; it is held back until that has passed by.
  private mutating func writeIfAccepted(
    _ header: KeyHeader, _ reader: inout RDBReader
  ) throws(RDBError) -> Bool {
    format.flush()
    output.hold()
    do throws(RDBError) {
      let size = try format.write(header, &reader, measures: true)
      format.flush()
      if let failure = output.failure { throw noSpace(failure, header) }
      guard gate.accepts(elements: size.elements, byteCount: size.byteCount) else {
        output.drop()
        format.keyWasDropped()
        return false
      }
      output.release()
      return true
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
