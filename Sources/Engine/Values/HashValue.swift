import ByteKit
import RedisCodecs

/// A hash, in one of its two forms: a `PackedList` of fields and values in turn, or a table. Only a
/// table holds fields that expire.
///
/// What changes the hash may change `value`, which the owner then stores.
struct HashValue: BitwiseCopyable {
  /// A hash of more fields is kept as a table.
  static let packedCountMax = 128
  /// A hash with a longer field or value is kept as a table: the servers'
  /// `hash-max-listpack-value`.
  static let packedElementMax = 64

  /// What the key holds.
  private(set) var value: Value

  /// An empty hash.
  init(_ heap: Heap) { value = Value(.packedHash, PackedList(heap).start) }

  /// The hash that a key holds.
  @inline(__always)
  init(_ value: Value) { self.value = value }

  @inline(__always)
  private var isPacked: Bool { value.form == .packedHash }
  @inline(__always)
  private var list: PackedList { PackedList(at: value.address) }
  @inline(__always)
  private var table: UnsafeMutablePointer<FieldTable> { FieldTable.at(value.address) }

  /// How many fields it has, those that are due included.
  var count: Int { isPacked ? list.count / 2 : table.pointee.cells.count }

  /// How many fields have an expiry.
  var expiryCount: Int { isPacked ? 0 : table.pointee.expiryCount }

  /// The value of a field; `nil` where there is none.
  func get(_ field: Bytes, _ heap: Heap) -> Element? {
    if isPacked {
      let list = list
      guard let offset = list.find(PackedNeedle(field), stride: 2) else { return nil }
      return list.element(at: list.next(offset))
    }
    guard let cell = table.pointee.cell(field, heap) else { return nil }
    return Self.element(FieldCell.value(of: cell))
  }

  /// The expiry of a field, which is there; `nil` for never.
  func expiry(_ field: Bytes, _ heap: Heap) -> Int64? {
    isPacked ? nil : table.pointee.cell(field, heap).flatMap { FieldCell.expiry(of: $0) }
  }

  private static func element(_ bytes: Bytes) -> Element {
    // Bytes in the heap have an address, however few they are.
    bytes.baseAddress.map { Element(start: $0, count: bytes.count) } ?? Element(integer: 0)
  }

  /// Calls `body` with each field, its value and its expiry until it says false.
  func forEach(_ body: (_ field: Element, _ value: Element, _ expiry: Int64?) -> Bool) {
    if isPacked {
      let list = list
      var offset = PackedList.firstOffset
      while offset < list.endOffset {
        let field = list.read(&offset)
        let value = list.read(&offset)
        if !body(field, value, nil) { return }
      }
      return
    }
    let cells = table.pointee.cells
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      let (field, value) = (FieldCell.key(of: cell), FieldCell.value(of: cell))
      if !body(Self.element(field), Self.element(value), FieldCell.expiry(of: cell)) { return }
    }
  }
}

// MARK: - Changes

extension HashValue {
  /// Sets a field, which then expires at `expiry` or never.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  mutating func set(
    _ field: Bytes, _ newValue: Bytes, expiry: Int64? = nil, _ heap: Heap
  ) -> Bool {
    if isPacked {
      if expiry == nil, newValue.count <= Self.packedElementMax {
        return setPacked(field, newValue, heap)
      }
      makeTable(heap)
    }
    return table.pointee.set(field, newValue, expiry: expiry, heap)
  }

  private mutating func setPacked(_ field: Bytes, _ newValue: Bytes, _ heap: Heap) -> Bool {
    var list = list
    if let offset = list.find(PackedNeedle(field), stride: 2) {
      list.replace(at: list.next(offset), by: PackedEntry(newValue), heap)
      value = Value(.packedHash, list.start)
      return false
    }
    if field.count > Self.packedElementMax || list.count >= 2 * Self.packedCountMax {
      makeTable(heap)
      return table.pointee.set(field, newValue, expiry: nil, heap)
    }
    list.append(PackedEntry(field), PackedEntry(newValue), heap)
    value = Value(.packedHash, list.start)
    return true
  }

  /// Takes a field out.
  ///
  /// - Returns: whether it was there.
  mutating func remove(_ field: Bytes, _ heap: Heap) -> Bool {
    guard isPacked else { return table.pointee.remove(field, heap) }
    var list = list
    guard let offset = list.find(PackedNeedle(field), stride: 2) else { return false }
    list.remove(offset..<list.next(list.next(offset)), entries: 2, heap)
    value = Value(.packedHash, list.start)
    return true
  }

  /// Gives a field, which is there, an expiry, or takes it away.
  mutating func setExpiry(_ expiry: Int64?, of field: Bytes, _ heap: Heap) {
    if isPacked {
      if expiry == nil { return }
      makeTable(heap)
    }
    guard let cell = table.pointee.cell(field, heap) else { return }
    table.pointee.set(field, FieldCell.value(of: cell), expiry: expiry, heap)
  }

  private mutating func makeTable(_ heap: Heap) {
    var table = FieldTable(cells: CellTable(heap, expected: count + 1))
    forEach { field, value, _ in
      field.withBytes { field in
        value.withBytes { value in _ = table.set(field, value, expiry: nil, heap) }
      }
      return true
    }
    value.destroy(heap)
    value = Value(.tableHash, table.allocate(heap))
  }
}
