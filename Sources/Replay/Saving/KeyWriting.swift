import Engine

/// What takes keys with their values, database by database: a snapshot, or commands.
protocol KeyWriting: ~Copyable {
  /// Begins a database that has keys.
  mutating func begin(_ database: Int, of space: borrowing Keyspace)

  /// Writes a key and its value.
  ///
  /// - Returns: what keeps it from being written; `nil` where it was.
  mutating func write(_ key: Bytes, _ expiry: Int64?, _ value: KeptValue) -> String?
}

extension Keyspace {
  /// Writes all keys, those that are due included.
  ///
  /// - Returns: what keeps a key from being written; `nil` for nothing.
  borrowing func save<Writer: KeyWriting & ~Copyable>(
    _ options: SavingOptions, to writer: inout Writer
  ) -> SavingError? {
    var obstacle: SavingError?
    for number in 0..<databaseCount where keyCount(number) > 0 {
      writer.begin(number, of: self)
      forEachKey(of: number) { key, expiry, value in
        if let message = writer.write(key, expiry, value) {
          obstacle = SavingError(
            key: Array(key), database: number, message: message,
            isForLackHere: value.module?.hasRecord == false)
        }
        return obstacle == nil && !(options.shouldStop?() ?? false)
      }
      if obstacle != nil { break }
    }
    return obstacle
  }
}
