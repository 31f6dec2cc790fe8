/// A field of a large hash: `u32 value count, u32 field count, field, [i64 expiry], value`; the top
/// bit of the value's count says whether there is an expiry.
enum FieldCell: CellLayout {
  /// Where the field begins.
  static let keyOffset = 8
  private static let expiryFlag: UInt32 = 1 << 31

  @inline(__always)
  private static func word(_ cell: UnsafeMutableRawPointer) -> UInt32 { cell.load(as: UInt32.self) }

  @inline(__always)
  private static func behindField(_ cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ Int(cell.load(fromByteOffset: 4, as: UInt32.self))
  }

  /// When the field expires, Unix milliseconds; `nil` for never.
  @inline(__always)
  static func expiry(of cell: UnsafeMutableRawPointer) -> Int64? {
    guard word(cell) & expiryFlag != 0 else { return nil }
    return cell.loadUnaligned(fromByteOffset: behindField(cell), as: Int64.self)
  }

  /// The value's bytes.
  @inline(__always)
  static func value(of cell: UnsafeMutableRawPointer) -> Bytes {
    let word = word(cell)
    return Bytes(
      start: cell + (behindField(cell) &+ (word & expiryFlag == 0 ? 0 : 8)),
      count: Int(word & ~expiryFlag))
  }

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    let word = word(cell)
    return behindField(cell) &+ (word & expiryFlag == 0 ? 0 : 8) &+ Int(word & ~expiryFlag)
  }

  /// A new cell.
  static func make(
    _ field: Bytes, _ value: Bytes, expiry: Int64?, _ heap: Heap
  ) -> UnsafeMutableRawPointer {
    let front = keyOffset &+ field.count &+ (expiry == nil ? 0 : 8)
    let cell = heap.allocate(front &+ value.count)
    let count = UInt32(truncatingIfNeeded: value.count)
    cell.storeBytes(of: count | (expiry == nil ? 0 : expiryFlag), as: UInt32.self)
    setKey(field, of: cell)
    if let expiry {
      cell.storeBytes(of: expiry, toByteOffset: front &- 8, as: Int64.self)
    }
    if let source = value.baseAddress {
      (cell + front).copyMemory(from: source, byteCount: value.count)
    }
    return cell
  }
}

/// The head of a large hash, or of any hash with fields that expire.
struct FieldTable: HeapObject {
  /// The fields.
  var cells: CellTable<FieldCell>
  /// How many of them expire.
  var expiryCount = 0

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    destroyCells(heap)
    deallocate(heap, at: address)
  }

  /// Gives the fields back, not the head.
  func destroyCells(_ heap: Heap) {
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      heap.deallocate(cell, FieldCell.byteCount(of: cell))
    }
    cells.destroy(heap)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value { Value(.tableHash, copyCells(heap).allocate(heap)) }

  /// A copy whose head the caller keeps.
  func copyCells(_ heap: Heap) -> FieldTable {
    var copy = FieldTable(cells: CellTable(heap, expected: cells.count))
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      copy.set(
        FieldCell.key(of: cell), FieldCell.value(of: cell), expiry: FieldCell.expiry(of: cell),
        heap)
    }
    return copy
  }

  /// The cell of a field.
  func cell(_ field: Bytes, _ heap: Heap) -> UnsafeMutableRawPointer? {
    cells.find(field, hash: heap.hash(field)).flatMap { cells.cell(at: $0) }
  }

  /// Sets a field.
  ///
  /// - Parameter value: lies outside the field's own cell.
  /// - Returns: whether it is new.
  @discardableResult
  mutating func set(_ field: Bytes, _ value: Bytes, expiry: Int64?, _ heap: Heap) -> Bool {
    let hash = heap.hash(field)
    if expiry != nil { expiryCount &+= 1 }
    let cell = FieldCell.make(field, value, expiry: expiry, heap)
    guard let slot = cells.find(field, hash: hash), let old = cells.cell(at: slot) else {
      cells.insert(cell, hash: hash, heap)
      return true
    }
    if FieldCell.expiry(of: old) != nil { expiryCount &-= 1 }
    cells.replace(at: slot, by: cell)
    heap.deallocate(old, FieldCell.byteCount(of: old))
    return false
  }

  /// Takes a field out.
  ///
  /// - Returns: whether it was there.
  mutating func remove(_ field: Bytes, _ heap: Heap) -> Bool {
    guard let slot = cells.find(field, hash: heap.hash(field)), let cell = cells.cell(at: slot)
    else { return false }
    if FieldCell.expiry(of: cell) != nil { expiryCount &-= 1 }
    cells.remove(at: slot)
    heap.deallocate(cell, FieldCell.byteCount(of: cell))
    cells.shrinkIfSparse(heap)
    return true
  }
}
