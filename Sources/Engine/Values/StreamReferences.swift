import RedisModel

/// What becomes of the groups' references to an entry that is deleted (Redis 8.2).
enum StreamReferences {
  /// They stay.
  case keep
  /// They go with it.
  case delete
  /// An entry that a group has yet to read or to acknowledge is not deleted.
  case onlyAcknowledged

  /// What a word says; `nil` for another word.
  init?(_ word: Bytes) {
    if word.isWord("KEEPREF") {
      self = .keep
    } else if word.isWord("DELREF") {
      self = .delete
    } else if word.isWord("ACKED") {
      self = .onlyAcknowledged
    } else {
      return nil
    }
  }
}

extension StreamValue {
  private func forEachGroup(_ body: (UnsafeMutablePointer<ConsumerGroup>) -> Void) {
    for slot in 0..<groups.capacity {
      if let cell = groups.cell(at: slot) { body(GroupCell.group(cell)) }
    }
  }

  /// Whether a group has yet to read or to acknowledge an entry.
  func isReferenced(_ id: StreamID) -> Bool {
    var found = false
    forEachGroup { group in
      if group.pointee.lastID < id || group.pointee.pendingEntry(id) != nil { found = true }
    }
    return found
  }

  /// Takes an entry out of all groups' pending lists.
  func removeReferences(to id: StreamID, _ heap: Heap) {
    forEachGroup { _ = $0.pointee.acknowledge(id, heap) }
  }

  /// What became of an entry that was to be deleted: the servers' numbers.
  enum Deletion: Int {
    case absent = -1
    case deleted = 1
    case kept = 2
  }

  /// Deletes an entry, as far as `references` lets it go.
  mutating func delete(
    _ id: StreamID, _ references: StreamReferences, _ heap: Heap
  ) -> Deletion {
    if references == .onlyAcknowledged, entry(id) != nil, isReferenced(id) { return .kept }
    if references == .delete { removeReferences(to: id, heap) }
    guard delete(id, heap) else { return .absent }
    if maxDeletedID < id { maxDeletedID = id }
    return .deleted
  }

  /// Deletes entries from the front.
  ///
  /// - Returns: how many were deleted.
  mutating func trim(
    _ trimming: StreamArguments.Trimming, _ references: StreamReferences, _ heap: Heap
  ) -> Int {
    if references == .keep || groups.count == 0 {
      return trim(
        to: trimming.limit, isApproximate: trimming.isApproximate,
        deletedMax: trimming.deletedMax, heap)
    }
    var deleted = 0
    for id in candidates(trimming, references) {
      if case .count(let wanted) = trimming.limit, count <= wanted { break }
      if trimming.deletedMax > 0, deleted >= trimming.deletedMax { break }
      if references == .onlyAcknowledged, isReferenced(id) { continue }
      if references == .delete { removeReferences(to: id, heap) }
      if delete(id, heap) { deleted += 1 }
    }
    return deleted
  }

  /// The entries that may go, in rising order; those of whole nodes where the limit is approximate.
  private func candidates(
    _ trimming: StreamArguments.Trimming, _ references: StreamReferences
  ) -> [StreamID] {
    var (surplus, minimum) = (count, StreamID.largest)
    switch trimming.limit {
    case .count(let wanted): surplus = max(0, count - wanted)
    case .id(let id): minimum = id
    }
    // Entries that groups still need stay, so that more than the surplus may have to be looked at.
    let most = references == .delete ? surplus : surplus == 0 ? 0 : count
    var (ids, whole, node): ([StreamID], Int, StreamID?) = ([], 0, nil)
    var isCut = most == 0
    if most > 0 {
      forEach { at, entry in
        isCut = entry.id >= minimum || ids.count == most
        if isCut, node == at.masterID { return false }
        if node != at.masterID {
          whole = ids.count
          node = at.masterID
        }
        if !isCut { ids.append(entry.id) }
        return !isCut
      }
    }
    return trimming.isApproximate && isCut ? Array(ids[..<whole]) : ids
  }
}
