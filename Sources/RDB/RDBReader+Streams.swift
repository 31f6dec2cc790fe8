import ByteKit
import RedisCodecs
import RedisModel

/// Streams: listpack nodes, then what the stream says of itself, then its consumer groups.
///
/// Source: format.md section 7.
extension RDBReader {
  /// Which parts a stream type has.
  private struct StreamForm {
    let hasCounters: Bool
    let hasActiveTime: Bool
    let hasIDMP: Bool
    let hasNACK: Bool

    init(_ type: RDBType) {
      hasCounters = type.byte >= 19
      hasActiveTime = type.byte >= 21
      hasIDMP = type.byte >= 26
      hasNACK = type.byte >= 27
    }
  }

  /// What the nodes add up to.
  private struct NodeTotals {
    var live: UInt64 = 0
    var lastID: StreamID?
    var lastKey: StreamID?
  }

  /// Types 15, 19, 21, 26, 27.
  mutating func readStream<S: ValueSink & ~Copyable>(
    _ type: RDBType, into sink: inout S
  ) throws(RDBError) {
    let form = StreamForm(type)
    let count = try readCount(minimum: 2)
    var totals = NodeTotals()
    for _ in 0..<count {
      try readNode(&totals, into: &sink)
      try checkStop(sink)
    }
    let metadata = try readStreamMetadata(form, totals)
    sink.streamMetadata(metadata)
    try readGroups(form, metadata, into: &sink)
    if form.hasIDMP { try readIDMP(into: &sink) }
  }

  private mutating func readStreamID() throws(RDBError) -> StreamID {
    StreamID(milliseconds: try readLength(), sequence: try readLength())
  }

  private mutating func readRawStreamID() throws(RDBError) -> StreamID {
    try need(16)
    let id = Self.rawStreamID(input.cursor)
    input.cursor += 16
    return id
  }

  private static func rawStreamID(_ at: UnsafeRawPointer) -> StreamID {
    StreamID(
      milliseconds: UInt64(bigEndian: at.loadUnaligned(as: UInt64.self)),
      sequence: UInt64(bigEndian: (at + 8).loadUnaligned(as: UInt64.self)))
  }

  private mutating func readStreamMetadata(
    _ form: StreamForm, _ totals: NodeTotals
  ) throws(RDBError) -> StreamMetadata {
    let offset = input.offset
    var metadata = StreamMetadata(length: try readLength(), lastID: try readStreamID())
    if form.hasCounters {
      metadata.firstID = try readStreamID()
      metadata.maxDeletedID = try readStreamID()
      metadata.entriesAdded = try readLength()
    }
    if metadata.length != totals.live {
      note(
        .stream, at: offset, "stream length \(metadata.length) != \(totals.live), its live entries")
    }
    if let last = totals.lastID, metadata.lastID < last {
      note(.stream, at: offset, "the stream's last id is smaller than that of its last entry")
    }
    if let added = metadata.entriesAdded, added < metadata.length || added > UInt64(Int64.max) {
      note(
        .stream, at: offset, "entries added \(added) is not within \(metadata.length) to 2^63 - 1")
    }
    return metadata
  }

  // MARK: nodes

  /// `str` key of 16 bytes, `str` listpack.
  private mutating func readNode<S: ValueSink & ~Copyable>(
    _ totals: inout NodeTotals, into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    let text = element(try readString())
    guard text.count == 16, let start = text.start else {
      throw RDBError(
        .stream, at: offset, "a stream node key of \(text.byteCount) bytes; an id has 16")
    }
    let key = Self.rawStreamID(start)
    if let before = totals.lastKey, !(before < key) {
      note(.stream, at: offset, "stream node keys must ascend, each once")
    }
    totals.lastKey = key
    let blob = try readBlob()
    do throws(CodecError) {
      try readEntries(of: blob, key, &totals, into: &sink)
    } catch {
      throw RDBError(error, in: blob)
    }
  }

