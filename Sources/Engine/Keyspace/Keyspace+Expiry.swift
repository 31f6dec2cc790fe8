/// Deleting what is due, as a server does by itself in the course of time.
extension Keyspace {
  /// Deletes all keys and hash fields that are due, and hashes that are left without fields.
  ///
  /// - Returns: how many keys went.
  @discardableResult
  public mutating func deleteDue() -> Int {
    var deleted = 0
    for number in 0..<databaseCount {
      let keys = databases[number].keys
      for slot in 0..<keys.capacity {
        guard let cell = keys.cell(at: slot) else { continue }
        let handle = KeyHandle(slot: slot, cell: cell)
        if let expiry = handle.expiry, expiry < nowMs {
          databases[number].remove(handle, heap)
          deleted += 1
        } else if handle.form == .tableHash, deleteDueFields(handle, in: number) {
          deleted += 1
        }
      }
    }
    return deleted
  }

  /// Deletes the fields of a hash that are due; true where the hash is gone with them.
  private func deleteDueFields(_ handle: KeyHandle, in number: Int) -> Bool {
    var hash = HashValue(handle.value)
    guard hash.expiryCount > 0 else { return false }
    var due: [[UInt8]] = []
    hash.forEach { field, _, expiry in
      if let expiry, expiry < nowMs { due.append(field.bytes) }
      return true
    }
    for field in due { field.withUnsafeBytes { _ = hash.remove($0, heap) } }
    KeyCell.setValue(hash.value, of: handle.cell)
    guard hash.count == 0 else { return false }
    databases[number].remove(handle, heap)
    return true
  }
}
