import Engine
import RDB
import RedisCodecs

/// Under which type a snapshot holds a value.
enum SavedType {
  /// The limits of a sorted set that is saved as a listpack: the servers' defaults.
  private static let listpackMemberCountMax = 128
  private static let listpackMemberByteCountMax = 64

  /// The type of `value` in a snapshot of that form; `nil` where it has none.
  static func of(_ value: KeptValue, in form: RDBForm) -> UInt8? {
    switch value.type {
    case .string: return 0
    case .list: return form.first(of: [18, 1])
    case .set:
      if value.integerSet != nil, form.takes(11) { return 11 }
      return value.listpack != nil && form.takes(20) ? 20 : 2
    case .zset:
      if form.takes(17), isSmall(value) { return 17 }
      return form.first(of: [5, 3])
    case .hash:
      if value.earliestFieldExpiry != nil { return form.expiringHashType }
      return value.listpack != nil && form.takes(16) ? 16 : 4
    case .stream: return form.streamType
    case .module: return nil
    }
  }

  /// Whether a sorted set fits a listpack. The form matters: a small set in the other one loses the
  /// sign of a zero score when servers load it.
  private static func isSmall(_ zset: KeptValue) -> Bool {
    if zset.isPackedZset { return true }
    guard zset.count <= listpackMemberCountMax else { return false }
    var isSmall = true
    zset.forEachMember { member, _ in
      isSmall = member.byteCount <= listpackMemberByteCountMax
      return isSmall
    }
    return isSmall
  }

  /// What a value has that keeps it out of a snapshot, for messages.
  static func obstacle(_ value: KeptValue) -> String {
    switch value.type {
    case .hash: "a hash with fields that expire"
    case .stream: "a stream"
    case .module: "the value of a module"
    default: "a \(value.type.name)"
    }
  }
}
