import ByteKit
import Export
import RDB

/// Keys as the commands that rebuild them.
struct RESPDump: DumpFormat, ~Copyable {
  /// The AUX field that holds a script of the cache.
  private static let scriptField = Array("lua".utf8)

  private var sink: RESPSink
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

  var failure: Int32? { sink.failure }

  /// What could not be carried over.
  var leftOut: LeftOut { sink.leftOut }

  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize {
    if measures { leftOutBefore = sink.leftOut }
    switch sink.beginKey(header) {
    case .leaveOut: return try skip(&reader)
    case .payload:
      sink.leaveOut()
      return try skip(&reader)
    case .commands: break
    }
    do throws(RDBError) {
      let size = try reader.readValue(of: header, into: &sink, measures: measures)
      _ = sink.endKey()
      return size
    } catch {
      sink.abandonKey()
      throw error
    }
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
        "left out \(count) \(reason.text)\(first)", item.key.isEmpty ? nil : item.key,
        item.key.isEmpty ? nil : item.database
      )
    }
  }
}
