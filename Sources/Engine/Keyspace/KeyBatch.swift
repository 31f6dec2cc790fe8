/// Keys that were made and wait to be put into their database, several at once.
///
/// A table of millions of keys is in no cache: each key waits for its slot. With a batch the slots
/// are fetched at the same time. Expected gain: 150 ns a key at four million keys.
public struct KeyBatch {
  private static let countMax = 64

  private struct Item {
    var cell: UnsafeMutableRawPointer
    var hash: UInt64
    /// What stood in its slot: kept so that the slot is really read ahead.
    var slot: UInt64 = 0
  }

  private var items: [Item] = []
  private var database = 0

  /// An empty batch.
  public init() { items.reserveCapacity(Self.countMax) }

  /// Takes the key and value over that a loader has.
  ///
  /// - Returns: how many keys of a batch that became full were in their database already, and were
  ///   replaced.
  public mutating func add(
    _ loader: inout ValueLoader, database: Int, to space: inout Keyspace
  ) -> Int {
    guard let cell = loader.take() else { return 0 }
    var doubled = 0
    if database != self.database || items.count == Self.countMax {
      doubled = flush(to: &space)
      self.database = database
    }
    items.append(Item(cell: cell, hash: space.heap.hash(KeyCell.key(of: cell))))
    return doubled
  }

  /// Puts all keys into their database.
  ///
  /// - Returns: how many were there already, and were replaced.
  public mutating func flush(to space: inout Keyspace) -> Int {
    let target = space.databases + database
    for index in items.indices { items[index].slot = target.pointee.keys.touch(items[index].hash) }
    var doubled = 0
    for item in items where !target.pointee.put(item.cell, hash: item.hash, space.heap) {
      doubled += 1
    }
    items.removeAll(keepingCapacity: true)
    return doubled
  }
}
