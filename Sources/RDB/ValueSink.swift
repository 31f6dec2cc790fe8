import RedisCodecs
import RedisModel

/// Receives a value element by element while `RDBReader` walks it: the third level of the parser.
///
/// Elements are borrowed and valid during the call only. A method that a sink does not need has an
/// empty default. Sinks do not throw: one that cannot go on sets `isStopped`, which the reader
/// looks at whenever it refills its window and after each value.
public protocol ValueSink: ~Copyable {
  /// True when the reader should give up with `RDBError.Kind.stopped`.
  var isStopped: Bool { get }

  /// Whether `string` is to be called for a compressed string whose first bytes, at most four, are
  /// `front` (little endian). Otherwise it is only checked, which is quicker than unpacking it.
  func wantsString(beginning front: UInt32) -> Bool
  /// The value of a string key.
  mutating func string(_ value: Element)
  /// The next element of a list (head to tail) or member of a set (file order).
  mutating func element(_ value: Element)
  /// The next member of a sorted set, in file order.
  mutating func member(_ member: Element, score: Double)
  /// The next field of a hash. `expireAtMs` is Unix milliseconds, `nil` for none.
  mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?)
  /// The next field of a path hash (Valkey RDB 81).
  mutating func pathField(path: Element, field: Element, value: Element)

  /// The next live entry of a stream; `fieldCount` calls of `streamField` follow.
  mutating func streamEntry(_ id: StreamID, fieldCount: Int)
  /// The next field of the stream entry announced last.
  mutating func streamField(_ field: Element, _ value: Element)
  /// What the stream says of itself; comes after all entries.
  mutating func streamMetadata(_ metadata: StreamMetadata)
  /// A consumer group begins; then its consumers, its pending entries, its NACK zone, its end.
  mutating func group(_ group: StreamGroup)
  /// A consumer of the group; `pendingCount` calls of `consumerPending` follow.
  mutating func consumer(_ consumer: StreamConsumer)
  /// The next id that the consumer announced last has to acknowledge.
  mutating func consumerPending(_ id: StreamID)
  /// The next entry of the group's pending list (PEL), in file order.
  mutating func pending(_ entry: StreamPending)
  /// The next id of the group's NACK zone (Redis RDB 14).
  mutating func nack(_ id: StreamID)
  /// The group is complete.
  mutating func groupEnd()
  /// The settings of idempotent producers (IDMP, Redis RDB 13).
  mutating func idmp(_ settings: StreamIDMP)
  /// A producer with `count` remembered message ids.
  mutating func idmpProducer(_ name: Element, count: Int)
  /// The next message id of the producer announced last, and the entry that it gave.
  mutating func idmpMessage(_ name: Element, _ id: StreamID)
  /// The counters of idempotent producers; comes after all producers.
  mutating func idmpEnd(added: UInt64, duplicates: UInt64)

  /// An array begins: `count` elements follow; the insertion cursor, if it has one.
  mutating func array(count: Int, insertIndex: UInt64?)
  /// The next element of an array; what it holds as text, whatever its tag.
  mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag)

  /// A module value begins; its parts follow.
  mutating func module(name: ModuleName, version: Int)
  /// The next part of a module value.
  mutating func modulePart(_ part: ModulePart)

  /// The theoretical arrival time of a GCRA rate limiter (some builds of Redis 8.8).
  mutating func gcra(_ arrivalTime: UInt64)
  /// A KeyDB cron job begins; `keyCount` + `argumentCount` calls of `element` follow.
  mutating func cron(
    script: Element, startMs: Int64, intervalMs: Int64, keyCount: Int, argumentCount: Int)
}

// The protocol says what each one is for; these do nothing.
// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension ValueSink where Self: ~Copyable {
  @inlinable public var isStopped: Bool { false }
  @inlinable public func wantsString(beginning front: UInt32) -> Bool { true }
  @inlinable public mutating func string(_ value: Element) {}
  @inlinable public mutating func element(_ value: Element) {}
  @inlinable public mutating func member(_ member: Element, score: Double) {}
  @inlinable public mutating func field(_ field: Element, _ value: Element, expireAtMs: Int64?) {}
  @inlinable public mutating func pathField(path: Element, field: Element, value: Element) {}
  @inlinable public mutating func streamEntry(_ id: StreamID, fieldCount: Int) {}
  @inlinable public mutating func streamField(_ field: Element, _ value: Element) {}
  @inlinable public mutating func streamMetadata(_ metadata: StreamMetadata) {}
  @inlinable public mutating func group(_ group: StreamGroup) {}
  @inlinable public mutating func consumer(_ consumer: StreamConsumer) {}
  @inlinable public mutating func consumerPending(_ id: StreamID) {}
  @inlinable public mutating func pending(_ entry: StreamPending) {}
  @inlinable public mutating func nack(_ id: StreamID) {}
  @inlinable public mutating func groupEnd() {}
  @inlinable public mutating func idmp(_ settings: StreamIDMP) {}
  @inlinable public mutating func idmpProducer(_ name: Element, count: Int) {}
  @inlinable public mutating func idmpMessage(_ name: Element, _ id: StreamID) {}
  @inlinable public mutating func idmpEnd(added: UInt64, duplicates: UInt64) {}
  @inlinable public mutating func array(count: Int, insertIndex: UInt64?) {}
  @inlinable public mutating func arrayElement(index: UInt64, _ value: Element, tag: ArrayTag) {}
  @inlinable public mutating func module(name: ModuleName, version: Int) {}
  @inlinable public mutating func modulePart(_ part: ModulePart) {}
  @inlinable public mutating func gcra(_ arrivalTime: UInt64) {}
  @inlinable public mutating func cron(
    script: Element, startMs: Int64, intervalMs: Int64, keyCount: Int, argumentCount: Int
  ) {}
}
