import ByteKit
import Engine
import RDB
import RedisModel

/// How to write data out.
public struct SavingOptions {
  /// The server that is to load it.
  public var target: ServerVersion
  /// The moment that the file states as that of its making, Unix milliseconds.
  public var nowMs: Int64
  /// Whether the snapshot is the base of an append-only file, or stands in front of one.
  public var isBase = false
  /// Whether strings are compressed where that pays.
  public var compresses = true
  /// Asked from time to time: true ends the writing, which is then incomplete.
  public var shouldStop: (() -> Bool)?

  /// For `target` at `nowMs`.
  public init(target: ServerVersion, nowMs: Int64) {
    self.target = target
    self.nowMs = nowMs
  }
}

/// What keeps data from being written for a server.
public struct SavingError: Error, Equatable, Sendable {
  /// The key; `nil` where it is none.
  public var key: [UInt8]?
  /// The key's database.
  public var database = 0
  /// What it is.
  public var message: String
  /// Whether it is for the lack of something here, not for a server that knows no such thing.
  public var isForLackHere = false
}

extension DatasetLoader {
  /// Writes everything as a snapshot, keys that are due included.
  ///
  /// - Parameter drain: takes the bytes, in order; they are valid during the call only.
  /// - Returns: what the server has no place for and is no key and no element, with its number.
  /// - Throws: where the server has no form for something.
  @discardableResult
  public func saveSnapshot(
    _ options: SavingOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) throws(SavingError) -> [String: Int] {
    var file = RDBWriter(
      RDBForm(options.target), compresses: options.compresses, drain: drain)
    file.begin()
    Self.writeFields(options, to: &file)
    let libraries = functionLibraries
    if !libraries.isEmpty, !file.form.hasFunctions {
      throw SavingError(
        message: "\(options.target.displayName) loads no function libraries of this form")
    }
    for library in libraries { file.function(library.code) }
    var writer = ValueWriter(file)
    let obstacle = withKeyspace { $0.save(options, to: &writer) }
    if let obstacle { throw obstacle }
    writer.file.finish()
    return writer.leftOut
  }

  /// Fields of the file about itself, in the servers' order.
  private static func writeFields(_ options: SavingOptions, to file: inout RDBWriter) {
    let target = options.target
    let isValkey = target.product == .valkey
    file.field(isValkey ? "valkey-ver" : "redis-ver", target.writerNumbers)
    file.field("redis-bits", "64")
    file.field("ctime", "\(options.nowMs / 1000)")
    if isValkey || target.isAtLeast(.redis, 7, 0) {
      file.field("aof-base", options.isBase ? "1" : "0")
    } else if target.isAtLeast(.redis, 4, 0) {
      file.field("aof-preamble", options.isBase ? "1" : "0")
    }
  }
}

extension ValueWriter: KeyWriting {
  mutating func begin(_ database: Int, of space: borrowing Keyspace) {
    file.database(
      database, keyCount: space.keyCount(database), expiryCount: space.expiryCount(database))
  }

  mutating func write(_ key: Bytes, _ expiry: Int64?, _ value: KeptValue) -> String? {
    guard let type = SavedType.of(value, in: file.form) else {
      return SavedType.obstacle(value, file.form.server)
    }
    guard file.key(key, type: type, expireAtMs: expiry) else {
      return "an expiry that \(file.form.server.displayName) cannot hold: \(expiry ?? 0) ms"
    }
    if value.type == .stream {
      SavedType.addLosses(of: value.stream, to: file.form.server, &leftOut)
    }
    body(of: value, type: type)
    return nil
  }
}
