import RedisModel

/// A node in the order of a stream.
struct StreamNodeEntry: SortedEntry {
  /// The node's first id.
  var id: StreamID
  /// The node's list.
  var list: UnsafeMutableRawPointer

  /// By id.
  @inline(__always)
  static func precedes(_ left: StreamNodeEntry, _ right: StreamNodeEntry) -> Bool {
    left.id < right.id
  }
}

/// The head of a stream.
struct StreamValue: HeapObject {
  /// A place among the nodes.
  typealias Place = SortedBlocks<StreamNodeEntry>.Position

  /// The nodes, by their first ids; none is without live entries.
  var nodes: SortedBlocks<StreamNodeEntry>
  /// Live entries.
  var count = 0
  /// The last id given out.
  var lastID = StreamID.zero
  /// The greatest id ever deleted by XDEL.
  var maxDeletedID = StreamID.zero
  /// Entries added since the stream was made.
  var entriesAdded: UInt64 = 0
  /// The consumer groups.
  var groups: CellTable<GroupCell>
  /// Idempotent producers (`StreamProducers`); `nil` where the stream never had any.
  var producers: UnsafeMutableRawPointer?

  /// A stream without entries.
  init(_ heap: Heap) {
    nodes = SortedBlocks(heap)
    groups = CellTable(heap)
  }

  /// Gives everything back.
  func destroy(_ heap: Heap, at address: UnsafeMutableRawPointer) {
    var place = nodes.start
    while let entry = nodes.entry(at: place) {
      PackedList(at: entry.list).destroy(heap)
      place = nodes.next(place)
    }
    nodes.destroy(heap)
    for slot in 0..<groups.capacity {
      guard let cell = groups.cell(at: slot) else { continue }
      GroupCell.group(cell).pointee.destroy(heap, at: GroupCell.group(cell))
      heap.deallocate(cell, GroupCell.byteCount(of: cell))
    }
    groups.destroy(heap)
    if let producers { StreamProducers.at(producers).pointee.destroy(heap, at: producers) }
    deallocate(heap, at: address)
  }

  /// A copy.
  func copy(_ heap: Heap) -> Value {
    var copy = self
    copy.nodes = SortedBlocks(heap)
    copy.groups = CellTable(heap, expected: groups.count)
    copy.producers = producers.map { StreamProducers.at($0).pointee.copy(heap) }
    var place = nodes.start
    while let entry = nodes.entry(at: place) {
      let list = PackedList(copying: PackedList(at: entry.list), heap)
      copy.nodes.insert(StreamNodeEntry(id: entry.id, list: list.start), heap)
      place = nodes.next(place)
    }
    for slot in 0..<groups.capacity {
      guard let cell = groups.cell(at: slot) else { continue }
      copy.addGroup(
        GroupCell.key(of: cell), at: GroupCell.group(cell).pointee.copy(heap), heap)
    }
    return Value(.stream, copy.allocate(heap))
  }

  /// A group; `nil` where there is none of that name.
  func group(_ name: Bytes, _ heap: Heap) -> UnsafeMutablePointer<ConsumerGroup>? {
    groups.find(name, hash: heap.hash(name)).flatMap { groups.cell(at: $0) }
      .map { GroupCell.group($0) }
  }

  /// Adds a group, whose name is not taken.
  mutating func addGroup(_ name: Bytes, at group: UnsafeMutableRawPointer, _ heap: Heap) {
    groups.insert(GroupCell.make(name, group, heap), hash: heap.hash(name), heap)
  }

  /// Takes a group out.
  ///
  /// - Returns: whether it was there.
  mutating func removeGroup(_ name: Bytes, _ heap: Heap) -> Bool {
    guard let slot = groups.find(name, hash: heap.hash(name)), let cell = groups.cell(at: slot)
    else { return false }
    GroupCell.group(cell).pointee.destroy(heap, at: GroupCell.group(cell))
    groups.remove(at: slot)
    heap.deallocate(cell, GroupCell.byteCount(of: cell))
    return true
  }
}

// MARK: - Entries

extension StreamValue {
  private func node(_ entry: StreamNodeEntry) -> StreamNode {
    StreamNode(entry.id, at: entry.list)
  }

  /// The place of the node that has `id` if any has; the first node for ids before all.
  private func nodePlace(_ id: StreamID) -> Place {
    let place = nodes.firstPosition { $0.id <= id }
    return nodes.previous(place) ?? place
  }

  /// Calls `body` with the live entries from `id` on, in rising order, until it says false.
  func forEach(from id: StreamID = .zero, _ body: (StreamNode, StreamNode.Entry) -> Bool) {
    var place = nodePlace(id)
    var goesOn = true
    while goesOn, let entry = nodes.entry(at: place) {
      let node = node(entry)
      node.forEach { entry in
        if !entry.isDeleted, entry.id >= id { goesOn = body(node, entry) }
        return goesOn
      }
      place = nodes.next(place)
    }
  }

