import RDB
import RedisCodecs
import RedisModel

/// A running hash (FNV-1a, 64 bits) of numbers and byte strings.
struct EventHash: Equatable, Sendable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ number: UInt64) {
    value = (value ^ number) &* 0x100_0000_01b3
    value ^= value >> 29
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ element: Element) {
    element.withBytes { bytes in
      add(bytes.count)
      for byte in bytes { add(UInt64(byte)) }
    }
  }

  mutating func add(_ bytes: [UInt8]) { bytes.withUnsafeBytes { add($0) } }

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    add(bytes.count)
    for byte in bytes { add(UInt64(byte)) }
  }

  mutating func add(_ id: StreamID) {
    add(id.milliseconds)
    add(id.sequence)
  }
}

/// Boils all that a reader says about a value down to one number, and counts elements.
struct EventSink: ValueSink {
  var hash = EventHash()
  /// Members, fields, entries: what `ValueSummary.elements` states.
  var elements = 0

  private mutating func event(_ number: Int, counts: Bool = false) {
    hash.add(number)
    if counts { elements += 1 }
  }

  mutating func string(_ value: Element) {
    event(1, counts: true)
    hash.add(value)
  }
  mutating func element(_ value: Element) {
    event(2, counts: true)
    hash.add(value)
  }
  mutating func member(_ member: Element, score: Double) {
    event(3, counts: true)
    hash.add(member)
    hash.add(score.bitPattern)
  }
  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    event(4, counts: true)
    hash.add(field)
    hash.add(value)
    hash.add(Int(expireAtMs ?? -1))
  }
  mutating func pathField(path: Element, field: Element, value: Element) {
    event(5, counts: true)
    for element in [path, field, value] { hash.add(element) }
  }
  mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    event(6, counts: true)
    hash.add(id)
    hash.add(fieldCount)
  }
  mutating func streamField(_ field: Element, _ value: Element) {
    event(7)
    hash.add(field)
    hash.add(value)
  }
  mutating func streamMetadata(_ metadata: StreamMetadata) {
    event(8)
    hash.add(metadata.length)
    for id in [metadata.lastID, metadata.firstID, metadata.maxDeletedID] {
      hash.add(id ?? StreamID(milliseconds: 0, sequence: 0))
    }
    hash.add(metadata.entriesAdded ?? .max)
  }
  mutating func group(_ group: StreamGroup) {
    event(9)
    hash.add(group.name)
    hash.add(group.lastDeliveredID)
    hash.add(Int(group.entriesRead ?? -2))
    hash.add(group.pendingCount)
  }
  mutating func consumer(_ consumer: StreamConsumer) {
    event(10)
    hash.add(consumer.name)
    hash.add(Int(consumer.seenAtMs))
    hash.add(Int(consumer.activeAtMs ?? -2))
    hash.add(consumer.pendingCount)
  }
  mutating func consumerPending(_ id: StreamID) {
    event(11)
    hash.add(id)
  }
  mutating func pending(_ entry: StreamPending) {
    event(12)
    hash.add(entry.id)
    if let consumer = entry.consumer { hash.add(consumer) }
    hash.add(Int(entry.deliveredAtMs))
    hash.add(entry.deliveryCount)
  }
  mutating func nack(_ id: StreamID) {
    event(13)
    hash.add(id)
  }
  mutating func groupEnd() { event(14) }
  mutating func idmp(_ settings: StreamIDMP) {
    event(15)
    hash.add(settings.durationSeconds)
    hash.add(settings.entriesMax)
    hash.add(settings.producerCount)
  }
  mutating func idmpProducer(_ name: Element, count: Int) {
    event(16)
    hash.add(name)
    hash.add(count)
  }
  mutating func idmpMessage(_ name: Element, _ id: StreamID) {
    event(17)
    hash.add(name)
    hash.add(id)
  }
  mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    event(18)
    hash.add(added)
    hash.add(duplicates)
  }
  mutating func array(count: Int, insertIndex: UInt64?) {
    event(19)
    hash.add(count)
    hash.add(insertIndex ?? .max)
  }
  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    event(20, counts: true)
    hash.add(index)
    hash.add(value)
    hash.add(Int(tag.rawValue))
  }
  mutating func module(name: ModuleName, version: Int) {
    event(21)
    hash.add(name.id)
  }
  mutating func modulePart(_ part: ModulePart) {
    event(22, counts: true)
    switch part {
    case .signed(let value): hash.add(Int(value))
    case .unsigned(let value): hash.add(value)
    case .float(let value): hash.add(UInt64(value.bitPattern))
    case .double(let value): hash.add(value.bitPattern)
    case .string(let value): hash.add(value)
    }
  }
  mutating func gcra(_ arrivalTime: UInt64) {
    event(23, counts: true)
    hash.add(arrivalTime)
  }
  mutating func cron(
    script: Element, startMs: Int64, intervalMs: Int64, keyCount: Int, argumentCount: Int
  ) {
    event(24)
    hash.add(script)
    for number in [Int(startMs), Int(intervalMs), keyCount, argumentCount] { hash.add(number) }
  }
}

extension EventHash {
  /// Adds what a header says.
  mutating func add(_ header: KeyHeader) {
    add(header.database)
    add(header.key)
    add(Int(header.type.byte))
    add(Int(header.expireAtMs ?? .max))
    add(header.idleSeconds ?? .max)
    add(Int(header.lfu ?? 0))
    add(header.metadata.count)
    add(header.offset)
    add(header.valueOffset)
  }

  /// Adds a record other than a key.
  mutating func add(_ record: RDBRecord) {
    switch record {
    case .key(let header): add(header)
    case .selectDatabase(let number): add(number)
    case .resizeDatabase(let keys, let expires):
      add(keys)
      add(expires)
    case .aux(let name, let value):
      add(name)
      add(value)
    case .function(let code): add(code)
    case .preReleaseFunction(let code): add(code)
    case .moduleAux(let name, let when):
      add(name.id)
      add(when)
    case .slotInfo(let slot, let keys, let expires):
      for number in [slot, keys, expires] { add(number) }
    case .slotImport(let job, let ranges):
      add(job)
      for range in ranges { add(range.lowerBound << 16 | range.upperBound) }
    case .hashTemplate(let id, let fieldCount):
      add(id)
      add(fieldCount)
    case .enterpriseSlot(let slot): add(slot)
    case .end(let checksum, let offset):
      add(checksum ?? 0)
      add(offset)
    }
  }
}
