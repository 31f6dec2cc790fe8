import RedisCodecs
import RedisModel

/// Streams, as files give them: entries, then what the stream says of itself, then its groups.
extension ValueLoader {
  /// The bytes of an entry that is being read.
  struct PendingFields {
    var id = StreamID.zero
    var left = 0
    var bytes: [UInt8] = []
    var ends: [Int] = []
  }

  /// A producer whose messages are being read.
  struct PendingProducer {
    var isOpen = false
    var name: [UInt8] = []
    var names: Set<[UInt8]> = []
    var row: [UInt8] = []
  }

  /// Begins an entry; `fieldCount` calls of `streamField` follow.
  public mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    entry.id = id
    entry.left = fieldCount
    entry.bytes.removeAll(keepingCapacity: true)
    entry.ends.removeAll(keepingCapacity: true)
    if fieldCount == 0 { endEntry() }
  }

  /// The next field of the entry begun last.
  public mutating func streamField(_ field: Element, _ value: Element) {
    for element in [field, value] {
      element.withBytes { entry.bytes.append(contentsOf: $0) }
      entry.ends.append(entry.bytes.count)
    }
    entry.left -= 1
    if entry.left == 0 { endEntry() }
  }

  private mutating func endEntry() {
    let (stream, heap, ends, id) = (stream, heap, entry.ends, entry.id)
    // An id that does not rise could not be found again.
    guard stream.pointee.lastID < id else { return }
    entry.bytes.withUnsafeBytes { bytes in
      var start = 0
      let parts = ends.map { end in
        defer { start = end }
        return Bytes(rebasing: bytes[start..<end])
      }
      parts.withUnsafeBufferPointer { parts in
        guard let start = parts.baseAddress else { return }
        stream.pointee.append(id, start, parts.count, heap)
      }
    }
  }

  /// What the stream says of itself, behind its entries.
  ///
  /// - Parameters:
  ///   - maxDeletedID: `nil` where the file does not say it.
  ///   - entriesAdded: `nil` where the file does not say it: as many as there are.
  public mutating func streamFacts(
    lastID: StreamID, maxDeletedID: StreamID?, entriesAdded: UInt64?
  ) {
    let stream = stream
    stream.pointee.lastID = max(stream.pointee.lastID, lastID)
    stream.pointee.maxDeletedID = maxDeletedID ?? .zero
    stream.pointee.entriesAdded = entriesAdded ?? UInt64(stream.pointee.count)
  }

  /// Begins a group; its consumers and then its pending entries follow.
  ///
  /// - Parameter entriesRead: -1 where it is not known, `nil` where the file cannot say: it is then
  ///   estimated.
  public mutating func streamGroup(_ name: Element, lastID: StreamID, entriesRead: Int64?) {
    let (stream, heap) = (stream, heap)
    let group = ConsumerGroup(
      lastID: lastID, entriesRead: entriesRead ?? stream.pointee.estimatedReads(upTo: lastID), heap)
    name.withBytes { name in
      if stream.pointee.group(name, heap) == nil {
        stream.pointee.addGroup(name, at: group.allocate(heap), heap)
      }
      self.group = stream.pointee.group(name, heap)
    }
  }

  /// The next consumer of the group begun last.
  public mutating func streamConsumer(_ name: Element, seenMs: Int64, activeMs: Int64?) {
    guard let group else { return }
    let heap = heap
    name.withBytes { name in
      let cell =
        group.pointee.consumer(name, heap)
        ?? group.pointee.makeConsumer(name, seenMs: seenMs, heap)
      ConsumerCell.facts(cell).pointee.seenMs = seenMs
      ConsumerCell.facts(cell).pointee.activeMs = activeMs ?? -1
    }
  }

  /// The next pending entry of the group begun last.
  ///
  /// - Parameter consumer: whose it is; `nil` for nobody's.
  public mutating func streamPending(
    _ id: StreamID, consumer: Element?, deliveredMs: Int64, deliveryCount: UInt64
  ) {
    guard let group else { return }
    let heap = heap
    var owner: UnsafeMutableRawPointer?
    if let consumer {
      owner = consumer.withBytes { group.pointee.consumer($0, heap) }
    } else {
      owner = group.pointee.makeNobody(heap)
    }
    guard let owner else { return }
    let entry = PendingEntry(
      id: id, consumer: owner, deliveredMs: deliveredMs,
      deliveryCount: Int64(clamping: deliveryCount))
    group.pointee.setPending(entry, heap)
  }

  /// The settings of idempotent producers; the producers follow.
  public mutating func streamProducers(durationSeconds: UInt64, countMax: UInt64) {
    let usual =
      durationSeconds == StreamProducers.durationDefault
      && countMax == StreamProducers.countMaxDefault
    if usual { return }
    let producers = stream.pointee.makeProducers(heap)
    producers.pointee.durationSeconds = durationSeconds
    producers.pointee.countMax = countMax
  }

  /// The next producer; its messages follow.
  public mutating func streamProducer(_ name: Element) {
    endProducer()
    producer.name = name.bytes
    producer.isOpen = true
  }

  /// The next message id of the producer begun last, and the entry that it gave; of two that are
  /// alike the first counts.
  public mutating func streamMessage(_ name: Element, _ id: StreamID) {
    guard producer.names.insert(name.bytes).inserted else { return }
    name.withBytes {
      StreamProducers.append(
        StreamProducers.Message(name: $0, id: id, isOwn: false), &producer.row)
    }
  }

  /// Keeps the producer whose messages have been read.
  private mutating func endProducer() {
    guard producer.isOpen else { return }
    let (producers, heap) = (stream.pointee.makeProducers(heap), heap)
    producer.name.withUnsafeBytes { name in
      producer.row.withUnsafeBytes { producers.pointee.setRow($0, of: name, heap) }
    }
    producer = PendingProducer()
  }

  /// The counters of idempotent producers; they come last.
  public mutating func streamProducersEnd(added: UInt64, duplicates: UInt64) {
    endProducer()
    if added == 0, duplicates == 0 { return }
    let producers = stream.pointee.makeProducers(heap)
    producers.pointee.added = added
    producers.pointee.duplicates = duplicates
  }

  /// The stream in the making; a new one where there is none yet.
  private var stream: UnsafeMutablePointer<StreamValue> {
    mutating get {
      if let value, value.form == .stream { return StreamValue.at(value.address) }
      let address = StreamValue(heap).allocate(heap)
      setValue(Value(.stream, address))
      group = nil
      return StreamValue.at(address)
    }
  }
}
