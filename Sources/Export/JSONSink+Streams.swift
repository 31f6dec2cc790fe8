import ByteKit
import RDB
import RedisCodecs
import RedisModel

// The object of a stream: entries, what the stream says of itself, groups, idempotent producers.
extension JSONSink {
  /// Opens the object of an entry.
  public mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    separate()
    output.writer.write("{\"id\":")
    output.writer.writeJSON(id)
    output.writer.write(",\"fields\":[")
    announce(fieldCount)
  }

  /// Writes `[field, value]` and, behind the last, closes the entry.
  public mutating func streamField(_ field: Element, _ value: Element) {
    separate()
    output.writer.write(UInt8(ascii: "["))
    output.writer.writeJSON(field)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(value)
    output.writer.write(UInt8(ascii: "]"))
    countDown()
  }

  /// Closes the entries, writes what the stream says of itself and opens the groups.
  public mutating func streamMetadata(_ metadata: StreamMetadata) {
    output.writer.write("],\"length\":")
    output.writer.write(decimal: metadata.length)
    output.writer.write(",\"lastId\":")
    output.writer.writeJSON(metadata.lastID)
    if let firstID = metadata.firstID {
      output.writer.write(",\"firstId\":")
      output.writer.writeJSON(firstID)
    }
    if let maxDeletedID = metadata.maxDeletedID {
      output.writer.write(",\"maxDeletedId\":")
      output.writer.writeJSON(maxDeletedID)
    }
    if let entriesAdded = metadata.entriesAdded {
      output.writer.write(",\"entriesAdded\":")
      output.writer.write(decimal: entriesAdded)
    }
    output.writer.write(",\"groups\":[")
    needsComma = false
    stage = .groups
  }

  /// Opens the object of a group.
  public mutating func group(_ group: StreamGroup) {
    separate()
    output.writer.write("{\"name\":")
    output.writer.writeJSON(group.name)
    output.writer.write(",\"lastDeliveredId\":")
    output.writer.writeJSON(group.lastDeliveredID)
    if let entriesRead = group.entriesRead {
      output.writer.write(",\"entriesRead\":")
      output.writer.write(decimal: entriesRead)
    }
    output.writer.write(",\"consumers\":[")
    needsComma = false
    stage = .consumers
  }

  /// Opens the object of a consumer.
  public mutating func consumer(_ consumer: StreamConsumer) {
    separate()
    output.writer.write("{\"name\":")
    output.writer.writeJSON(consumer.name)
    output.writer.write(",\"seenAtMs\":")
    output.writer.write(decimal: consumer.seenAtMs)
    if let activeAtMs = consumer.activeAtMs {
      output.writer.write(",\"activeAtMs\":")
      output.writer.write(decimal: activeAtMs)
    }
    output.writer.write(",\"pending\":[")
    announce(consumer.pendingCount)
  }

  /// Writes the id and, behind the last, closes the consumer.
  public mutating func consumerPending(_ id: StreamID) {
    separate()
    output.writer.writeJSON(id)
    countDown()
  }

  /// Writes an entry of the group's pending list.
  public mutating func pending(_ entry: StreamPending) {
    if stage == .consumers { open(.pending, "],\"pending\":[") }
    separate()
    output.writer.write("{\"id\":")
    output.writer.writeJSON(entry.id)
    if let consumer = entry.consumer {
      output.writer.write(",\"consumer\":")
      output.writer.writeJSON(consumer)
    }
    output.writer.write(",\"deliveredAtMs\":")
    output.writer.write(decimal: entry.deliveredAtMs)
    output.writer.write(",\"deliveries\":")
    output.writer.write(decimal: entry.deliveryCount)
    output.writer.write(UInt8(ascii: "}"))
  }

  /// Writes an id of the group's NACK zone.
  public mutating func nack(_ id: StreamID) {
    if stage == .consumers { open(.pending, "],\"pending\":[") }
    if stage == .pending { open(.nack, "],\"nack\":[") }
    separate()
    output.writer.writeJSON(id)
  }

  /// Closes the group.
  public mutating func groupEnd() {
    if stage == .consumers { open(.pending, "],\"pending\":[") }
    output.writer.write("]}")
    needsComma = true
    stage = .groups
  }

  /// Closes the groups and opens the object of idempotent producers.
  public mutating func idmp(_ settings: StreamIDMP) {
    output.writer.write("],\"idmp\":{\"durationSeconds\":")
    output.writer.write(decimal: settings.durationSeconds)
    output.writer.write(",\"entriesMax\":")
    output.writer.write(decimal: settings.entriesMax)
    output.writer.write(",\"producers\":[")
    needsComma = false
    stage = .producers
  }

  /// Opens the object of a producer.
  public mutating func idmpProducer(_ name: Element, count: Int) {
    separate()
    output.writer.write("{\"name\":")
    output.writer.writeJSON(name)
    output.writer.write(",\"messages\":[")
    announce(count)
  }

  /// Writes `[message id, entry id]` and, behind the last, closes the producer.
  public mutating func idmpMessage(_ name: Element, _ id: StreamID) {
    separate()
    output.writer.write(UInt8(ascii: "["))
    output.writer.writeJSON(name)
    output.writer.write(UInt8(ascii: ","))
    output.writer.writeJSON(id)
    output.writer.write(UInt8(ascii: "]"))
    countDown()
  }

  /// Closes the object of idempotent producers.
  public mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    output.writer.write("],\"added\":")
    output.writer.write(decimal: added)
    output.writer.write(",\"duplicates\":")
    output.writer.write(decimal: duplicates)
    output.writer.write(UInt8(ascii: "}"))
    stage = .finished
  }

  /// Opens the list of the `count` calls that follow, the last member of its object.
  private mutating func announce(_ count: Int) {
    announced = count
    needsComma = false
    if count == 0 { closeAnnounced() }
  }

  /// Closes list and object when all the calls announced have come.
  @inline(__always)
  private mutating func countDown() {
    announced &-= 1
    if announced == 0 { closeAnnounced() }
  }

  private mutating func closeAnnounced() {
    output.writer.write("]}")
    needsComma = true
  }

  /// Goes from one list of a group to the next.
  private mutating func open(_ next: Stage, _ text: StaticString) {
    output.writer.write(text)
    needsComma = false
    stage = next
  }
}
