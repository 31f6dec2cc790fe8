import ByteKit
import RedisCodecs

/// The hash fields of one batch that expire, in order, until the batch has gone out.
///
/// Layout of a record: expiry (Int64), length of the field (Int), its bytes.
struct FieldExpiries: ~Copyable {
  private var records = SpillArena()
  private var position = 0

  /// Holds nothing.
  init() {}

  /// Adds a field.
  mutating func append(_ field: Element, _ expireAtMs: Int64) {
    records.append(value: expireAtMs)
    field.withBytes { bytes in
      records.append(value: bytes.count)
      records.append(bytes)
    }
  }

  /// The next run of fields that expire at the same moment; `nextField` yields each of them.
  mutating func nextRun() -> (expireAtMs: Int64, count: Int)? {
    guard position < records.count else { return nil }
    let expireAtMs = records.load(Int64.self, at: position)
    var count = 0
    var offset = position
    while offset < records.count, records.load(Int64.self, at: offset) == expireAtMs {
      offset += 16 + records.load(Int.self, at: offset + 8)
      count += 1
    }
    return (expireAtMs, count)
  }

  /// The next field; the bytes are valid until the next change.
  mutating func nextField() -> Element {
    let count = records.load(Int.self, at: position + 8)
    let start = UnsafeRawPointer(records.base + position + 16)
    position += 16 + count
    return Element(start: start, count: count)
  }

  /// Forgets everything.
  mutating func removeAll() {
    records.removeAll()
    position = 0
  }
}
