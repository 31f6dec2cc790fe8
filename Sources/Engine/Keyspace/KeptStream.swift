import RedisCodecs
import RedisModel

/// A stream as the keyspace keeps it. Valid until the keyspace changes.
public struct KeptStream {
  private let stream: UnsafeMutablePointer<StreamValue>

  /// The stream at an address.
  init(_ stream: UnsafeMutablePointer<StreamValue>) { self.stream = stream }

  /// Live entries.
  public var count: Int { stream.pointee.count }
  /// The last id given out.
  public var lastID: StreamID { stream.pointee.lastID }
  /// The first live id; 0-0 in an empty stream.
  public var firstID: StreamID { stream.pointee.firstID }
  /// The greatest id ever deleted.
  public var maxDeletedID: StreamID { stream.pointee.maxDeletedID }
  /// Entries added since the stream was made.
  public var entriesAdded: UInt64 { stream.pointee.entriesAdded }
  /// How many listpacks hold the entries.
  public var nodeCount: Int { stream.pointee.nodes.count }
  /// Consumer groups.
  public var groupCount: Int { stream.pointee.groups.count }

  /// Calls `body` with each listpack, as servers lay it out, and the id that its entries count
  /// from, in rising order.
  ///
  /// A listpack of 65535 entries or more states a wrong number of them.
  public func forEachNode(_ body: (_ master: StreamID, _ listpack: Bytes) -> Void) {
    let nodes = stream.pointee.nodes
    var place = nodes.start
    while let entry = nodes.entry(at: place) {
      body(entry.id, PackedList(at: entry.list).bytes)
      place = nodes.next(place)
    }
  }

  /// Calls `body` with each live entry, in rising order.
  public func forEachEntry(_ body: (KeptEntry) -> Void) {
    stream.pointee.forEach { node, entry in
      body(KeptEntry(node: node, entry: entry))
      return true
    }
  }

  /// Whether a group has a pending entry that is nobody's or whose entry is gone: commands cannot
  /// make it again.
  public var hasPendingWithoutEntry: Bool {
    var found = false
    forEachGroup { group in
      if !found {
        group.forEachPending { entry in
          if !found { found = entry.consumer == nil || stream.pointee.entry(entry.id) == nil }
        }
      }
    }
    return found
  }

  /// What it remembers of idempotent producers; `nil` where it never had any.
  public var producers: KeptProducers? {
    stream.pointee.producers.map { KeptProducers(StreamProducers.at($0)) }
  }

  /// Calls `body` with each group.
  public func forEachGroup(_ body: (KeptGroup) -> Void) {
    let groups = stream.pointee.groups
    for slot in 0..<groups.capacity {
      guard let cell = groups.cell(at: slot) else { continue }
      body(KeptGroup(name: GroupCell.key(of: cell), GroupCell.group(cell)))
    }
  }
}

/// An entry of a stream.
public struct KeptEntry {
  let node: StreamNode
  let entry: StreamNode.Entry

  /// Its id.
  public var id: StreamID { entry.id }
  /// Its fields.
  public var fieldCount: Int { entry.fieldCount }

  /// Calls `body` with each field and its value.
  public func forEachField(_ body: (_ field: Element, _ value: Element) -> Void) {
    node.forEachField(of: entry, body)
  }
}

/// A consumer group.
public struct KeptGroup {
  /// The name.
  public let name: Bytes
  private let group: UnsafeMutablePointer<ConsumerGroup>

  init(name: Bytes, _ group: UnsafeMutablePointer<ConsumerGroup>) {
    self.name = name
    self.group = group
  }

  /// The last id delivered.
  public var lastID: StreamID { group.pointee.lastID }
  /// Entries read so far; -1 where that is not known.
  public var entriesRead: Int64 { group.pointee.entriesRead }
  /// Pending entries, those that are nobody's included.
  public var pendingCount: Int { group.pointee.pending.count }
  /// Pending entries that are nobody's.
  public var unownedCount: Int {
    group.pointee.nobody.map { ConsumerCell.facts($0).pointee.pendingCount } ?? 0
  }

