import ByteKit
import RedisCodecs

@testable import RDB

/// Everything that reading a snapshot from front to end gave, as far as it went.
struct Walk: Equatable {
  /// How deep values are read.
  enum Level: Sendable { case values, skip }

  /// Of all records and values.
  var hash = EventHash()
  /// Where each key's value ended.
  var valueEnds: [Int] = []
  /// How many elements each key's value has.
  var elements: [Int] = []
  /// The type byte of each key.
  var types: [UInt8] = []
  /// What ended the walk before the end.
  var failure: RDBError?
  var violations: [RDBViolation] = []
  var violationCount = 0
  var opcodeCounts: [Int] = []
  /// Behind the last whole record.
  var endOffset = 0

  /// Walks through `input` from the magic on.
  init(_ input: consuming ByteInput, _ level: Level = .values) {
    var input = input
    do throws(RDBError) {
      let opening = try RDBOpening.read(&input)
      var reader = RDBReader(input, family: opening.family, version: opening.version)
      do throws(RDBError) { try read(&reader, level) } catch { failure = error }
      violations = reader.violations.kept
      violationCount = reader.violations.count
      opcodeCounts = reader.opcodeCounts
    } catch {
      failure = error
    }
  }

  /// Walks through `bytes` as one chunk.
  init(_ bytes: [UInt8], _ level: Level = .values) {
    self.init(ByteInput(MemorySource(bytes)), level)
  }

  private mutating func read(_ reader: inout RDBReader, _ level: Level) throws(RDBError) {
    while true {
      let record = try reader.next()
      hash.add(record)
      if case .key(let header) = record {
        types.append(header.type.byte)
        switch level {
        case .values:
          var sink = EventSink()
          try reader.readValue(into: &sink)
          hash.add(sink.hash.value)
          elements.append(sink.elements)
        case .skip: elements.append(try reader.skipValue().elements)
        }
        valueEnds.append(reader.input.offset)
      }
      endOffset = reader.input.offset
      if case .end = record { return }
    }
  }
}
