import ByteKit
import RedisCodecs

/// A set, in one of its three forms: integers, a `PackedList`, a table.
///
/// What changes the set may change `value`, which the owner then stores.
struct SetValue: BitwiseCopyable {
  /// A set of more members is kept as a table: the servers' `set-max-listpack-entries`.
  static let packedCountMax = 128
  /// A set with a longer member is kept as a table: the servers' `set-max-listpack-value`.
  static let packedMemberMax = 64

  /// What the key holds.
  private(set) var value: Value

  /// An empty set, in the form that suits its first member.
  init(first member: Bytes, _ heap: Heap) {
    if IntegerText.canonical(member) != nil {
      value = Value(.integerSet, IntegerSet(heap).start)
    } else {
      value = Value(.packedSet, PackedList(heap).start)
    }
  }

  /// The set that a key holds.
  @inline(__always)
  init(_ value: Value) { self.value = value }

  @inline(__always)
  private var table: UnsafeMutablePointer<MemberTable> { MemberTable.at(value.address) }

  /// How many members it has.
  var count: Int {
    switch value.form {
    case .integerSet: IntegerSet(at: value.address).count
    case .packedSet: PackedList(at: value.address).count
    default: table.pointee.cells.count
    }
  }

  /// Whether `member` is in it.
  func contains(_ member: Bytes, _ heap: Heap) -> Bool {
    switch value.form {
    case .integerSet:
      guard let integer = IntegerText.canonical(member) else { return false }
      return IntegerSet(at: value.address).contains(integer)
    case .packedSet: return PackedList(at: value.address).find(PackedNeedle(member)) != nil
    default: return table.pointee.cells.find(member, hash: heap.hash(member)) != nil
    }
  }

  /// Calls `body` with each member until it says false.
  func forEach(_ body: (Element) -> Bool) {
    switch value.form {
    case .integerSet:
      let set = IntegerSet(at: value.address)
      for index in 0..<set.count {
        if !body(Element(integer: set[index])) { return }
      }
    case .packedSet:
      let list = PackedList(at: value.address)
      var offset = PackedList.firstOffset
      while offset < list.endOffset {
        if !body(list.read(&offset)) { return }
      }
    default:
      let cells = table.pointee.cells
      for slot in 0..<cells.capacity {
        guard let cell = cells.cell(at: slot) else { continue }
        let member = MemberCell.key(of: cell)
        guard let start = member.baseAddress else { continue }
        if !body(Element(start: start, count: member.count)) { return }
      }
    }
  }

  /// Any member.
  ///
  /// - Parameter index: 0..<count, in forms that have an order; elsewhere a place to look from.
  func member(near index: Int) -> Element? {
    switch value.form {
    case .integerSet: return Element(integer: IntegerSet(at: value.address)[index])
    case .packedSet:
      let list = PackedList(at: value.address)
      return list.element(at: list.offset(ofIndex: index))
    default:
      let cells = table.pointee.cells
      // Spread over all slots, as a run behind a gap would else come up more often.
      let start = index &* cells.capacity / max(1, cells.count)
      guard let slot = cells.slot(from: start), let cell = cells.cell(at: slot) else { return nil }
      let member = MemberCell.key(of: cell)
      return member.baseAddress.map { Element(start: $0, count: member.count) }
    }
  }
}

// MARK: - Changes

extension SetValue {
  /// Adds a member.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  mutating func insert(_ member: Bytes, _ heap: Heap) -> Bool {
    switch value.form {
    case .integerSet:
      guard let integer = IntegerText.canonical(member) else {
        leaveIntegers(for: member, heap)
        return insert(member, heap)
      }
      var set = IntegerSet(at: value.address)
      guard set.insert(integer, heap) else { return false }
      value = Value(.integerSet, set.start)
      if set.count > IntegerSet.countMax { makeTable(heap) }
      return true
    case .packedSet:
      var list = PackedList(at: value.address)
      if list.find(PackedNeedle(member)) != nil { return false }
      if list.count >= Self.packedCountMax || member.count > Self.packedMemberMax {
        makeTable(heap)
        return insert(member, heap)
      }
      list.append(PackedEntry(member), heap)
      value = Value(.packedSet, list.start)
      return true
    default: return table.pointee.insert(member, heap)
    }
  }

  /// Takes a member out.
  ///
  /// - Returns: whether it was there.
  mutating func remove(_ member: Bytes, _ heap: Heap) -> Bool {
    switch value.form {
    case .integerSet:
      guard let integer = IntegerText.canonical(member) else { return false }
      var set = IntegerSet(at: value.address)
      guard set.remove(integer, heap) else { return false }
      value = Value(.integerSet, set.start)
      return true
    case .packedSet:
      var list = PackedList(at: value.address)
      guard let offset = list.find(PackedNeedle(member)) else { return false }
      list.remove(offset..<list.next(offset), entries: 1, heap)
      value = Value(.packedSet, list.start)
      return true
    default:
      let table = table
      guard let slot = table.pointee.cells.find(member, hash: heap.hash(member)),
        let cell = table.pointee.cells.cell(at: slot)
      else { return false }
      table.pointee.cells.remove(at: slot)
      heap.deallocate(cell, MemberCell.byteCount(of: cell))
      table.pointee.cells.shrinkIfSparse(heap)
      return true
    }
  }

  /// Makes room for a member that is no integer.
  private mutating func leaveIntegers(for member: Bytes, _ heap: Heap) {
    let set = IntegerSet(at: value.address)
    if set.count >= Self.packedCountMax || member.count > Self.packedMemberMax {
      return makeTable(heap)
    }
    var list = PackedList(heap)
    for index in 0..<set.count { list.append(PackedEntry(set[index]), heap) }
    set.destroy(heap)
    value = Value(.packedSet, list.start)
  }

  private mutating func makeTable(_ heap: Heap) {
    var table = MemberTable(cells: CellTable(heap, expected: count + 1))
    forEach { element in
      element.withBytes { _ = table.insert($0, heap) }
      return true
    }
    value.destroy(heap)
    value = Value(.tableSet, table.allocate(heap))
  }
}
