import ByteKit
import Export
import RDB

/// Keys as the commands that rebuild them.
struct RESPDump: DumpFormat, ~Copyable {
  /// The AUX field that holds a script of the cache.
  private static let scriptField = Array("lua".utf8)

  private var sink: RESPSink
  private let recorder = ValueRecorder()
  private var leftOutBefore: LeftOut?

  /// - Parameters:
  ///   - target: the server that will take the commands.
  ///   - nowMs: Unix milliseconds: what counts as expired.
  ///   - drain: takes the commands.
  init(
    target: RESPTarget, nowMs: Int64, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    sink = RESPSink(target: target, nowMs: nowMs, drain: drain)
  }

  var failure: Int32? { sink.failure ?? recorder.failure }

  /// What could not be carried over.
  var leftOut: LeftOut { sink.leftOut }

  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize {
    if measures { leftOutBefore = sink.leftOut }
    switch sink.beginKey(header) {
    case .leaveOut: return try skip(&reader)
    case .payload: return try restore(&reader)
    case .commands: break
    }
    let isStream = header.type.kind == .stream
    if isStream { recorder.begin(&reader) }
    do throws(RDBError) {
      let size = try reader.readValue(of: header, into: &sink, measures: measures)
      if isStream { reader.endRecording() }
      if case .needsPayload = sink.endKey(hasPayload: isStream && recorder.failure == nil) {
        sink.restore(body: recorder.bytes)
      }
      return size
    } catch {
      sink.abandonKey()
      throw error
    }
  }

  /// Writes a value that only a payload carries.
  private mutating func restore(_ reader: inout RDBReader) throws(RDBError) -> ValueSize {
    recorder.begin(&reader)
    let size = try skip(&reader)
    reader.endRecording()
    if recorder.failure == nil { sink.restore(body: recorder.bytes) }
    return size
  }

  private func skip(_ reader: inout RDBReader) throws(RDBError) -> ValueSize {
    let summary = try reader.skipValue()
    return ValueSize(elements: summary.elements, byteCount: summary.byteCount)
  }

  mutating func write(_ record: RDBRecord) {
    switch record {
    case .function(let code): code.withBytes { sink.function(code: $0) }
    case .preReleaseFunction(let code): code.withUnsafeBytes { sink.function(code: $0) }
    case .aux(let name, let value) where name.bytes == Self.scriptField:
      value.withBytes { sink.script(code: $0) }
    default: break
    }
  }

  mutating func keyWasDropped() {
    if let leftOutBefore { sink.keyWasDropped(leftOut: leftOutBefore) }
  }

  mutating func flush() { sink.finish() }
}

/// Keeps the raw body of a value, in memory and then in a temporary file.
private final class ValueRecorder: ByteTap {
  private var arena = SpillArena()

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { arena.failure }

  /// The bytes of the value.
  var bytes: UnsafeRawBufferPointer { arena.bytes }

  /// The value that `reader` reads next is kept.
  func begin(_ reader: inout RDBReader) {
    if arena.failure == nil { arena.removeAll() }
    reader.beginRecording(self)
  }

  func see(_ bytes: UnsafeRawBufferPointer) { arena.append(bytes) }
}

/// What all chunks of a rebuild could not carry over.
struct LeftOutTotal {
  private var items: [LeftOut.Reason: LeftOut.Item] = [:]
  private var counts: [LeftOut.Reason: Int] = [:]

  /// Adds what the next chunk left out.
  mutating func add(_ leftOut: LeftOut) {
    for item in leftOut.items {
      if items[item.reason] == nil { items[item.reason] = item }
      counts[item.reason, default: 0] += item.count
    }
  }

  /// One sentence for each reason, with the first key that it struck.
  var notes: [(message: String, key: [UInt8]?, database: Int?)] {
    LeftOut.Reason.allCases.compactMap { reason in
      guard let item = items[reason], let count = counts[reason] else { return nil }
      let first = item.key.isEmpty ? "" : "; first seen"
      return (
        "left out \(count) \(reason.text(count: count))\(first)", item.key.isEmpty ? nil : item.key,
        item.key.isEmpty ? nil : item.database
      )
    }
  }
}
