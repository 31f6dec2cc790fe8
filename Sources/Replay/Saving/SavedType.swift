import Engine
import RDB
import RedisModel

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
    case .module:
      if value.array != nil { return form.first(of: [28]) }
      return value.module.flatMap { type(of: $0, in: form) }
    }
  }

  /// A vector set is built in, or it is not there at all; of other modules the server may have any.
  private static func type(of module: KeptModule, in form: RDBForm) -> UInt8? {
    guard module.isVectorSet else { return form.first(of: [7]) }
    guard module.hasRecord, let version = form.vectorSetNodeVersion,
      module.nodeVersion <= version
    else { return nil }
    return 7
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

  /// What keeps a value out of the data of a server, for messages.
  static func obstacle(_ value: KeptValue, _ server: ServerVersion) -> String {
    let what: String
    switch value.type {
    case .hash: what = "a hash with fields that expire"
    case .stream: what = "a stream"
    case .module where value.array != nil: what = "an array"
    case .module where value.module?.hasRecord == false:
      return "a vector set that commands have changed: its graph is not known"
    case .module where value.module?.isVectorSet == true: what = "a vector set like this"
    case .module: what = "a value of a module"
    default: what = "a \(value.type.name)"
    }
    return "\(what): \(server.displayName) knows none"
  }

  /// Counts what a server has no place for in a stream.
  static func addLosses(
    of stream: KeptStream, to server: ServerVersion, _ losses: inout [String: Int]
  ) {
    if let producers = stream.producers {
      let isKept = server.isAtLeast(.redis, 8, 6)
      let count = isKept ? producers.ownMessageCount : producers.messageCount
      if count > 0 {
        losses[isKept ? "message ids of XADD IDMPAUTO" : "message ids", default: 0] += count
      }
    }
    if server.isAtLeast(.redis, 8, 8) { return }
    var unowned = 0
    stream.forEachGroup { unowned += $0.unownedCount }
    if unowned > 0 { losses["pending entries without an owner", default: 0] += unowned }
  }
}
