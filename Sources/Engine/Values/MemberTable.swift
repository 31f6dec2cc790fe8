/// A member of a large set: `u32 count, member`.
enum MemberCell: CellLayout {
  /// Where the member begins.
  static let keyOffset = 4

  /// The bytes of the whole cell.
  static func byteCount(of cell: UnsafeMutableRawPointer) -> Int {
    keyOffset &+ key(of: cell).count
  }

  /// A new cell.
  @inline(__always)
  static func make(_ member: Bytes, _ heap: Heap) -> UnsafeMutableRawPointer {
    let cell = heap.allocate(keyOffset &+ member.count)
    setKey(member, of: cell)
    return cell
  }
}

/// The head of a large set.
struct MemberTable: HeapObject {
  /// The members.
  var cells: CellTable<MemberCell>

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      heap.deallocate(cell, MemberCell.byteCount(of: cell))
    }
    cells.destroy(heap)
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value {
    var copy = MemberTable(cells: CellTable(heap, expected: cells.count))
    for slot in 0..<cells.capacity {
      guard let cell = cells.cell(at: slot) else { continue }
      copy.insert(MemberCell.key(of: cell), heap)
    }
    return Value(.tableSet, copy.allocate(heap))
  }

  /// Adds a member.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  mutating func insert(_ member: Bytes, _ heap: Heap) -> Bool {
    let hash = heap.hash(member)
    if cells.find(member, hash: hash) != nil { return false }
    cells.insert(MemberCell.make(member, heap), hash: hash, heap)
    return true
  }
}
