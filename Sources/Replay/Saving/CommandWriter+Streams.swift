import Engine
import Export
import RedisModel

/// Streams as commands.
extension CommandWriter {
  /// Writes what makes a stream with its groups.
  mutating func stream(_ stream: KeptStream) {
    if stream.count == 0 { placeholder() }
    stream.forEachEntry { entry in
      output.writeArrayHeader(3 + 2 * entry.fieldCount)
      output.write("$4\r\nXADD\r\n")
      output.writeBulk(key)
      output.writeBulk(entry.id)
      entry.forEachField { field, value in
        output.writeBulk(field)
        output.writeBulk(value)
      }
    }
    output.writeArrayHeader(dialect.hasFunctions ? 7 : 3)
    output.write("$6\r\nXSETID\r\n")
    output.writeBulk(key)
    output.writeBulk(stream.lastID)
    if dialect.hasFunctions {
      output.write("$12\r\nENTRIESADDED\r\n")
      output.writeBulk(decimal: stream.entriesAdded)
      output.write("$12\r\nMAXDELETEDID\r\n")
      output.writeBulk(stream.maxDeletedID)
    }
    stream.forEachGroup { group($0) }
    if let producers = stream.producers, dialect.hasProducers { write(producers) }
  }

  private mutating func write(_ producers: KeptProducers) {
    if !producers.hasUsualSettings {
      output.write("*6\r\n$7\r\nXCFGSET\r\n")
      output.writeBulk(key)
      output.write("$13\r\nIDMP-DURATION\r\n")
      output.writeBulk(decimal: producers.durationSeconds)
      output.write("$12\r\nIDMP-MAXSIZE\r\n")
      output.writeBulk(decimal: producers.countMax)
    }
    producers.forEach { name, messages in
      for message in messages {
        output.write("*5\r\n$11\r\nXIDMPRECORD\r\n")
        output.writeBulk(key)
        output.writeBulk(name)
        output.writeBulk(message.name)
        output.writeBulk(message.id)
      }
    }
  }

  /// Makes the key of a stream without entries: one is added and trimmed at once.
  private mutating func placeholder() {
    output.write("*7\r\n$4\r\nXADD\r\n")
    output.writeBulk(key)
    output.write("$6\r\nMAXLEN\r\n$1\r\n0\r\n$3\r\n0-1\r\n$1\r\nx\r\n$1\r\ny\r\n")
  }

  private mutating func group(_ group: KeptGroup) {
    output.writeArrayHeader(dialect.hasFunctions ? 7 : 5)
    output.write("$6\r\nXGROUP\r\n$6\r\nCREATE\r\n")
    output.writeBulk(key)
    output.writeBulk(group.name)
    output.writeBulk(group.lastID)
    if dialect.hasFunctions {
      output.write("$11\r\nENTRIESREAD\r\n")
      output.writeBulk(decimal: group.entriesRead)
    }
    for consumer in group.consumers where consumer.pending.isEmpty {
      self.consumer(consumer.name, of: group)
    }
    group.forEachPending { entry in
      guard let consumer = entry.consumer else { return }
      output.write("*12\r\n$6\r\nXCLAIM\r\n")
      output.writeBulk(key)
      output.writeBulk(group.name)
      output.writeBulk(consumer)
      output.write("$1\r\n0\r\n")
      output.writeBulk(entry.id)
      output.write("$4\r\nTIME\r\n")
      output.writeBulk(decimal: entry.deliveredMs)
      output.write("$10\r\nRETRYCOUNT\r\n")
      output.writeBulk(decimal: entry.deliveryCount)
      output.write("$6\r\nJUSTID\r\n$5\r\nFORCE\r\n")
    }
  }

  /// Makes a consumer that has nothing pending.
  private mutating func consumer(_ name: Bytes, of group: KeptGroup) {
    if dialect.createsConsumers {
      output.write("*5\r\n$6\r\nXGROUP\r\n$14\r\nCREATECONSUMER\r\n")
      output.writeBulk(key)
      output.writeBulk(group.name)
      output.writeBulk(name)
    } else {
      // On older servers reading its own empty history makes a consumer.
      output.write("*7\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n")
      output.writeBulk(group.name)
      output.writeBulk(name)
      output.write("$7\r\nSTREAMS\r\n")
      output.writeBulk(key)
      output.write("$1\r\n0\r\n")
    }
  }
}
