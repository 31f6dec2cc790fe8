import RedisModel

/// The idempotent producers of a stream (IDMP, Redis 8.6): which message ids each has sent lately,
/// and which entry each of them gave.
struct StreamProducers: HeapObject {
  /// How long a message id counts, seconds, where a stream is not told otherwise.
  static let durationDefault: UInt64 = 100
  /// How many message ids of a producer are remembered, where a stream is not told otherwise.
  static let countMaxDefault: UInt64 = 100

  /// How long a message id counts, seconds.
  var durationSeconds = durationDefault
  /// How many message ids of a producer are remembered.
  var countMax = countMaxDefault
  /// Message ids remembered so far, and such as came again.
  var added: UInt64 = 0
  /// Messages that came again.
  var duplicates: UInt64 = 0
  /// Producers, each with a row of messages, oldest first: `u32 count, u32 isOwn, u64 ms, u64 seq,
  /// message id`.
  var producers: FieldTable

  private static let headerByteCount = 24

  /// A message id and the entry that it gave.
  struct Message {
    /// The id that the producer chose, or what stands in its place.
    var name: Bytes
    /// The entry.
    var id: StreamID
    /// Whether the name is not the server's: that of IDMPAUTO is its hash of the entry's fields.
    var isOwn: Bool
  }

  /// No producers.
  init(_ heap: Heap) { producers = FieldTable(cells: CellTable(heap)) }

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    producers.destroyCells(heap)
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> UnsafeMutableRawPointer {
    var copy = self
    copy.producers = producers.copyCells(heap)
    return copy.allocate(heap)
  }

  /// Calls `body` with the messages in a producer's row, oldest first, until it says false.
  static func forEach(in row: Bytes, _ body: (Message) -> Bool) {
    var offset = 0
    while offset + headerByteCount <= row.count {
      let count = Int(row.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      let start = offset + headerByteCount
      let message = Message(
        name: row.part(start..<(start + count)),
        id: StreamID(
          milliseconds: row.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self),
          sequence: row.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)),
        isOwn: row.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self) != 0)
      if !body(message) { return }
      offset = start + count
    }
  }

  /// Calls `body` with each producer and its row until it says false.
  func forEachProducer(_ body: (_ name: Bytes, _ row: Bytes) -> Bool) {
    for slot in 0..<producers.cells.capacity {
      guard let cell = producers.cells.cell(at: slot) else { continue }
      if !body(FieldCell.key(of: cell), FieldCell.value(of: cell)) { return }
    }
  }

  /// The entry that a message gave.
  ///
  /// - Parameter oldestMs: messages of entries before it, Unix milliseconds, no longer count.
  func entry(of name: Bytes, by producer: Bytes, since oldestMs: UInt64, _ heap: Heap) -> StreamID?
  {
    guard let cell = producers.cell(producer, heap) else { return nil }
    var found: StreamID?
    Self.forEach(in: FieldCell.value(of: cell)) { message in
      if message.id.milliseconds >= oldestMs, message.name.equals(name) { found = message.id }
      return found == nil
    }
    return found
  }

  /// Remembers a message, the first of its name; the oldest go where there are too many.
  mutating func add(_ message: Message, by producer: Bytes, _ heap: Heap) {
    var row: [UInt8] = []
    if let cell = producers.cell(producer, heap) {
      let old = FieldCell.value(of: cell)
      var (count, isThere) = (UInt64(0), false)
      Self.forEach(in: old) { other in
        count += 1
        if other.name.equals(message.name) { isThere = true }
        return !isThere
      }
      if isThere { return }
      var surplus = count >= countMax ? count - countMax + 1 : 0
      Self.forEach(in: old) { other in
        if surplus > 0 { surplus -= 1 } else { Self.append(other, &row) }
        return true
      }
    }
    Self.append(message, &row)
    row.withUnsafeBytes { _ = producers.set(producer, $0, expiry: nil, heap) }
  }

  /// Gives a producer a row of messages.
  mutating func setRow(_ row: Bytes, of producer: Bytes, _ heap: Heap) {
    producers.set(producer, row, expiry: nil, heap)
  }

  /// Forgets all messages.
  mutating func removeAll(_ heap: Heap) {
    producers.destroyCells(heap)
    producers = FieldTable(cells: CellTable(heap))
  }

  /// Adds a message at the end of a row.
  static func append(_ message: Message, _ row: inout [UInt8]) {
    let words = [UInt32(truncatingIfNeeded: message.name.count), message.isOwn ? 1 : 0]
    words.withUnsafeBytes { row.append(contentsOf: $0) }
    [message.id.milliseconds, message.id.sequence].withUnsafeBytes { row.append(contentsOf: $0) }
    row.append(contentsOf: message.name)
  }
}

extension StreamValue {
  /// The producers, for change; made where there are none.
  mutating func makeProducers(_ heap: Heap) -> UnsafeMutablePointer<StreamProducers> {
    if let producers { return StreamProducers.at(producers) }
    let address = StreamProducers(heap).allocate(heap)
    producers = address
    return StreamProducers.at(address)
  }
}
