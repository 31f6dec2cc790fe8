import RedisCodecs

/// A list, in one of its two forms: one `PackedList` up to 8 KiB, above that a `BlockList`.
///
/// Both are walked as a row of nodes. What changes the list may change `value`, which the owner
/// then stores.
struct ListValue: BitwiseCopyable {
  /// A node with more bytes takes nothing more: the servers' `list-max-listpack-size -2`.
  static let nodeByteCountMax = 8192

  /// A place: a node and an offset within it.
  struct Place: BitwiseCopyable {
    /// The node's index.
    var node: Int
    /// The entry's offset within the node.
    var offset: Int
  }

  /// What the key holds.
  private(set) var value: Value

  /// An empty list.
  init(_ heap: Heap) { value = Value(.packedList, PackedList(heap).start) }

  /// An empty list of nodes, to which nodes are added at once.
  init(blocks heap: Heap) {
    value = Value(.blockList, BlockList(nodes: PointerDeque(heap)).allocate(heap))
  }

  /// The list that a key holds.
  @inline(__always)
  init(_ value: Value) { self.value = value }

  @inline(__always)
  private var head: UnsafeMutablePointer<BlockList> { BlockList.at(value.address) }

  private var isPacked: Bool { value.form == .packedList }

  /// How many elements it has.
  var count: Int { isPacked ? PackedList(at: value.address).count : head.pointee.count }

  /// How many nodes it has; none of them is empty but that of an empty list.
  var nodeCount: Int { isPacked ? 1 : head.pointee.nodes.count }

  /// The node at `index`.
  @inline(__always)
  func node(_ index: Int) -> PackedList {
    PackedList(at: isPacked ? value.address : head.pointee.nodes[index])
  }

  @inline(__always)
  private mutating func setNode(_ index: Int, _ node: PackedList) {
    if isPacked {
      value = Value(.packedList, node.start)
    } else {
      head.pointee.nodes[index] = node.start
    }
  }

  /// The place of the element at `index`, 0..<count.
  func place(of index: Int) -> Place {
    let nodes = nodeCount
    if index < count / 2 {
      var left = index
      for number in 0..<nodes {
        let node = node(number)
        if left < node.count { return Place(node: number, offset: node.offset(ofIndex: left)) }
        left -= node.count
      }
    }
    var left = count - index
    for number in stride(from: nodes - 1, through: 0, by: -1) {
      let node = node(number)
      if left <= node.count {
        return Place(node: number, offset: node.offset(ofIndex: node.count - left))
      }
      left -= node.count
    }
    return Place(node: 0, offset: PackedList.firstOffset)
  }

  /// The element at a place, which moves to the next one.
  @inline(__always)
  func read(_ place: inout Place) -> Element {
    let node = node(place.node)
    let element = node.read(&place.offset)
    if place.offset == node.endOffset {
      place = Place(node: place.node &+ 1, offset: PackedList.firstOffset)
    }
    return element
  }

  /// The element at `index`, 0..<count.
  func element(_ index: Int) -> Element {
    var place = place(of: index)
    return read(&place)
  }

  /// Calls `body` with so many elements from `start` on.
  @inline(__always)
  func forEach(from start: Int = 0, count: Int, _ body: (Element) -> Void) {
    guard count > 0 else { return }
    var place = place(of: start)
    for _ in 0..<count { body(read(&place)) }
  }
}

// MARK: - Changes

extension ListValue {
  /// Adds a node at the tail of a list of nodes.
  mutating func appendNode(_ node: PackedList, _ heap: Heap) {
    head.pointee.count &+= node.count
    head.pointee.nodes.insert(node.start, at: head.pointee.nodes.count, heap)
  }

  /// Adds an element at the head or the tail.
  mutating func push(_ entry: PackedEntry, atHead: Bool, _ heap: Heap) {
    if isPacked {
      var node = node(0)
      if node.byteCount &+ entry.byteCount <= Self.nodeByteCountMax || node.count == 0 {
        node.insert(entry, at: atHead ? PackedList.firstOffset : node.endOffset, heap)
        return setNode(0, node)
      }
      unpack(heap)
    }
    let list = head
    list.pointee.count &+= 1
    let index = atHead ? 0 : list.pointee.nodes.count &- 1
    var node = PackedList(at: list.pointee.nodes[index])
    if node.byteCount &+ entry.byteCount <= Self.nodeByteCountMax {
      node.insert(entry, at: atHead ? PackedList.firstOffset : node.endOffset, heap)
      list.pointee.nodes[index] = node.start
    } else {
      var node = PackedList(heap)
      node.append(entry, heap)
      list.pointee.nodes.insert(node.start, at: atHead ? 0 : index &+ 1, heap)
    }
  }

