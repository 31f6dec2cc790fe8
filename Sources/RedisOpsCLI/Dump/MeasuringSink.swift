import RDB
import RedisCodecs
import RedisModel

/// Counts the elements of a value that passes through to another sink.
struct MeasuringSink<Base: ValueSink & ~Copyable>: ValueSink {
  /// The elements so far: those that `RDBReader.skipValue` counts.
  private(set) var elements = 0
  private let base: UnsafeMutablePointer<Base>

  /// Passes everything on to `base`, which outlives this sink.
  init(_ base: UnsafeMutablePointer<Base>) { self.base = base }

  var isStopped: Bool { base.pointee.isStopped }

  mutating func string(_ value: Element) {
    elements = 1
    base.pointee.string(value)
  }

  mutating func element(_ value: Element) {
    elements &+= 1
    base.pointee.element(value)
  }

  mutating func member(_ member: Element, score: Double) {
    elements &+= 1
    base.pointee.member(member, score: score)
  }

  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {
    elements &+= 1
    base.pointee.field(field, value, expireAtMs: expireAtMs)
  }

  mutating func pathField(path: Element, field: Element, value: Element) {
    elements &+= 1
    base.pointee.pathField(path: path, field: field, value: value)
  }

  mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    elements &+= 1
    base.pointee.streamEntry(id, fieldCount: fieldCount)
  }

  mutating func streamField(_ field: Element, _ value: Element) {
    base.pointee.streamField(field, value)
  }

  mutating func streamMetadata(_ metadata: StreamMetadata) {
    base.pointee.streamMetadata(metadata)
  }

  mutating func group(_ group: StreamGroup) { base.pointee.group(group) }

  mutating func consumer(_ consumer: StreamConsumer) { base.pointee.consumer(consumer) }

  mutating func consumerPending(_ id: StreamID) { base.pointee.consumerPending(id) }

  mutating func pending(_ entry: StreamPending) { base.pointee.pending(entry) }

  mutating func nack(_ id: StreamID) { base.pointee.nack(id) }

  mutating func groupEnd() { base.pointee.groupEnd() }

  mutating func idmp(_ settings: StreamIDMP) { base.pointee.idmp(settings) }

  mutating func idmpProducer(_ name: Element, count: Int) {
    base.pointee.idmpProducer(name, count: count)
  }

  mutating func idmpMessage(_ name: Element, _ id: StreamID) {
    base.pointee.idmpMessage(name, id)
  }

  mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    base.pointee.idmpEnd(added: added, duplicates: duplicates)
  }

  mutating func array(count: Int, insertIndex: UInt64?) {
    base.pointee.array(count: count, insertIndex: insertIndex)
  }

  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {
    elements &+= 1
    base.pointee.arrayElement(index: index, value, tag: tag)
  }

  mutating func module(name: ModuleName, version: Int) {
    base.pointee.module(name: name, version: version)
  }

  mutating func modulePart(_ part: ModulePart) {
    elements &+= 1
    base.pointee.modulePart(part)
  }

  mutating func gcra(_ arrivalTime: UInt64) {
    elements = 1
    base.pointee.gcra(arrivalTime)
  }

  mutating func cron(
    script: Element, startMs: Int64, intervalMs: Int64, keyCount: Int, argumentCount: Int
  ) {
    base.pointee.cron(
      script: script, startMs: startMs, intervalMs: intervalMs, keyCount: keyCount,
      argumentCount: argumentCount)
  }
}
