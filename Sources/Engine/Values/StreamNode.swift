import ByteKit
import RedisCodecs
import RedisModel

/// A node of a stream: entries of one stretch of ids, in a `PackedList` laid out as servers do it,
/// so that nodes fill up and are trimmed as theirs:
///
///     count, deleted, field count, field …, 0
///     entry: flags, ms-delta, seq-delta, [field count, field and value … | value …], element count
///
/// The first line is the master: entries with just its fields do not repeat them.
struct StreamNode: BitwiseCopyable {
  /// A node of more live entries takes no more: the servers' `stream-node-max-entries`.
  static let entryCountMax = 100
  /// A node that would have as many bytes takes no more: the servers' `stream-node-max-bytes`.
  static let byteCountMax = 4096

  private static let deletedFlag: Int64 = 1
  private static let sameFieldsFlag: Int64 = 2

  /// The first id ever put in; the deltas count from it.
  let masterID: StreamID
  /// The entries.
  private(set) var list: PackedList

  /// One entry, found.
  struct Entry: BitwiseCopyable {
    /// Its id.
    var id: StreamID
    /// Where its flags are.
    var offset: Int
    /// Where its first field or value is.
    var fieldsOffset: Int
    /// Fields.
    var fieldCount: Int
    /// Whether the fields' names are the master's.
    var hasMasterFields: Bool
    /// Whether it was deleted and is only not cleaned up.
    var isDeleted: Bool
    /// Behind the entry.
    var endOffset: Int
  }

  /// The node of these parts.
  init(_ masterID: StreamID, at address: UnsafeMutableRawPointer) {
    self.masterID = masterID
    list = PackedList(at: address)
  }

  /// A new node with one entry.
  ///
  /// - Parameters:
  ///   - fields: fields and values in turn.
  ///   - count: how many of both together.
  init(first id: StreamID, _ fields: UnsafePointer<Bytes>, _ count: Int, _ heap: Heap) {
    masterID = id
    list = PackedList(heap)
    for number in [0, 0, Int64(count / 2)] { list.append(PackedEntry(number), heap) }
    for index in stride(from: 0, to: count, by: 2) { list.append(PackedEntry(fields[index]), heap) }
    list.append(PackedEntry(0), heap)
    append(id, fields, count, heap)
  }

  private func integer(_ offset: inout Int) -> Int64 { list.read(&offset).integer }

  /// Live entries.
  var liveCount: Int {
    var offset = PackedList.firstOffset
    return Int(integer(&offset))
  }

  private var master: (fieldCount: Int, fieldsOffset: Int) {
    var offset = list.next(list.next(PackedList.firstOffset))
    let count = Int(integer(&offset))
    return (count, offset)
  }

  /// Where the first entry is.
  private var firstOffset: Int {
    let (count, fields) = master
    var offset = fields
    for _ in 0...count { offset = list.next(offset) }
    return offset
  }

  /// Whether an entry of so many bytes of text goes into another node.
  func isFull(for textByteCount: Int) -> Bool {
    list.byteCount + textByteCount >= Self.byteCountMax || liveCount >= Self.entryCountMax
  }

  /// Adds an entry at the end.
  mutating func append(
    _ id: StreamID, _ fields: UnsafePointer<Bytes>, _ count: Int, _ heap: Heap
  ) {
    changeCounts(live: 1, deleted: 0, heap)
    let isSame = hasMasterFields(fields, count)
    list.append(PackedEntry(isSame ? Self.sameFieldsFlag : 0), heap)
    let milliseconds = id.milliseconds &- masterID.milliseconds
    let sequence = id.sequence &- masterID.sequence
    list.append(PackedEntry(Int64(bitPattern: milliseconds)), heap)
    list.append(PackedEntry(Int64(bitPattern: sequence)), heap)
    if !isSame { list.append(PackedEntry(Int64(count / 2)), heap) }
    for index in 0..<count where !isSame || index % 2 == 1 {
      list.append(PackedEntry(fields[index]), heap)
    }
    list.append(PackedEntry(Int64(isSame ? count / 2 + 3 : count + 4)), heap)
  }

  private func hasMasterFields(_ fields: UnsafePointer<Bytes>, _ count: Int) -> Bool {
    let (masterCount, start) = master
    var offset = start
    guard masterCount == count / 2 else { return false }
    for index in stride(from: 0, to: count, by: 2) {
      if !PackedNeedle(fields[index]).matches(list.read(&offset)) { return false }
    }
    return true
  }

  private mutating func changeCounts(live: Int64, deleted: Int64, _ heap: Heap) {
    var offset = PackedList.firstOffset
    let oldLive = integer(&offset)
    let oldDeleted = integer(&offset)
    if deleted != 0 {
      list.replace(
        at: list.next(PackedList.firstOffset), by: PackedEntry(oldDeleted + deleted), heap)
    }
    list.replace(at: PackedList.firstOffset, by: PackedEntry(oldLive + live), heap)
  }

  private func entry(at start: Int, _ masterFieldCount: Int) -> Entry {
    var offset = start
    let flags = integer(&offset)
    let milliseconds = UInt64(bitPattern: integer(&offset))
    let sequence = UInt64(bitPattern: integer(&offset))
    let isSame = flags & Self.sameFieldsFlag != 0
    let count = isSame ? masterFieldCount : Int(integer(&offset))
    var end = offset
    for _ in 0...(isSame ? count : 2 * count) { end = list.next(end) }
    return Entry(
      id: StreamID(
        milliseconds: masterID.milliseconds &+ milliseconds,
        sequence: masterID.sequence &+ sequence),
      offset: start, fieldsOffset: offset, fieldCount: count, hasMasterFields: isSame,
      isDeleted: flags & Self.deletedFlag != 0, endOffset: end)
  }

  /// Calls `body` with each entry, deleted ones included, until it says false.
  func forEach(_ body: (Entry) -> Bool) {
    let masterFieldCount = master.fieldCount
    var offset = firstOffset
    while offset < list.endOffset {
      let entry = entry(at: offset, masterFieldCount)
      if !body(entry) { return }
      offset = entry.endOffset
    }
  }

  /// Calls `body` with the fields and values of an entry.
  func forEachField(of entry: Entry, _ body: (_ field: Element, _ value: Element) -> Void) {
    var (names, offset) = (master.fieldsOffset, entry.fieldsOffset)
    for _ in 0..<entry.fieldCount {
      let field = entry.hasMasterFields ? list.read(&names) : list.read(&offset)
      body(field, list.read(&offset))
    }
  }

  /// The greatest id, deleted or not.
  var lastID: StreamID {
    var last = masterID
    forEach {
      last = $0.id
      return true
    }
    return last
  }

  /// Marks live entries as deleted; at least one stays alive.
  mutating func delete(_ entries: [Entry], _ heap: Heap) {
    for entry in entries {
      // The flags take one byte with or without the mark: no offset changes.
      let flags = list.element(at: entry.offset).integer
      list.replace(at: entry.offset, by: PackedEntry(flags | Self.deletedFlag), heap)
    }
    changeCounts(live: -Int64(entries.count), deleted: Int64(entries.count), heap)
  }
}
