import Engine
import RDB
import RedisModel

/// Streams as snapshots have them.
extension ValueWriter {
  /// A listpack of so many bytes may have more entries than its header can state.
  private static let countedByteCountMax = 2 * 65535
  /// Where a listpack states the number of its entries, and how many bytes that takes.
  private static let countRange = 4..<6

  /// Writes the body of a stream.
  ///
  /// - Parameter type: 15, 19, 21, 26 or 27; what an older type does not have is left out.
  mutating func stream(_ stream: KeptStream, type: UInt8) {
    file.length(stream.nodeCount)
    stream.forEachNode { master, listpack in
      file.byte(16)
      file.rawID(master)
      node(listpack)
    }
    file.length(stream.count)
    file.id(stream.lastID)
    if type >= 19 {
      file.id(stream.firstID)
      file.id(stream.maxDeletedID)
      file.length(stream.entriesAdded)
    }
    file.length(stream.groupCount)
    stream.forEachGroup { group($0, type: type) }
    if type >= 26 { producers(stream.producers) }
  }

  /// Writes the listpack of a node; that of a very large one says that it has to be counted.
  private mutating func node(_ listpack: UnsafeRawBufferPointer) {
    if listpack.count <= Self.countedByteCountMax { return file.blob(listpack) }
    file.length(listpack.count)
    file.bytes(UnsafeRawBufferPointer(rebasing: listpack[..<Self.countRange.lowerBound]))
    for _ in Self.countRange { file.byte(0xff) }
    file.bytes(UnsafeRawBufferPointer(rebasing: listpack[Self.countRange.upperBound...]))
  }

  private mutating func group(_ group: KeptGroup, type: UInt8) {
    file.string(group.name)
    file.id(group.lastID)
    if type >= 19 { file.length(UInt64(bitPattern: group.entriesRead)) }
    // What is nobody's has a place from type 27 on only.
    let keepsUnowned = type >= 27
    file.length(group.pendingCount - (keepsUnowned ? 0 : group.unownedCount))
    group.forEachPending { entry in
      if entry.consumer == nil, !keepsUnowned { return }
      file.rawID(entry.id)
      file.integer(entry.deliveredMs)
      file.length(UInt64(bitPattern: max(0, entry.deliveryCount)))
    }
    let consumers = group.consumers
    file.length(consumers.count)
    for consumer in consumers {
      file.string(consumer.name)
      file.integer(consumer.seenMs)
      if type >= 21 { file.integer(consumer.activeMs) }
      file.length(consumer.pending.count)
      for id in consumer.pending { file.rawID(id) }
    }
    guard keepsUnowned else { return }
    file.length(group.unownedCount)
    group.forEachPending { if $0.consumer == nil { file.rawID($0.id) } }
  }

  /// Writes what is remembered of idempotent producers; a stream begins with 100 seconds and 100
  /// messages of each.
  private mutating func producers(_ producers: KeptProducers?) {
    file.length(producers?.durationSeconds ?? 100)
    file.length(producers?.countMax ?? 100)
    var count = 0
    producers?.forEach { _, _ in count += 1 }
    file.length(count)
    producers?.forEach { name, messages in
      file.string(name)
      file.length(messages.count)
      for message in messages {
        file.string(message.name)
        file.id(message.id)
      }
    }
    file.length(producers?.added ?? 0)
    file.length(producers?.duplicates ?? 0)
  }
}