  /// The master entry, then the entries; see `StreamNode` for the layout.
  @inline(__always)
  private mutating func readEntries<S: ValueSink & ~Copyable>(
    of blob: Blob, _ key: StreamID, _ totals: inout NodeTotals, into sink: inout S
  ) throws(CodecError) {
    var node = try StreamNodeReader(blob.bytes, masterFields: &streamFields)
    var live = 0
    var deleted = 0
    while !node.isAtEnd {
      let entry = try node.readEntry()
      let id = StreamID(
        milliseconds: key.milliseconds &+ UInt64(bitPattern: entry.millisecondsDelta),
        sequence: key.sequence &+ UInt64(bitPattern: entry.sequenceDelta))
      if entry.isDeleted { deleted &+= 1 } else { live &+= 1 }
      if let last = totals.lastID, !(last < id) {
        note(
          .stream, at: blob.offset,
          "stream entry ids must ascend; entry \(live + deleted) of a node does not")
      }
      totals.lastID = id
      if !entry.isDeleted { sink.streamEntry(id, fieldCount: entry.fieldCount) }
      for index in 0..<entry.fieldCount {
        let field = entry.hasOwnFields ? try node.readElement() : streamFields[index]
        let value = try node.readElement()
        if !entry.isDeleted { sink.streamField(field, value) }
      }
      try node.readEntryEnd(entry)
    }
    try node.checkTotals(live: live, deleted: deleted)
    totals.live &+= UInt64(live)
  }

  // MARK: groups

