/// A key that was found: its slot in the table and its cell. Valid until the table changes.
struct KeyHandle: BitwiseCopyable {
  /// The slot in the database's table.
  var slot: Int
  /// The key's cell.
  var cell: UnsafeMutableRawPointer

  /// How the value is kept.
  @inline(__always)
  var form: ValueForm { KeyCell.form(of: cell) }

  /// The value, where it is not an embedded string.
  @inline(__always)
  var value: Value { KeyCell.value(of: cell) }

  /// When the key expires, Unix milliseconds; `nil` for never.
  @inline(__always)
  var expiry: Int64? { KeyCell.expiry(of: cell) }
}

/// One numbered database: its keys, and how many of them expire.
struct Database: BitwiseCopyable {
  /// The keys.
  var keys: CellTable<KeyCell>
  /// How many keys have an expiry.
  var expiryCount = 0

  /// An empty database.
  init(_ heap: Heap) { keys = CellTable(heap) }

  /// The key, expired or not.
  @inline(__always)
  func find(_ key: Bytes, _ heap: Heap) -> KeyHandle? {
    guard let slot = keys.find(key, hash: heap.hash(key)), let cell = keys.cell(at: slot) else {
      return nil
    }
    return KeyHandle(slot: slot, cell: cell)
  }

  /// Adds a key that is not there.
  @inline(__always) @discardableResult
  mutating func add(_ cell: UnsafeMutableRawPointer, _ heap: Heap) -> KeyHandle {
    if KeyCell.hasExpiry(cell) { expiryCount &+= 1 }
    let slot = keys.insert(cell, hash: heap.hash(KeyCell.key(of: cell)), heap)
    return KeyHandle(slot: slot, cell: cell)
  }

  /// Adds a key, or puts it in the place of the one of that name, with its value.
  ///
  /// - Returns: whether it is new.
  mutating func put(_ cell: UnsafeMutableRawPointer, hash: UInt64, _ heap: Heap) -> Bool {
    let key = KeyCell.key(of: cell)
    var isNew = true
    if let slot = keys.find(key, hash: hash), let old = keys.cell(at: slot) {
      remove(KeyHandle(slot: slot, cell: old), heap)
      isNew = false
    }
    if KeyCell.hasExpiry(cell) { expiryCount &+= 1 }
    keys.insert(cell, hash: hash, heap)
    return isNew
  }

  /// Puts another cell of the same key in the place of one, whose value is the caller's.
  @inline(__always) @discardableResult
  mutating func replace(
    _ old: KeyHandle, by cell: UnsafeMutableRawPointer, _ heap: Heap
  ) -> KeyHandle {
    if KeyCell.hasExpiry(old.cell) { expiryCount &-= 1 }
    if KeyCell.hasExpiry(cell) { expiryCount &+= 1 }
    heap.deallocate(old.cell, KeyCell.byteCount(of: old.cell))
    keys.replace(at: old.slot, by: cell)
    return KeyHandle(slot: old.slot, cell: cell)
  }

  /// Takes a key out, without its value.
  @inline(__always)
  mutating func removeKey(_ handle: KeyHandle, _ heap: Heap) {
    if KeyCell.hasExpiry(handle.cell) { expiryCount &-= 1 }
    keys.remove(at: handle.slot)
    heap.deallocate(handle.cell, KeyCell.byteCount(of: handle.cell))
  }

  /// Takes a key and its value out.
  mutating func remove(_ handle: KeyHandle, _ heap: Heap) {
    if handle.form != .embedded { handle.value.destroy(heap) }
    removeKey(handle, heap)
  }

  /// Takes all keys out.
  mutating func removeAll(_ heap: Heap) {
    for slot in 0..<keys.capacity {
      guard let cell = keys.cell(at: slot) else { continue }
      remove(KeyHandle(slot: slot, cell: cell), heap)
    }
    keys.destroy(heap)
    self = Database(heap)
  }
}
