import Analysis
import ByteKit
import Export
import RDB
import RedisModel

/// One of the formats of `rdb dump`, writing the keys of one chunk.
protocol DumpFormat: ~Copyable, SendableMetatype {
  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { get }

  /// Writes a key, whose value it reads or skips.
  ///
  /// - Parameter measures: whether the caller needs to know what the value holds.
  /// - Returns: what the value holds; only right where `measures` is true.
  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize
  /// Takes a record that is no key.
  mutating func write(_ record: RDBRecord)
  /// What was drained since the call of `flush` before the last key has been thrown away.
  mutating func keyWasDropped()
  /// Hands everything written to the drain.
  mutating func flush()
}

extension DumpFormat where Self: ~Copyable {
  var failure: Int32? { nil }
  mutating func write(_ record: RDBRecord) {}
  mutating func keyWasDropped() {}
}

/// What a value holds.
struct ValueSize {
  /// Its elements, 1 for a string.
  var elements = 0
  /// Its bytes in the file.
  var byteCount = 0
}

extension StringEncoding {
  /// How a string is stored that was passed over.
  init(_ form: ValueSummary.StringForm) {
    switch form {
    case .plain: self = .raw
    case .integer: self = .int
    case .compressed: self = .lzf
    }
  }
}

/// Keys as JSON objects.
struct JSONDump: DumpFormat, ~Copyable {
  private var sink: JSONSink
  private let hasValues: Bool
  private let nowMs: Int64

  /// - Parameters:
  ///   - layout: one object a line, or the items of an array.
  ///   - hasValues: whether objects have their value.
  ///   - nowMs: Unix milliseconds: what counts as expired.
  ///   - drain: takes the text.
  init(
    layout: JSONSink.Layout, hasValues: Bool, nowMs: Int64,
    drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    sink = JSONSink(layout: layout, hasValues: hasValues, nowMs: nowMs, drain: drain)
    self.hasValues = hasValues
    self.nowMs = nowMs
  }

  var failure: Int32? { sink.failure }

  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize {
    sink.beginKey(
      header, slot: HashSlot.of(header.key), isExpired: header.isExpired(atMs: nowMs))
    guard hasValues else {
      do throws(RDBError) {
        let summary = try reader.skipValue()
        sink.endKey(stringEncoding: summary.stringForm.map { StringEncoding($0) })
        return ValueSize(elements: summary.elements, byteCount: summary.byteCount)
      } catch {
        sink.abandonKey()
        throw error
      }
    }
    do throws(RDBError) {
      let size = try reader.readValue(of: header, into: &sink, measures: measures)
      sink.endKey(stringEncoding: reader.lastStringWasCompressed ? .lzf : nil)
      return size
    } catch {
      sink.abandonKey()
      throw error
    }
  }

  mutating func flush() { sink.finish() }
}

/// Keys as rows of a table.
struct CSVDump: DumpFormat, ~Copyable {
  private var sink: CSVSink

  /// Rows without the head row.
  init(drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    sink = CSVSink(hasHead: false, drain: drain)
  }

  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize {
    let summary = try reader.skipValue()
    sink.write(
      header, elementCount: summary.elements, byteCount: summary.byteCount,
      stringEncoding: summary.stringForm.map { StringEncoding($0) })
    return ValueSize(elements: summary.elements, byteCount: summary.byteCount)
  }

  mutating func flush() { sink.finish() }
}

/// The names of the keys, one on a line.
struct KeyDump: DumpFormat, ~Copyable {
  private var sink: KeySink

  /// Lines that go to `drain`.
  init(drain: @escaping (UnsafeRawBufferPointer) -> Void) { sink = KeySink(drain: drain) }

  mutating func write(
    _ header: KeyHeader, _ reader: inout RDBReader, measures: Bool
  ) throws(RDBError) -> ValueSize {
    let summary = try reader.skipValue()
    sink.write(header.key)
    return ValueSize(elements: summary.elements, byteCount: summary.byteCount)
  }

  mutating func flush() { sink.finish() }
}

extension RDBReader {
  /// Reads a value into `sink`.
  ///
  /// - Parameter measures: whether to count its elements on the way.
  mutating func readValue<S: ValueSink & ~Copyable>(
    of header: KeyHeader, into sink: inout S, measures: Bool
  ) throws(RDBError) -> ValueSize {
    guard measures else {
      try readValue(into: &sink)
      return ValueSize()
    }
    var elements = 0
    var failure: RDBError?
    withUnsafeMutablePointer(to: &sink) { pointer in
      var measuring = MeasuringSink(pointer)
      do throws(RDBError) { try readValue(into: &measuring) } catch { failure = error }
      elements = measuring.elements
    }
    if let failure { throw failure }
    return ValueSize(elements: elements, byteCount: input.offset - header.valueOffset)
  }
}
