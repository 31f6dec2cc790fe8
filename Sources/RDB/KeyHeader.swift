import RedisCodecs

/// What stands before a value: the attributes, the type byte and the key.
public struct KeyHeader: BitwiseCopyable {
  /// The database, 0 where the file selects none.
  public var database: Int
  /// The key's bytes; valid until the reader goes on to the next record.
  public var key: UnsafeRawBufferPointer
  /// The type as the file's family names it.
  public var type: RDBType
  /// When the key expires, Unix milliseconds (it may be negative or absurd); `nil` for never.
  public var expireAtMs: Int64?
  /// Seconds since the last access (opcode 248).
  public var idleSeconds: UInt64?
  /// The LFU counter, 0…255 (opcode 249).
  public var lfu: UInt8?
  /// The metadata's owner is the reader, so that headers are copied without counting references.
  var metadataOwner: Unmanaged<KeyMetadataBox>?
  /// Where the record begins: its first attribute, or the type byte.
  public var offset: Int
  /// Where the value begins.
  public var valueOffset: Int

  /// Metadata of modules (opcode 243, Redis RDB 13 and up); to be asked before the reader goes on
  /// to the next record.
  @inlinable
  public var metadata: [KeyMetadata] { hasMetadata ? copyMetadata() : [] }

  @usableFromInline var hasMetadata: Bool { metadataOwner != nil }

  @usableFromInline @inline(never)
  func copyMetadata() -> [KeyMetadata] { metadataOwner?.takeUnretainedValue().classes ?? [] }

  /// Whether the key has expired for a server whose clock reads `nowMs`.
  @inlinable
  public func isExpired(atMs nowMs: Int64) -> Bool {
    guard let expireAtMs else { return false }
    return expireAtMs < nowMs
  }
}

/// Keeps the metadata of the present key.
final class KeyMetadataBox {
  let classes: [KeyMetadata]

  init(_ classes: [KeyMetadata]) { self.classes = classes }
}

/// One class of key metadata (opcode 243): who it belongs to and what it holds.
public struct KeyMetadata: Equatable, Sendable {
  /// Four characters.
  public var className: String
  /// 0…31.
  public var version: Int
  /// Bit 0: a reader without this class may skip it.
  public var flags: Int
  /// The framed stream, strings copied.
  public var parts: [OwnedModulePart]
}

/// A `ModulePart` that owns its bytes.
public enum OwnedModulePart: Equatable, Sendable {
  /// A signed integer.
  case signed(Int64)
  /// An unsigned integer.
  case unsigned(UInt64)
  /// A binary32.
  case float(Float)
  /// A binary64.
  case double(Double)
  /// A string.
  case string([UInt8])
}