  /// Takes the element at the head or the tail out, which `body` sees before; the list has one.
  @inline(__always)
  mutating func pop(atHead: Bool, _ heap: Heap, _ body: (Element) -> Void) {
    let index = atHead ? 0 : nodeCount &- 1
    let node = node(index)
    let offset = atHead ? PackedList.firstOffset : node.previous(node.endOffset)
    body(node.element(at: offset))
    remove(Place(node: index, offset: offset), heap)
  }

  /// Takes the element at a place out.
  ///
  /// - Returns: whether its node is gone with it.
  @discardableResult
  mutating func remove(_ place: Place, _ heap: Heap) -> Bool {
    var node = node(place.node)
    node.remove(place.offset..<node.next(place.offset), entries: 1, heap)
    setNode(place.node, node)
    if isPacked { return false }
    head.pointee.count &-= 1
    guard node.count == 0 else { return false }
    node.destroy(heap)
    head.pointee.nodes.remove(at: place.node)
    if head.pointee.nodes.count == 0 {
      head.pointee.nodes.insert(PackedList(heap).start, at: 0, heap)
    }
    return true
  }

  /// Puts another element in the place of one.
  mutating func replace(_ place: Place, by entry: PackedEntry, _ heap: Heap) {
    var node = node(place.node)
    if isPacked, node.count > 1, node.byteCount &+ entry.byteCount > Self.nodeByteCountMax {
      unpack(heap)
    }
    node.replace(at: place.offset, by: entry, heap)
    setNode(place.node, node)
  }

  /// Puts an element in before the one at a place, or behind it.
  mutating func insert(_ entry: PackedEntry, at place: Place, after: Bool, _ heap: Heap) {
    var node = node(place.node)
    let offset = after ? node.next(place.offset) : place.offset
    if node.byteCount &+ entry.byteCount > Self.nodeByteCountMax {
      if isPacked { unpack(heap) }
      return insertApart(entry, node, Place(node: place.node, offset: offset), heap)
    }
    node.insert(entry, at: offset, heap)
    setNode(place.node, node)
    if !isPacked { head.pointee.count &+= 1 }
  }

  /// Puts an element into a node of its own, for which a full node is split.
  private mutating func insertApart(
    _ entry: PackedEntry, _ node: PackedList, _ place: Place, _ heap: Heap
  ) {
    var node = node
    var own = PackedList(heap)
    own.append(entry, heap)
    head.pointee.count &+= 1
    if place.offset == PackedList.firstOffset {
      return head.pointee.nodes.insert(own.start, at: place.node, heap)
    }
    if place.offset < node.endOffset {
      var (entries, offset) = (0, PackedList.firstOffset)
      while offset < place.offset {
        offset = node.next(offset)
        entries += 1
      }
      let tail = node.split(at: place.offset, leaving: entries, heap)
      setNode(place.node, node)
      head.pointee.nodes.insert(tail.start, at: place.node &+ 1, heap)
    }
    head.pointee.nodes.insert(own.start, at: place.node &+ 1, heap)
  }

  /// Takes so many elements out, from the head or the tail on.
  mutating func removeEnd(_ removed: Int, atHead: Bool, _ heap: Heap) {
    var left = removed
    while left > 0 {
      let index = atHead ? 0 : nodeCount &- 1
      var node = node(index)
      if !isPacked, node.count <= left, nodeCount > 1 {
        left &-= node.count
        head.pointee.count &-= node.count
        head.pointee.nodes.remove(at: index)
        node.destroy(heap)
        continue
      }
      let split = node.count == left ? node.endOffset : node.offset(ofIndex: left)
      let first = PackedList.firstOffset
      if atHead {
        node.remove(first..<split, entries: left, heap)
      } else {
        let from = node.count == left ? first : node.offset(ofIndex: node.count &- left)
        node.remove(from..<node.endOffset, entries: left, heap)
      }
      setNode(index, node)
      if !isPacked { head.pointee.count &-= left }
      left = 0
    }
  }

  /// Makes a large list of a small one.
  private mutating func unpack(_ heap: Heap) {
    let node = node(0)
    var list = BlockList(nodes: PointerDeque(heap), count: node.count)
    list.nodes.insert(node.start, at: 0, heap)
    value = Value(.blockList, list.allocate(heap))
  }
}
