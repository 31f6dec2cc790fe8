import ByteKit
import RDB
import RedisCodecs
import RedisModel

// How a stream is rebuilt.
//
// `XCLAIM … FORCE` makes a pending entry only while the entry itself is in the stream, and `XADD`
// only appends. So for each pending id that is gone from the stream a placeholder is put among the
// entries, in order, claimed, and taken out again: by `XTRIM` what lies below the first live entry
// (trimming does not touch the max deleted id), by `XDEL` the rest; `XSETID` then sets what the
// stream says of itself. Not rebuilt: when consumers were seen and active; delivery times that lie
// in the server's future, which it cuts to its own clock; and a max deleted id of 0-0 where `XDEL`
// had to be used (streams of Redis 5 and 6, which do not store it), for `XSETID` cannot lower it
// so.
extension RESPSink {
  /// Ids in one `XDEL`.
  private static let idCountMax = 1000
  /// The settings of idempotent producers that a server starts with: 100 seconds, 100 entries.
  private static let idmpDefault: UInt64 = 100

  /// Holds the head of an `XADD`.
  public mutating func streamEntry(_ id: StreamID, fieldCount: Int) {
    guard fieldCount > 0, id != .zero else { return note(.streamEntry) }
    stream.addEntry(id)
    stream.entries.writer.writeArrayHeader(2 * fieldCount + 3)
    stream.entries.writer.write("$4\r\nXADD\r\n")
    stream.entries.writer.writeBulk(key)
    stream.entries.writer.writeBulk(id)
  }

  /// Holds two arguments of the `XADD`.
  public mutating func streamField(_ field: Element, _ value: Element) {
    stream.entries.writer.writeBulk(field)
    stream.entries.writer.writeBulk(value)
  }

  /// Keeps what the stream says of itself for the `XSETID`.
  public mutating func streamMetadata(_ metadata: StreamMetadata) {
    stream.metadata = metadata
  }

  /// Holds an `XGROUP CREATE`.
  public mutating func group(_ group: StreamGroup) {
    stream.groupName = group.name.bytes
    stream.groups.writer.writeArrayHeader(target.hasFunctions ? 7 : 5)
    stream.groups.writer.write("$6\r\nXGROUP\r\n$6\r\nCREATE\r\n")
    stream.groups.writer.writeBulk(key)
    stream.groups.writer.writeBulk(stream.groupName)
    stream.groups.writer.writeBulk(group.lastDeliveredID)
    guard target.hasFunctions else { return }
    stream.groups.writer.write("$11\r\nENTRIESREAD\r\n")
    let entriesRead = group.entriesRead ?? derivedEntriesRead(group.lastDeliveredID)
    stream.groups.writer.writeBulk(decimal: max(entriesRead, -1))
  }

  /// Holds what makes a consumer that has nothing pending.
  public mutating func consumer(_ consumer: StreamConsumer) {
    // A consumer with pending entries comes into being with the first claim.
    guard consumer.pendingCount == 0 else { return }
    if target.hasSetPXAT {
      stream.groups.writer.write("*5\r\n$6\r\nXGROUP\r\n$14\r\nCREATECONSUMER\r\n")
      stream.groups.writer.writeBulk(key)
      stream.groups.writer.writeBulk(stream.groupName)
      stream.groups.writer.writeBulk(consumer.name)
    } else {
      // Reading its own empty history is what makes a consumer on older servers.
      stream.groups.writer.write("*7\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n")
      stream.groups.writer.writeBulk(stream.groupName)
      stream.groups.writer.writeBulk(consumer.name)
      stream.groups.writer.write("$7\r\nSTREAMS\r\n")
      stream.groups.writer.writeBulk(key)
      stream.groups.writer.write("$1\r\n0\r\n")
    }
  }

  /// Holds an `XCLAIM`.
  public mutating func pending(_ entry: StreamPending) {
    guard let consumer = entry.consumer else {
      stream.hasNack = true
      return
    }
    guard entry.id != .zero else { return note(.streamEntry) }
    stream.addPending(entry.id)
    stream.groups.writer.write("*12\r\n$6\r\nXCLAIM\r\n")
    stream.groups.writer.writeBulk(key)
    stream.groups.writer.writeBulk(stream.groupName)
    stream.groups.writer.writeBulk(consumer)
    stream.groups.writer.write("$1\r\n0\r\n")
    stream.groups.writer.writeBulk(entry.id)
    stream.groups.writer.write("$4\r\nTIME\r\n")
    stream.groups.writer.writeBulk(decimal: entry.deliveredAtMs)
    stream.groups.writer.write("$10\r\nRETRYCOUNT\r\n")
    stream.groups.writer.writeBulk(decimal: min(entry.deliveryCount, UInt64(Int64.max)))
    stream.groups.writer.write("$6\r\nJUSTID\r\n$5\r\nFORCE\r\n")
  }

  /// Holds an `XCFGSET` where the settings are not the default.
  public mutating func idmp(_ settings: StreamIDMP) {
    let isDefault =
      settings.durationSeconds == Self.idmpDefault && settings.entriesMax == Self.idmpDefault
    guard !isDefault else { return }
    stream.hasIDMP = true
    guard target.hasIDMP else { return }
    stream.groups.writer.write("*6\r\n$7\r\nXCFGSET\r\n")
    stream.groups.writer.writeBulk(key)
    stream.groups.writer.write("$13\r\nIDMP-DURATION\r\n")
    stream.groups.writer.writeBulk(decimal: settings.durationSeconds)
    stream.groups.writer.write("$12\r\nIDMP-MAXSIZE\r\n")
    stream.groups.writer.writeBulk(decimal: settings.entriesMax)
  }

