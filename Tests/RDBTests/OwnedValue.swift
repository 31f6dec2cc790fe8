import RDB
import RedisCodecs
import RedisModel

/// A value as a whole, for comparisons.
enum OwnedValue {
  case string([UInt8])
  /// A list or a set.
  case elements([[UInt8]])
  case members([(member: [UInt8], score: Double)])
  case fields([(field: [UInt8], value: [UInt8], expireAtMs: Int64?)])
  case pathFields([[[UInt8]]])
  case stream(OwnedStream)
  case array(insertIndex: UInt64?, [(index: UInt64, tag: ArrayTag, text: [UInt8])])
  case module(ModuleName, [OwnedModulePart])
  case gcra(UInt64)
}

/// A stream as a whole.
struct OwnedStream {
  struct Entry {
    var id: StreamID
    var pairs: [[[UInt8]]] = []
  }

  struct Consumer {
    var name: [UInt8]
    var seenAtMs: Int64
    var activeAtMs: Int64?
    var ids: [StreamID] = []
  }

  struct Pending {
    var id: StreamID
    var consumer: [UInt8]?
    var deliveredAtMs: Int64
    var count: UInt64
  }

  struct Group {
    var name: [UInt8]
    var lastID: StreamID
    var entriesRead: Int64?
    var consumers: [Consumer] = []
    var pending: [Pending] = []
    var nacks: [StreamID] = []
  }

  struct Producer {
    var name: [UInt8]
    var messages: [(name: [UInt8], id: StreamID)] = []
  }

  struct IDMP {
    var settings: StreamIDMP
    var producers: [Producer] = []
    var added: UInt64 = 0
    var duplicates: UInt64 = 0
  }

  var entries: [Entry] = []
  var metadata: StreamMetadata?
  var groups: [Group] = []
  var idmp: IDMP?
}

/// Puts values together.
struct CollectingSink: ValueSink {
  private var text: [UInt8] = []
  private var elements: [[UInt8]] = []
  private var members: [(member: [UInt8], score: Double)] = []
  private var fields: [(field: [UInt8], value: [UInt8], expireAtMs: Int64?)] = []
  private var pathFields: [[[UInt8]]] = []
  private var stream = OwnedStream()
  private var insertIndex: UInt64?
  private var arrayElements: [(index: UInt64, tag: ArrayTag, text: [UInt8])] = []
  private var moduleName: ModuleName?
  private var parts: [OwnedModulePart] = []
  private var arrivalTime: UInt64 = 0

  /// What was collected, for a value of `kind`.
  func value(_ kind: RDBValueKind) -> OwnedValue {
    switch kind {
    case .string: .string(text)
    case .list, .set, .cron: .elements(elements)
    case .zset: .members(members)
    case .hash: .fields(fields)
    case .pathHash: .pathFields(pathFields)
    case .stream: .stream(stream)
    case .array: .array(insertIndex: insertIndex, arrayElements)
    case .module: .module(moduleName ?? ModuleName(id: 0), parts)
    case .gcra: .gcra(arrivalTime)
    }
  }

  mutating func string(_ value: Element) { text = value.bytes }
  mutating func element(_ value: Element) { elements.append(value.bytes) }
  mutating func member(_ member: Element, score: Double) { members.append((member.bytes, score)) }
  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    fields.append((field.bytes, value.bytes, expireAtMs))
  }
  mutating func pathField(path: Element, field: Element, value: Element) {
    pathFields.append([path.bytes, field.bytes, value.bytes])
  }
  mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    stream.entries.append(OwnedStream.Entry(id: id))
  }
  mutating func streamField(_ field: Element, _ value: Element) {
    stream.entries[stream.entries.count - 1].pairs.append([field.bytes, value.bytes])
  }
  mutating func streamMetadata(_ metadata: StreamMetadata) { stream.metadata = metadata }
  mutating func group(_ group: StreamGroup) {
    stream.groups.append(
      OwnedStream.Group(
        name: group.name.bytes, lastID: group.lastDeliveredID, entriesRead: group.entriesRead))
  }
  private mutating func withGroup(_ change: (inout OwnedStream.Group) -> Void) {
    change(&stream.groups[stream.groups.count - 1])
  }
  mutating func consumer(_ consumer: StreamConsumer) {
    withGroup {
      $0.consumers.append(
        OwnedStream.Consumer(
          name: consumer.name.bytes, seenAtMs: consumer.seenAtMs,
          activeAtMs: consumer.activeAtMs))
    }
  }
  mutating func consumerPending(_ id: StreamID) {
    withGroup { $0.consumers[$0.consumers.count - 1].ids.append(id) }
  }
  mutating func pending(_ entry: StreamPending) {
    withGroup {
      $0.pending.append(
        OwnedStream.Pending(
          id: entry.id, consumer: entry.consumer?.bytes, deliveredAtMs: entry.deliveredAtMs,
          count: entry.deliveryCount))
    }
  }
  mutating func nack(_ id: StreamID) { withGroup { $0.nacks.append(id) } }
  mutating func idmp(_ settings: StreamIDMP) {
    stream.idmp = OwnedStream.IDMP(settings: settings)
  }
  mutating func idmpProducer(_ name: Element, count: Int) {
    stream.idmp?.producers.append(OwnedStream.Producer(name: name.bytes))
  }
  mutating func idmpMessage(_ name: Element, _ id: StreamID) {
    guard let last = stream.idmp?.producers.indices.last else { return }
    stream.idmp?.producers[last].messages.append((name.bytes, id))
  }
  mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    stream.idmp?.added = added
    stream.idmp?.duplicates = duplicates
  }
  mutating func array(count: Int, insertIndex: UInt64?) { self.insertIndex = insertIndex }
  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    arrayElements.append((index, tag, value.bytes))
  }
  mutating func module(name: ModuleName, version: Int) { moduleName = name }
  mutating func modulePart(_ part: ModulePart) {
    switch part {
    case .signed(let value): parts.append(.signed(value))
    case .unsigned(let value): parts.append(.unsigned(value))
    case .float(let value): parts.append(.float(value))
    case .double(let value): parts.append(.double(value))
    case .string(let value): parts.append(.string(value.bytes))
    }
  }
  mutating func gcra(_ arrivalTime: UInt64) { self.arrivalTime = arrivalTime }
}
