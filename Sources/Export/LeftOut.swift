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

    /// The thing left out and why, for one line of the report, behind the number of them.
    public func text(count: Int) -> String { count == 1 ? texts.one : texts.many }

    private var texts: (one: String, many: String) {
      switch self {
      case .expiredKey: ("key that has expired", "keys that have expired")
      case .expiredField: ("hash field that has expired", "hash fields that have expired")
      case .module: Self.unrestorable("module value")
      case .array: Self.unrestorable("array")
      case .pathHash: Self.unrestorable("path hash", "path hashes")
      case .gcra: Self.unrestorable("rate limiter")
      case .cron: Self.unrestorable("cron job")
      case .stream: Self.unknown("stream", "streams")
      case .streamEntry:
        ("stream entry that no command can make", "stream entries that no command can make")
      case .nack: Self.unknown("pending entry without owner", "pending entries without owner")
      case .idmp:
        Self.unknown("state of an idempotent producer", "states of idempotent producers")
      case .fieldExpiry:
        (
          "expiry of a hash field, which the target does not have; the field stays",
          "expiries of hash fields, which the target does not have; the fields stay"
        )
      case .nanScore:
        ("member whose score is not a number", "members whose score is not a number")
      case .keyMetadata:
        (
          "set of key metadata, which no command can make",
          "sets of key metadata, which no command can make"
        )
      case .script:
        Self.unknown("function library or script", "function libraries or scripts")
      }
    }

    private static func unrestorable(_ one: String, _ many: String? = nil) -> (String, String) {
      let why = "that the target cannot restore"
      return ("\(one) \(why)", "\(many ?? one + "s") \(why)")
    }

    private static func unknown(_ one: String, _ many: String) -> (String, String) {
      let why = "which the target does not have"
      return ("\(one), \(why)", "\(many), \(why)")
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