  /// Keeps the producer's name for its messages.
  public mutating func idmpProducer(_ name: Element, count: Int) {
    stream.hasIDMP = true
    stream.producerName = name.bytes
  }

  /// Holds an `XIDMPRECORD`.
  public mutating func idmpMessage(_ name: Element, _ id: StreamID) {
    guard target.hasIDMP else { return }
    stream.groups.writer.write("*5\r\n$11\r\nXIDMPRECORD\r\n")
    stream.groups.writer.writeBulk(key)
    stream.groups.writer.writeBulk(stream.producerName)
    stream.groups.writer.writeBulk(name)
    stream.groups.writer.writeBulk(id)
  }

  /// Notes counters, which no command sets.
  public mutating func idmpEnd(added: UInt64, duplicates: UInt64) {
    if added > 0 || duplicates > 0 { stream.hasIDMP = true }
  }

  /// Writes the commands of the stream that is held, and forgets it.
  mutating func writeStream() {
    if stream.hasNack { note(.nack) }
    if stream.hasIDMP, !target.hasIDMP { note(.idmp) }
    let gone = stream.goneIDs()
    let length = stream.length
    let lastLive = length > 0 ? stream.entryID(length - 1) : .zero
    let top = max(lastLive, gone.last ?? .zero)
    if length == 0, gone.isEmpty {
      writeEmptyStream()
    } else {
      writeEntries(among: gone)
    }
    writeSetID(atLeast: top, length: length + gone.count)
    stream.groups.move(to: &output.writer)
    if !gone.isEmpty {
      removePlaceholders(gone, length: length)
      writeSetID(atLeast: lastLive, length: length)
    }
    stream.begin()
  }

  /// What a server works out while it loads a group whose type stores no count: see
  /// `streamEstimateDistanceFromFirstEverEntry` in redis/src/t_stream.c, with no deleted entries.
  private func derivedEntriesRead(_ id: StreamID) -> Int64 {
    let length = stream.length
    guard length > 0 else { return 0 }
    if id == stream.metadata?.lastID { return Int64(length) }
    let first = stream.entryID(0)
    if id < first { return 0 }
    return id == first ? 1 : -1
  }

  /// Makes the key without entries: one is added and trimmed at once.
  private mutating func writeEmptyStream() {
    let last = stream.metadata?.lastID ?? .zero
    output.writer.write("*7\r\n$4\r\nXADD\r\n")
    output.writer.writeBulk(key)
    output.writer.write("$6\r\nMAXLEN\r\n$1\r\n0\r\n")
    output.writer.writeBulk(last == .zero ? StreamID(milliseconds: 0, sequence: 1) : last)
    output.writer.write("$1\r\nx\r\n$1\r\ny\r\n")
  }

  /// Writes the live entries, and placeholders for `gone` where they belong.
  private mutating func writeEntries(among gone: [StreamID]) {
    var position = 0
    for id in gone {
      let range = stream.entries(from: position, below: id)
      stream.writeEntries(range, to: &output.writer)
      position = range.upperBound
      output.writer.write("*5\r\n$4\r\nXADD\r\n")
      output.writer.writeBulk(key)
      output.writer.writeBulk(id)
      output.writer.write("$1\r\nx\r\n$1\r\ny\r\n")
    }
    stream.writeEntries(position..<stream.length, to: &output.writer)
  }

  /// Takes the placeholders out of a stream that is left with `length` entries.
  private mutating func removePlaceholders(_ gone: [StreamID], length: Int) {
    let firstLive = length > 0 ? stream.entryID(0) : nil
    let inside = gone.filter { id in firstLive.map { $0 < id } ?? false }
    for start in stride(from: 0, to: inside.count, by: Self.idCountMax) {
      let ids = inside[start..<min(start + Self.idCountMax, inside.count)]
      output.writer.writeArrayHeader(ids.count + 2)
      output.writer.write("$4\r\nXDEL\r\n")
      output.writer.writeBulk(key)
      for id in ids { output.writer.writeBulk(id) }
    }
    guard inside.count < gone.count else { return }
    output.writer.write("*4\r\n$5\r\nXTRIM\r\n")
    output.writer.writeBulk(key)
    output.writer.write("$6\r\nMAXLEN\r\n")
    output.writer.writeBulk(decimal: Int64(length))
  }

  /// Sets what the stream says of itself, as far as a stream of `length` entries up to `top` may.
  private mutating func writeSetID(atLeast top: StreamID, length: Int) {
    output.writer.writeArrayHeader(target.hasFunctions ? 7 : 3)
    output.writer.write("$6\r\nXSETID\r\n")
    output.writer.writeBulk(key)
    output.writer.writeBulk(max(stream.metadata?.lastID ?? .zero, top))
    guard target.hasFunctions else { return }
    output.writer.write("$12\r\nENTRIESADDED\r\n")
    output.writer.writeBulk(
      decimal: max(stream.metadata?.entriesAdded ?? 0, UInt64(length)))
    output.writer.write("$12\r\nMAXDELETEDID\r\n")
    output.writer.writeBulk(stream.metadata?.maxDeletedID ?? .zero)
  }
}
