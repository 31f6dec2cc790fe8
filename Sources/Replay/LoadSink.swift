import Engine
import RDB
import RedisCodecs
import RedisModel

/// Makes the values of a snapshot, or of a DUMP payload.
struct LoadSink: ~Copyable, ValueSink {
  /// The value in the making.
  var loader: ValueLoader
  /// What the value has that cannot be kept; `nil` where all is well.
  private(set) var gap: String?
  /// The type of a value that is kept without being known, as reports name it; `nil` for none.
  private(set) var unknownType: String?
  /// Fields left out because they were due.
  private(set) var expiredFieldCount = 0
  private let fieldsDueBeforeMs: Int64?
  private var isList = false
  private var isRanked = false
  private var isModule = false

  /// - Parameters:
  ///   - loader: makes the values.
  ///   - fieldsDueBeforeMs: hash fields due before this moment are left out; `nil` keeps all.
  init(_ loader: ValueLoader, fieldsDueBeforeMs: Int64?) {
    self.loader = loader
    self.fieldsDueBeforeMs = fieldsDueBeforeMs
  }

  /// Begins the value of a key.
  mutating func begin(_ key: Bytes, _ type: RDBType, expiry: Int64?) {
    loader.begin(key, expiry: expiry)
    begin(type)
  }

  /// Begins a value of `type`, whose key the loader knows.
  mutating func begin(_ type: RDBType) {
    gap = nil
    unknownType = nil
    isModule = false
    isList = type.kind == .list
    isRanked = type.byte == 3 || type.byte == 5
    switch type.kind {
    case .string, .list, .set, .zset, .hash, .stream, .module, .array: break
    case .pathHash, .gcra, .cron: gap = "type \(type.kind.name)"
    }
  }

  mutating func string(_ value: Element) { loader.string(value) }

  mutating func element(_ value: Element) {
    if gap != nil { return }
    if isList { loader.listElement(value) } else { loader.setMember(value) }
  }

  mutating func member(_ member: Element, score: Double) {
    // In a file of the ranked form only a set that stays ranked keeps the sign of a zero score. A
    // packed one that states it has it: servers keep the text.
    if isRanked, score == 0, score.sign == .minus { loader.rankZset() }
    loader.zsetMember(member, score: score, keepsNegativeZero: !isRanked)
  }

  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    if let expireAtMs, let fieldsDueBeforeMs, expireAtMs < fieldsDueBeforeMs {
      expiredFieldCount += 1
      return
    }
    loader.hashField(field, value, expiry: expireAtMs)
  }

  mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    loader.streamEntry(id, fieldCount: fieldCount)
  }

  mutating func streamField(_ field: Element, _ value: Element) { loader.streamField(field, value) }

  mutating func streamMetadata(_ metadata: StreamMetadata) {
    loader.streamFacts(
      lastID: metadata.lastID, maxDeletedID: metadata.maxDeletedID,
      entriesAdded: metadata.entriesAdded)
  }

  mutating func group(_ group: StreamGroup) {
    loader.streamGroup(
      group.name, lastID: group.lastDeliveredID, entriesRead: group.entriesRead)
  }

  mutating func consumer(_ consumer: StreamConsumer) {
    loader.streamConsumer(
      consumer.name, seenMs: consumer.seenAtMs, activeMs: consumer.activeAtMs)
  }

  mutating func pending(_ entry: StreamPending) {
    loader.streamPending(
      entry.id, consumer: entry.consumer, deliveredMs: entry.deliveredAtMs,
      deliveryCount: entry.deliveryCount)
  }

  mutating func idmp(_ settings: StreamIDMP) {
    loader.streamProducers(
      durationSeconds: settings.durationSeconds, countMax: settings.entriesMax)
  }

  mutating func idmpProducer(_ name: Element, count: Int) { loader.streamProducer(name) }

  mutating func idmpMessage(_ name: Element, _ id: StreamID) { loader.streamMessage(name, id) }

  mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    loader.streamProducersEnd(added: added, duplicates: duplicates)
  }

  mutating func module(name: ModuleName, version: Int) {
    isModule = true
    loader.module(id: name.id)
  }

  mutating func modulePart(_ part: ModulePart) {
    switch part {
    case .signed(let value): loader.modulePart(signed: value)
    case .unsigned(let value): loader.modulePart(unsigned: value)
    case .float(let value): loader.modulePart(float: value)
    case .double(let value): loader.modulePart(double: value)
    case .string(let value): loader.modulePart(string: value)
    }
  }

  mutating func array(count: Int, insertIndex: UInt64?) {
    isModule = true
    loader.array(insertIndex: insertIndex)
  }

  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    loader.arrayElement(index: index, value, tag: tag.rawValue)
  }

  /// Ends the value, of which everything has been read.
  mutating func finish() {
    if isModule { unknownType = loader.finishModule() }
    loader.finishZset()
  }
}