  private mutating func readGroups<S: ValueSink & ~Copyable>(
    _ form: StreamForm, _ metadata: StreamMetadata, into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: 5)
    var names = NameSet()
    for _ in 0..<count {
      let offset = input.offset
      input.pin = input.cursor
      let text = try readString()
      let last = try readStreamID()
      let readOffset = input.offset
      let read = form.hasCounters ? Int64(bitPattern: try readLength()) : nil
      let pendingCount = try readCount(minimum: 25)
      let name = element(text)
      if name.withBytes({ names.insert($0) }) == false {
        note(.stream, at: offset, "duplicate consumer group name")
      }
      if let read, read < -1 || (read >= 0 && UInt64(read) > metadata.entriesAdded ?? .max) {
        note(
          .stream, at: readOffset,
          "entries read \(read) is neither -1 nor within the \(metadata.entriesAdded ?? 0) "
            + "entries added"
        )
      }
      sink.group(
        StreamGroup(
          name: name, lastDeliveredID: last, entriesRead: read, pendingCount: pendingCount))
      input.pin = nil
      try readGroupBody(form, pendingCount, into: &sink)
      sink.groupEnd()
      try checkStop(sink)
    }
  }

  private mutating func readGroupBody<S: ValueSink & ~Copyable>(
    _ form: StreamForm, _ pendingCount: Int, into sink: inout S
  ) throws(RDBError) {
    let offset = input.offset
    pendingTable.removeAll()
    for _ in 0..<pendingCount {
      let id = try readRawStreamID()
      let time = try readInt64()
      pendingTable.append(id, deliveredAtMs: time, deliveryCount: try readLength())
    }
    if let failure = pendingTable.failure {
      throw RDBError(
        .unreadable, at: offset, "no room for a temporary file: \(systemErrorText(failure))")
    }
    if let id = pendingTable.sortAndFindDuplicate() {
      note(.stream, at: offset, "duplicate PEL entry \(id.milliseconds)-\(id.sequence)")
    }
    try readConsumers(form, into: &sink)
    let nackCount = form.hasNACK ? try readNACKZone() : 0
    emitPending(at: offset, nackCount, into: &sink)
  }

  private mutating func readConsumers<S: ValueSink & ~Copyable>(
    _ form: StreamForm, into sink: inout S
  ) throws(RDBError) {
    let count = try readCount(minimum: form.hasActiveTime ? 18 : 10)
    var names = NameSet()
    for index in 0..<count {
      let offset = input.offset
      input.pin = input.cursor
      let text = try readString()
      let seen = try readInt64()
      let active = form.hasActiveTime ? try readInt64() : nil
      let owned = try readCount(minimum: 16)
      let name = element(text)
      name.withBytes { bytes in
        pendingTable.appendConsumer(bytes)
        if !names.insert(bytes) { note(.stream, at: offset, "duplicate stream consumer") }
      }
      sink.consumer(
        StreamConsumer(name: name, seenAtMs: seen, activeAtMs: active, pendingCount: owned))
      input.pin = nil
      for _ in 0..<owned {
        let offset = input.offset
        let id = try readRawStreamID()
        switch pendingTable.claim(id, by: index) {
        case .done: break
        case .absent:
          note(
            .stream, at: offset,
            "consumer entry \(id.milliseconds)-\(id.sequence) not found in the group's PEL")
        case .taken:
          note(
            .stream, at: offset,
            "PEL entry with two consumers: \(id.milliseconds)-\(id.sequence)")
        }
        sink.consumerPending(id)
      }
    }
  }

  private mutating func readNACKZone() throws(RDBError) -> Int {
    let count = try readCount(minimum: 16)
    for _ in 0..<count {
      let offset = input.offset
      let id = try readRawStreamID()
      switch pendingTable.claim(id, by: PendingTable.nack) {
      case .done: break
      case .absent:
        note(
          .stream, at: offset,
          "NACK entry not in group PEL: \(id.milliseconds)-\(id.sequence)")
      case .taken:
        note(
          .stream, at: offset, "NACK entry has an owner: \(id.milliseconds)-\(id.sequence)")
      }
    }
    return count
  }

  private mutating func emitPending<S: ValueSink & ~Copyable>(
    at offset: Int, _ nackCount: Int, into sink: inout S
  ) {
    var orphan: StreamID?
    for index in 0..<pendingTable.count {
      let entry = pendingTable[index]
      var owner: Element?
      if entry.owner >= 0 {
        let name = pendingTable.consumerName(entry.owner)
        let start = name.baseAddress ?? UnsafeRawPointer(scratch.start)
        owner = Element(start: start, count: name.count)
      } else if entry.owner == PendingTable.unowned {
        orphan = orphan ?? entry.id.id
      }
      sink.pending(
        StreamPending(
          id: entry.id.id, consumer: owner, deliveredAtMs: entry.deliveredAtMs,
          deliveryCount: entry.deliveryCount))
    }
    if let orphan {
      note(
        .stream, at: offset,
        "PEL entry without consumer: \(orphan.milliseconds)-\(orphan.sequence)")
    }
    guard nackCount > 0 else { return }
    for index in 0..<pendingTable.count where pendingTable[index].owner == PendingTable.nack {
      sink.nack(pendingTable[index].id.id)
    }
  }

  // MARK: idempotent producers

  /// `len` duration, `len` max, `len` producers × (`str`, `len` m, m × (`str`, id)), 2 × `len`.
  private mutating func readIDMP<S: ValueSink & ~Copyable>(into sink: inout S) throws(RDBError) {
    let offset = input.offset
    let duration = try readLength()
    let maximum = try readLength()
    if !(1...86400).contains(duration) || !(1...10000).contains(maximum) {
      note(
        .stream, at: offset,
        "idmp settings: duration \(duration) (1 to 86400 seconds), max entries \(maximum) (1 "
          + "to 10000)"
      )
    }
    let count = try readCount(minimum: 2)
    sink.idmp(
      StreamIDMP(durationSeconds: duration, entriesMax: maximum, producerCount: count))
    var names = NameSet()
    for _ in 0..<count {
      let offset = input.offset
      input.pin = input.cursor
      let text = try readString()
      let messageCount = try readCount(minimum: 3)
      let name = element(text)
      if name.withBytes({ names.insert($0) }) == false {
        note(.stream, at: offset, "duplicate IDMP producer")
      }
      if UInt64(messageCount) > maximum {
        note(
          .stream, at: offset,
          "\(messageCount) message ids of a producer; at most \(maximum) are kept",
          isWarning: true)
      }
      sink.idmpProducer(name, count: messageCount)
      input.pin = nil
      try readMessages(messageCount, into: &sink)
    }
    sink.idmpEnd(added: try readLength(), duplicates: try readLength())
  }

  private mutating func readMessages<S: ValueSink & ~Copyable>(
    _ count: Int, into sink: inout S
  ) throws(RDBError) {
    var names = NameSet()
    for _ in 0..<count {
      let offset = input.offset
      input.pin = input.cursor
      let text = try readString()
      let id = try readStreamID()
      let name = element(text)
      if name.withBytes({ names.insert($0) }) == false {
        note(.stream, at: offset, "a message id twice under one producer", isWarning: true)
      }
      sink.idmpMessage(name, id)
      input.pin = nil
    }
  }
}

/// The names seen so far in one list: groups, consumers, producers.
private struct NameSet {
  private var names: Set<[UInt8]> = []

  /// False: the name was there.
  mutating func insert(_ name: UnsafeRawBufferPointer) -> Bool {
    names.insert(Array(name)).inserted
  }
}
