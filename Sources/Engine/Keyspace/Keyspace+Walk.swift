/// Questions about keys, from outside.
extension Keyspace {
  /// Calls `body` with each key of a database and when it expires, Unix milliseconds, in no
  /// particular order; those that are due included.
  ///
  /// - Parameters:
  ///   - database: 0..<databaseCount.
  ///   - body: its bytes are valid during the call only.
  public func forEachKey(
    of database: Int, _ body: (Bytes, Int64?) throws -> Void
  ) rethrows {
    let keys = databases[database].keys
    for slot in 0..<keys.capacity {
      guard let cell = keys.cell(at: slot) else { continue }
      try body(KeyCell.key(of: cell), KeyCell.expiry(of: cell))
    }
  }

  /// Whether a database has a key, due or not.
  ///
  /// - Parameter database: 0..<databaseCount.
  public func hasKey(_ key: Bytes, database: Int) -> Bool {
    databases[database].find(key, heap) != nil
  }
}

extension Keyspace {
  /// When a key expires, Unix milliseconds; `nil` for never, and for a key that is not there.
  ///
  /// - Parameter database: 0..<databaseCount.
  public func expiry(of key: Bytes, database: Int) -> Int64? {
    databases[database].find(key, heap)?.expiry
  }
}
