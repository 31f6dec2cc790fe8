import RedisCodecs
import RedisModel

/// What a stream says of itself behind its nodes. What its type does not store is `nil`.
public struct StreamMetadata {
  /// Live entries.
  public var length: UInt64
  /// The last id given out.
  public var lastID: StreamID
  /// The first live id (types 19 and up).
  public var firstID: StreamID?
  /// The greatest id ever deleted (types 19 and up).
  public var maxDeletedID: StreamID?
  /// Entries added since the stream was made (types 19 and up).
  public var entriesAdded: UInt64?
}

/// The head of a consumer group.
public struct StreamGroup {
  /// The group's name.
  public var name: Element
  /// The last id delivered to the group.
  public var lastDeliveredID: StreamID
  /// Entries read by the group; −1 is unknown, `nil` where the type (15) does not store it.
  public var entriesRead: Int64?
  /// Entries in the group's pending list.
  public var pendingCount: Int
}

/// The head of a consumer.
public struct StreamConsumer {
  /// The consumer's name.
  public var name: Element
  /// When it was last seen, Unix milliseconds.
  public var seenAtMs: Int64
  /// When it last got or claimed an entry, Unix milliseconds; −1 never, `nil` before type 21.
  public var activeAtMs: Int64?
  /// Ids that follow.
  public var pendingCount: Int
}

/// An entry of a group's pending list (PEL).
public struct StreamPending {
  /// The entry's id; it may be gone from the stream.
  public var id: StreamID
  /// The owner's name; `nil` for an entry of the NACK zone.
  public var consumer: Element?
  /// When it was last delivered, Unix milliseconds.
  public var deliveredAtMs: Int64
  /// How often it was delivered.
  public var deliveryCount: UInt64
}

/// The settings and counters of idempotent producers.
public struct StreamIDMP {
  /// How long message ids are remembered, seconds, 1…86400.
  public var durationSeconds: UInt64
  /// How many are remembered for each producer, 1…10000.
  public var entriesMax: UInt64
  /// Producers that follow.
  public var producerCount: Int
}

/// How an array stores an element; the same text to clients.
public enum ArrayTag: UInt8, Sendable {
  /// A string.
  case sds = 0
  /// A 64-bit integer.
  case int = 1
  /// A double.
  case float = 2
  /// A string of at most seven bytes.
  case smallString = 3
}

/// The name of a module's type: nine characters of `A–Z a–z 0–9 - _` in the 54 high bits of an id.
public struct ModuleName: Equatable, Hashable, Sendable, CustomStringConvertible {
  /// The 64-bit module id; its low ten bits are the encoding version.
  public let id: UInt64

  /// The name within a module id.
  public init(id: UInt64) { self.id = id }

  /// The nine characters.
  public var description: String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    let bytes = (0..<9).map { alphabet[Int(id >> UInt64(58 - 6 * $0)) & 63] }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The encoding version, 0…1023.
  public var version: Int { Int(id & 1023) }
}

/// One part of a module's framed stream.
public enum ModulePart {
  /// A signed integer (opcode 1).
  case signed(Int64)
  /// An unsigned integer (opcode 2).
  case unsigned(UInt64)
  /// A binary32 (opcode 3).
  case float(Float)
  /// A binary64 (opcode 4).
  case double(Double)
  /// A string (opcode 5).
  case string(Element)
}
