import ByteKit
import RedisCodecs

/// Strings that wait, each with a number: the fields of a batch and when they expire.
///
/// Layout of a record: number (Int64), length of the string (Int), its bytes.
struct TaggedFields: ~Copyable {
  private var records = SpillArena()
  private var position = 0

  /// Holds nothing.
  init() {}

  /// The `errno` of a temporary file that could not be made or grown.
  var failure: Int32? { records.failure }

  /// Whether nothing is held, or all of it has been taken.
  var isEmpty: Bool { position >= records.count }

  /// Adds a field.
  mutating func append(_ field: Element, tag: Int64) {
    records.append(value: tag)
    field.withBytes { bytes in
      records.append(value: bytes.count)
      records.append(bytes)
    }
  }

  /// The next run of fields with the same number; `nextField` yields each of them.
  func nextRun() -> (tag: Int64, count: Int)? {
    guard failure == nil, position < records.count else { return nil }
    let tag = records.load(Int64.self, at: position)
    var count = 0
    var offset = position
    while offset < records.count, records.load(Int64.self, at: offset) == tag {
      offset += 16 + records.load(Int.self, at: offset + 8)
      count += 1
    }
    return (tag, count)
  }

  /// The next field; the bytes are valid until the next change.
  mutating func nextField() -> Element {
    let count = records.load(Int.self, at: position + 8)
    let start = UnsafeRawPointer(records.base + position + 16)
    position += 16 + count
    return Element(start: start, count: count)
  }

  /// Goes back to the first field.
  mutating func rewind() { position = 0 }

  /// Forgets everything.
  mutating func removeAll() {
    if failure == nil { records.removeAll() }
    position = 0
  }
}