  /// The same backward, from `id` on.
  func forEachReversed(from id: StreamID, _ body: (StreamNode, StreamNode.Entry) -> Bool) {
    var place: Place? = nodePlace(id)
    while let now = place, let entry = nodes.entry(at: now) {
      let node = node(entry)
      var entries: [StreamNode.Entry] = []
      node.forEach { entry in
        if !entry.isDeleted, entry.id <= id { entries.append(entry) }
        return entry.id <= id
      }
      for entry in entries.reversed() where !body(node, entry) { return }
      place = nodes.previous(now)
    }
  }

  /// The live entry of an id.
  func entry(_ id: StreamID) -> (StreamNode, StreamNode.Entry)? {
    guard let found = nodes.entry(at: nodePlace(id)) else { return nil }
    let node = node(found)
    var result: StreamNode.Entry?
    node.forEach { entry in
      if entry.id == id, !entry.isDeleted { result = entry }
      return entry.id < id
    }
    return result.map { (node, $0) }
  }

  /// The first live id; 0-0 in an empty stream.
  var firstID: StreamID {
    var first = StreamID.zero
    forEach { _, entry in
      first = entry.id
      return false
    }
    return first
  }

  /// The last live id; 0-0 in an empty stream.
  var lastLiveID: StreamID {
    var last = StreamID.zero
    forEachReversed(from: StreamID(milliseconds: .max, sequence: .max)) { _, entry in
      last = entry.id
      return false
    }
    return last
  }

  /// How many entries were added up to `id`, as far as that can be told.
  func estimatedReads(upTo id: StreamID) -> Int64 {
    let added = Int64(clamping: entriesAdded)
    if added == 0 { return 0 }
    if count == 0, id <= lastID { return added }
    if id == lastID { return added }
    if id > lastID { return ConsumerGroup.unknownCount }
    let first = firstID
    if maxDeletedID == .zero || maxDeletedID < first {
      // Nothing was deleted ahead.
      if id < first { return added - Int64(count) }
      if id == first { return added - Int64(count) + 1 }
    }
    return ConsumerGroup.unknownCount
  }

  /// Adds an entry, whose id is greater than `lastID`.
  ///
  /// - Parameters:
  ///   - fields: fields and values in turn.
  ///   - fieldCount: how many of both together.
  mutating func append(
    _ id: StreamID, _ fields: UnsafePointer<Bytes>, _ fieldCount: Int, _ heap: Heap
  ) {
    count &+= 1
    lastID = id
    let textByteCount = (0..<fieldCount).reduce(0) { $0 &+ fields[$1].count }
    if let place = nodes.lastPosition, let last = nodes.entry(at: place) {
      var node = node(last)
      if !node.isFull(for: textByteCount) {
        node.append(id, fields, fieldCount, heap)
        nodes.replace(at: place, by: StreamNodeEntry(id: last.id, list: node.list.start))
        return
      }
    }
    let node = StreamNode(first: id, fields, fieldCount, heap)
    nodes.insert(StreamNodeEntry(id: id, list: node.list.start), heap)
  }

  /// Deletes an entry.
  ///
  /// - Returns: whether it was there.
  mutating func delete(_ id: StreamID, _ heap: Heap) -> Bool {
    guard let (node, entry) = entry(id) else { return false }
    delete([entry], of: node, at: nodePlace(id), heap)
    return true
  }

  private mutating func delete(
    _ entries: [StreamNode.Entry], of node: StreamNode, at place: Place, _ heap: Heap
  ) {
    count &-= entries.count
    if node.liveCount == entries.count {
      nodes.remove(at: place, heap)
      node.list.destroy(heap)
    } else {
      var node = node
      node.delete(entries, heap)
      nodes.replace(at: place, by: StreamNodeEntry(id: node.masterID, list: node.list.start))
    }
  }

  /// What XTRIM leaves.
  enum Limit {
    /// So many entries, the newest.
    case count(Int)
    /// Those from an id on.
    case id(StreamID)
  }

  /// Deletes entries from the front.
  ///
  /// - Parameters:
  ///   - isApproximate: only whole nodes go.
  ///   - deletedMax: no more are deleted; 0 for no bound.
  /// - Returns: how many were deleted.
  mutating func trim(
    to limit: Limit, isApproximate: Bool, deletedMax: Int, _ heap: Heap
  ) -> Int {
    let before = count
    while let found = nodes.entry(at: nodes.start) {
      if case .count(let wanted) = limit, count <= wanted { break }
      let node = node(found)
      let live = node.liveCount
      if deletedMax > 0, before - count + live > deletedMax { break }
      let goesWhole =
        switch limit {
        case .count(let wanted): count - live >= wanted
        case .id(let id): node.lastID < id
        }
      if goesWhole {
        nodes.remove(at: nodes.start, heap)
        node.list.destroy(heap)
        count &-= live
        continue
      }
      if !isApproximate { trim(node, to: limit, heap) }
      break
    }
    return before - count
  }

  /// Deletes entries from the front of the first node, of which something stays.
  private mutating func trim(_ node: StreamNode, to limit: Limit, _ heap: Heap) {
    var entries: [StreamNode.Entry] = []
    node.forEach { entry in
      switch limit {
      case .count(let wanted): if count - entries.count <= wanted { return false }
      case .id(let id): if entry.id >= id { return false }
      }
      if !entry.isDeleted { entries.append(entry) }
      return true
    }
    if !entries.isEmpty { delete(entries, of: node, at: nodes.start, heap) }
  }
}
