import ByteKit

/// A key of a database.
public struct KeyName: Hashable, Sendable {
  /// The database.
  public var database: Int
  /// The key's bytes.
  public var key: [UInt8]

  /// The key `key` of `database`.
  public init(database: Int, key: [UInt8]) {
    self.database = database
    self.key = key
  }

  /// Whether the argument `bytes` of a command in `database` is this key.
  @inline(__always)
  func matches(_ bytes: UnsafeRawBufferPointer, in database: Int) -> Bool {
    guard self.database == database, bytes.count == key.count else { return false }
    guard let other = bytes.baseAddress else { return true }
    return key.withUnsafeBytes { own in
      own.baseAddress.map { memcmp($0, other, bytes.count) == 0 } ?? true
    }
  }
}