  /// Calls `body` with each pending entry, in rising order.
  public func forEachPending(_ body: (KeptPending) -> Void) {
    let pending = group.pointee.pending
    var place = pending.start
    while let entry = pending.entry(at: place) {
      let isOwned = entry.consumer != group.pointee.nobody
      body(
        KeptPending(
          id: entry.id, consumer: isOwned ? ConsumerCell.key(of: entry.consumer) : nil,
          deliveredMs: entry.deliveredMs, deliveryCount: entry.deliveryCount))
      place = pending.next(place)
    }
  }

  /// The consumers, each with the ids that it has to acknowledge, in rising order.
  public var consumers: [KeptConsumer] {
    let cells = group.pointee.consumers
    var consumers: [KeptConsumer] = []
    var numbers: [UnsafeMutableRawPointer: Int] = [:]
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      let facts = ConsumerCell.facts(cell).pointee
      numbers[cell] = consumers.count
      consumers.append(
        KeptConsumer(
          name: ConsumerCell.key(of: cell), seenMs: facts.seenMs, activeMs: facts.activeMs))
    }
    let pending = group.pointee.pending
    var place = pending.start
    while let entry = pending.entry(at: place) {
      if let number = numbers[entry.consumer] { consumers[number].pending.append(entry.id) }
      place = pending.next(place)
    }
    return consumers
  }
}

/// A pending entry of a group.
public struct KeptPending {
  /// The entry's id; the entry may be gone.
  public let id: StreamID
  /// The name of its owner; `nil` where it is nobody's.
  public let consumer: Bytes?
  /// When it was last delivered, Unix milliseconds.
  public let deliveredMs: Int64
  /// How often it was delivered.
  public let deliveryCount: Int64
}

/// A consumer of a group.
public struct KeptConsumer {
  /// The name.
  public let name: Bytes
  /// When it was last seen, Unix milliseconds.
  public let seenMs: Int64
  /// When it last got or claimed an entry, Unix milliseconds; -1 for never.
  public let activeMs: Int64
  /// The ids that it has to acknowledge.
  public internal(set) var pending: [StreamID] = []
}

/// What a stream remembers of idempotent producers.
public struct KeptProducers {
  private let producers: UnsafeMutablePointer<StreamProducers>

  init(_ producers: UnsafeMutablePointer<StreamProducers>) { self.producers = producers }

  /// How long a message id counts, seconds.
  public var durationSeconds: UInt64 { producers.pointee.durationSeconds }
  /// How many message ids of a producer are remembered.
  public var countMax: UInt64 { producers.pointee.countMax }
  /// Message ids remembered so far.
  public var added: UInt64 { producers.pointee.added }
  /// Messages that came again.
  public var duplicates: UInt64 { producers.pointee.duplicates }
  /// Whether the settings are those that a stream begins with.
  public var hasUsualSettings: Bool {
    durationSeconds == StreamProducers.durationDefault
      && countMax == StreamProducers.countMaxDefault
  }

  /// Message ids that are remembered.
  public var messageCount: Int { countMessages { _ in true } }

  /// Of these, such as only stand in the place of ids that the server makes: they are of no use
  /// elsewhere.
  public var ownMessageCount: Int { countMessages(where: \.isOwn) }

  private func countMessages(where counts: (StreamProducers.Message) -> Bool) -> Int {
    var count = 0
    producers.pointee.forEachProducer { _, row in
      StreamProducers.forEach(in: row) { message in
        if counts(message) { count += 1 }
        return true
      }
      return true
    }
    return count
  }

  /// Calls `body` with each producer that has messages under ids of its server, and with those.
  public func forEach(_ body: (_ name: Bytes, _ messages: [(name: Bytes, id: StreamID)]) -> Void) {
    producers.pointee.forEachProducer { name, row in
      var messages: [(name: Bytes, id: StreamID)] = []
      StreamProducers.forEach(in: row) { message in
        if !message.isOwn { messages.append((message.name, message.id)) }
        return true
      }
      if !messages.isEmpty { body(name, messages) }
      return true
    }
  }
}
