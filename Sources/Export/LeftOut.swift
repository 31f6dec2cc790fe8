import RDB

/// What a rebuild by commands could not carry over, for the report on standard error.
public struct LeftOut: Sendable {
  /// Why something was left out.
  public enum Reason: Int, Sendable, CaseIterable {
    /// The key has expired; a loading primary drops it.
    case expiredKey
    /// The field has expired; a loading primary drops it.
    case expiredField
    /// A module's value, and the target takes no such payload, or none can be made.
    case module
    /// An array, likewise.
    case array
    /// A path hash, likewise.
    case pathHash
    /// A rate limiter, likewise.
    case gcra
    /// A cron job, likewise.
    case cron
    /// The target has no streams.
    case stream
    /// A stream entry without fields, or with the id 0-0: no command makes one.
    case streamEntry
    /// The target has no NACK zone; its entries are not pending after the rebuild.
    case nack
    /// The target has no idempotent producers.
    case idmp
    /// The target has no field expiry; the field stays for good.
    case fieldExpiry
    /// A score that is not a number.
    case nanScore
    /// Metadata of modules that hangs on a key.
    case keyMetadata
    /// A function library or script, and the target has none.
    case script

    /// The thing left out and why, for one line of the report.
    public var text: String {
      switch self {
      case .expiredKey: "keys that have expired"
      case .expiredField: "hash fields that have expired"
      case .module: "module values that the target cannot restore"
      case .array: "arrays that the target cannot restore"
      case .pathHash: "path hashes that the target cannot restore"
      case .gcra: "rate limiters that the target cannot restore"
      case .cron: "cron jobs that the target cannot restore"
      case .stream: "streams, which the target does not have"
      case .streamEntry: "stream entries that no command can make"
      case .nack: "pending entries without owner, which the target does not have"
      case .idmp: "states of idempotent producers, which the target does not have"
      case .fieldExpiry: "expiries of hash fields, which the target does not have; the fields stay"
      case .nanScore: "members whose score is not a number"
      case .keyMetadata: "sets of key metadata, which no command can make"
      case .script: "function libraries or scripts, which the target does not have"
      }
    }

    /// The reason that stands for values of `kind`.
    init(_ kind: RDBValueKind) {
      switch kind {
      case .array: self = .array
      case .pathHash: self = .pathHash
      case .gcra: self = .gcra
      case .cron: self = .cron
      case .stream: self = .stream
      case .string, .list, .set, .zset, .hash, .module: self = .module
      }
    }
  }

  /// How much was left out for one reason.
  public struct Item: Sendable {
    /// Why.
    public let reason: Reason
    /// How many.
    public fileprivate(set) var count: Int
    /// The database of the first.
    public let database: Int
    /// The key of the first; empty for a script.
    public let key: [UInt8]
  }

  /// One item per reason that occurred, in the order of `Reason`.
  public var items: [Item] { slots.compactMap { $0 } }
  /// Whether nothing was left out.
  public var isEmpty: Bool { slots.allSatisfy { $0 == nil } }

  private var slots = [Item?](repeating: nil, count: Reason.allCases.count)

  /// Counts one; the key is copied for the first of its reason only.
  mutating func note(_ reason: Reason, database: Int, key: UnsafeRawBufferPointer) {
    if slots[reason.rawValue] == nil {
      slots[reason.rawValue] = Item(
        reason: reason, count: 0, database: database, key: Array(key))
    }
    slots[reason.rawValue]?.count += 1
  }
}
