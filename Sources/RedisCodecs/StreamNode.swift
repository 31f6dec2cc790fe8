import ByteKit

/// Walks one node of a stream, a listpack:
///
///     master:  count, deleted, num-fields, field…, 0
///     entry:   flags, ms-delta, seq-delta,
///              SAMEFIELDS: value × master's num-fields
///              else:       num-fields, (field, value)…
///              lp-count
///
/// `lp-count` is the number of an entry's listpack elements before it, for walking backward.
public struct StreamNodeReader {
  /// What stands before an entry's fields.
  public struct Entry {
    /// Added to the node key's milliseconds.
    public let millisecondsDelta: Int64
    /// Added to the node key's sequence.
    public let sequenceDelta: Int64
    /// Fields of the entry.
    public let fieldCount: Int
    /// The entry states its field names; otherwise they are the master's.
    public let hasOwnFields: Bool
    /// The entry was deleted and waits for the node's clean-up.
    public let isDeleted: Bool
  }

  private static let deletedFlag: Int64 = 1
  private static let sameFieldsFlag: Int64 = 2

  @usableFromInline var entries: ListpackReader
  private var entryCount = 0
  private let live: Int64
  private let deleted: Int64
  private let masterFieldCount: Int

  /// Reads the master entry.
  ///
  /// - Parameter masterFields: takes the master's field names, borrowed from the blob.
  public init(
    _ blob: UnsafeRawBufferPointer, masterFields: inout [Element]
  ) throws(CodecError) {
    entries = try ListpackReader(blob)
    guard !entries.isAtEnd else {
      throw CodecError(.stream, at: 0, "empty listpack inside stream")
    }
    live = try Self.integer(&entries, "the number of live entries")
    deleted = try Self.integer(&entries, "the number of deleted entries")
    let fieldCount = try Self.integer(&entries, "the number of fields")
    guard live > 0, deleted >= 0 else {
      throw CodecError(
        .stream, at: 0, "the node counts \(live) live and \(deleted) deleted entries")
    }
    guard fieldCount >= 0, fieldCount <= blob.count / 2 else {
      throw CodecError(.stream, at: 0, "the node's first entry has \(fieldCount) fields")
    }
    masterFieldCount = Int(fieldCount)
    masterFields.removeAll(keepingCapacity: true)
    for _ in 0..<masterFieldCount { masterFields.append(try Self.element(&entries)) }
    let end = try Self.integer(&entries, "the master entry's end")
    guard end == 0 else {
      throw CodecError(.stream, at: entries.offset, "the master entry ends with \(end), not with 0")
    }
    entryCount = 4 + masterFieldCount
    room = blob.count
  }

  private let room: Int

  /// Whether all entries have been read.
  public var isAtEnd: Bool { entries.isAtEnd }

  /// Reads an entry up to its fields.
  public mutating func readEntry() throws(CodecError) -> Entry {
    let offset = entries.offset
    let flags = try Self.integer(&entries, "an entry's flags")
    guard flags >= 0, flags <= 3 else {
      throw CodecError(.stream, at: offset, "entry flags \(flags); 0 to 3 exist")
    }
    let milliseconds = try Self.integer(&entries, "an entry's time")
    let sequence = try Self.integer(&entries, "an entry's sequence number")
    let hasOwnFields = flags & Self.sameFieldsFlag == 0
    var fieldCount = masterFieldCount
    if hasOwnFields {
      let stated = try Self.integer(&entries, "an entry's number of fields")
      guard stated >= 0, stated <= room / 2 else {
        throw CodecError(.stream, at: offset, "an entry with \(stated) fields")
      }
      fieldCount = Int(stated)
    }
    return Entry(
      millisecondsDelta: milliseconds, sequenceDelta: sequence, fieldCount: fieldCount,
      hasOwnFields: hasOwnFields, isDeleted: flags & Self.deletedFlag != 0)
  }

  /// The next field name or value.
  @inlinable
  public mutating func readElement() throws(CodecError) -> Element {
    try Self.element(&entries)
  }

  /// Reads what closes an entry, and compares.
  public mutating func readEntryEnd(_ entry: Entry) throws(CodecError) {
    let offset = entries.offset
    let elements = entry.hasOwnFields ? 4 + 2 * entry.fieldCount : 3 + entry.fieldCount
    let stated = try Self.integer(&entries, "an entry's element count")
    entryCount += elements + 1
    guard stated == elements else {
      throw CodecError(
        .stream, at: offset, "an entry of \(elements) elements states \(stated) at its end")
    }
  }

  /// Compares what was read with what the master entry and the listpack state.
  public func checkTotals(live: Int, deleted: Int) throws(CodecError) {
    guard Int64(live) == self.live, Int64(deleted) == self.deleted else {
      throw CodecError(
        .stream, at: 0,
        "stream listpack truncated or miscounted: \(live) live and \(deleted) deleted "
          + "entries; the master entry says \(self.live) and \(self.deleted)"
      )
    }
    let stated = entries.statedCount
    guard stated == ListpackReader.countUnknown || stated == entryCount else {
      throw CodecError(
        .stream, at: 4, "listpack count \(stated) != \(entryCount), the elements that it has")
    }
  }

  @usableFromInline
  static func element(_ entries: inout ListpackReader) throws(CodecError) -> Element {
    guard let element = try entries.read() else {
      throw CodecError(.stream, at: entries.offset, "stream listpack truncated within an entry")
    }
    return element
  }

  private static func integer(
    _ entries: inout ListpackReader, _ what: StaticString
  ) throws(CodecError) -> Int64 {
    let offset = entries.offset
    let element = try element(&entries)
    guard let start = element.start else { return element.integer }
    // A string that is the text of an integer is one: old servers stored large ones so.
    let text = String(
      decoding: UnsafeRawBufferPointer(start: start, count: min(element.count, 24)), as: UTF8.self)
    guard element.count <= 20, let value = Int64(text) else {
      throw CodecError(.stream, at: offset, "\(what) is no integer")
    }
    return value
  }
}
