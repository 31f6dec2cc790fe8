/// Memory apart from that of a keyspace, in which one thread at a time makes values that the
/// keyspace takes over later.
///
/// `Sendable` unchecked: its owner gives it to one thread at a time.
public final class LoadArea: @unchecked Sendable {
  /// Where the values lie.
  let heap: Heap
  /// The limits of sorted sets.
  let rules: ZsetRules

  /// The bytes that its values take.
  public var byteCount: Int { heap.byteCount }

  /// Whether the system has refused memory.
  public var isRefused: Bool { heap.isRefused }

  init(_ space: borrowing Keyspace) {
    heap = space.heap.makeSibling()
    rules = space.zsetRules
  }
}

extension Keyspace {
  /// A new area for values of this keyspace, which must be given to `adopt` in the end.
  public func makeArea() -> LoadArea { LoadArea(self) }

  /// Takes over all memory of an area, which is of no further use.
  public func adopt(_ area: LoadArea) { heap.adopt(area.heap) }
}
