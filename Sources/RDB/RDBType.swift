/// Which server family's tables a file is read by; its magic word says so.
public enum RDBFamily: String, Sendable, BitwiseCopyable {
  /// `REDIS` and four digits.
  case redis = "REDIS"
  /// `VALKEY` and three digits.
  case valkey = "VALKEY"

  /// The newest format version that is known, with all its types and opcodes.
  public var newestVersion: Int { self == .redis ? 15 : 81 }
}

/// What a client sees behind a key.
public enum RDBValueKind: String, Sendable, CaseIterable {
  case string, list, set, zset, hash, stream, array, module
  case pathHash = "pathhash"
  case gcra, cron

  /// The name that reports print.
  public var name: String { rawValue }
}

/// A value type: the byte in the file and the family that gives it its meaning.
///
/// Source: types.json of the fact sheet; the layouts stand beside the functions that read them.
public struct RDBType: Equatable, Hashable, Sendable, BitwiseCopyable {
  /// The type byte.
  public let byte: UInt8
  /// The family of the file's magic.
  public let family: RDBFamily

  /// The type that `byte` means in a file of `family`; `nil` if it is not known.
  @inlinable
  public init?(byte: UInt8, family: RDBFamily) {
    guard Self.isKnown(byte, family) else { return nil }
    self.byte = byte
    self.family = family
  }

  /// Whether the family has a value type of this byte.
  @inlinable
  public static func isKnown(_ byte: UInt8, _ family: RDBFamily) -> Bool {
    switch byte {
    case 0...7, 9...21: true
    case 22, 23: true
    case 24...33, 64: family == .redis
    default: false
    }
  }

  /// What a client sees.
  public var kind: RDBValueKind {
    switch byte {
    case 0: .string
    case 1, 10, 14, 18: .list
    case 2, 11, 20: .set
    case 3, 5, 12, 17: .zset
    case 6, 7: .module
    case 15, 19, 21, 26, 27: .stream
    case 28: .array
    case 33: .gcra
    case 64: .cron
    case 23 where family == .valkey: .pathHash
    default: .hash
    }
  }

  /// What the file stores, as `rdb dump` names it; a string can also be `int` or `lzf`.
  public var encodingName: StaticString {
    switch byte {
    case 0: "raw"
    case 1: "linkedlist"
    case 2, 4: "hashtable"
    case 3, 5: "skiplist"
    case 6, 7: "module"
    case 9: "zipmap"
    case 10, 12, 13: "ziplist"
    case 11: "intset"
    case 14: "quicklist"
    case 16, 17, 20: "listpack"
    case 18: "quicklist2"
    case 22: family == .valkey ? "hash2" : "metadata"
    case 23: family == .valkey ? "pathhash" : "listpackex"
    case 24: "metadata"
    case 25: "listpackex"
    case 28: "array"
    case 29...32: "template"
    case 33: "gcra"
    case 64: "cron"
    default: "stream"
    }
  }
}
