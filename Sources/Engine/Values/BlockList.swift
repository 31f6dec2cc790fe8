/// The head of a large list: nodes, each a `PackedList` of up to 8 KiB, or of one longer element.
struct BlockList: HeapObject {
  /// The nodes, from head to tail; none is empty.
  var nodes: PointerDeque
  /// Elements in all nodes.
  var count = 0

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    for index in 0..<nodes.count { PackedList(at: nodes[index]).destroy(heap) }
    nodes.destroy(heap)
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value {
    var copy = BlockList(nodes: PointerDeque(heap), count: count)
    for index in 0..<nodes.count {
      let node = PackedList(copying: PackedList(at: nodes[index]), heap)
      copy.nodes.insert(node.start, at: index, heap)
    }
    return Value(.blockList, copy.allocate(heap))
  }
}
