/// Keys that were made and wait to be put into their database, several at once.
///
/// A table of millions of keys is in no cache: each key waits for its slot. With a batch the slots
/// are fetched at the same time. Expected gain: 150 ns a key at four million keys.
public struct KeyBatch {
  /// As many as are fetched at the same time.
  private static let stepCount = 64

  private struct Item {
    var cell: UnsafeMutableRawPointer
    var hash: UInt64
    var database: Int
    /// What stood in its slot: kept so that the slot is really read ahead.
    var slot: UInt64 = 0
  }

  private var items: [Item] = []

  /// An empty batch.
  public init() {}

  /// Whether it is time to put the keys in, for who need not wait with that.
  public var isFull: Bool { items.count >= Self.stepCount }

  /// Takes the key and value over that a loader has.
  public mutating func add(_ loader: inout ValueLoader, database: Int) {
    guard let cell = loader.take() else { return }
    let hash = loader.heap.hash(KeyCell.key(of: cell))
    items.append(Item(cell: cell, hash: hash, database: database))
  }

  /// Puts all keys into their databases, each of which is there.
  ///
  /// - Returns: how many were there already, and were replaced.
  public mutating func flush(to space: inout Keyspace) -> Int {
    var doubled = 0
    for start in stride(from: 0, to: items.count, by: Self.stepCount) {
      let step = start..<min(start + Self.stepCount, items.count)
      for index in step {
        let item = items[index]
        items[index].slot = space.databases[item.database].keys.touch(item.hash)
      }
      for item in items[step] {
        let target = space.databases + item.database
        if !target.pointee.put(item.cell, hash: item.hash, space.heap) { doubled += 1 }
      }
    }
    items.removeAll(keepingCapacity: true)
    return doubled
  }

  /// Gives all keys back to the area that they were made in: they are not wanted.
  public mutating func discard(_ area: LoadArea) {
    for item in items {
      if KeyCell.form(of: item.cell) != .embedded {
        KeyCell.value(of: item.cell).destroy(area.heap)
      }
      area.heap.deallocate(item.cell, KeyCell.byteCount(of: item.cell))
    }
    items.removeAll()
  }
}
