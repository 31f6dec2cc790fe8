import RedisModel

/// What differs between servers in answers and behaviour.
///
/// Source: the answers of thirteen servers to the same commands (propagation of the fact sheet).
struct Dialect {
  /// An unknown command's error names the first arguments too.
  let namesArguments: Bool
  /// Names stand in single quotes on both sides, not between backquotes.
  let quotesSimply: Bool
  /// "invalid expire time in 'set' command", not "in set".
  let quotesExpire: Bool
  /// A compact sorted set keeps the sign of a zero score.
  let keepsNegativeZero: Bool
  /// Doubles are answered in their shortest form, not in 17 digits.
  let printsShortest: Bool
  /// Small sets of strings, and small lists, have the encoding `listpack`.
  let hasPackedSetsAndLists: Bool
  /// While loading, commands of a transaction wait for its EXEC; before 4.0.12 they were executed
  /// at once.
  let queuesWhileLoading: Bool
  /// Commands may carry options that this server does not know yet: how old it is.
  let age: Age

  /// Release lines by what they brought, in order.
  enum Age: Int, Comparable {
    case before28, since28, since30, since32, since40, since50, since60, since62, since70, since72
    case since74, since80, since82, since84, since86

    /// Older lines come first.
    static func < (left: Age, right: Age) -> Bool { left.rawValue < right.rawValue }
  }

  /// Whether the server is a Valkey, and which: 0 for Redis.
  let valkey: Int

  /// - Parameter version: the server.
  init(_ version: ServerVersion) {
    let isRedis = version.product == .redis
    let lines: [(Int, Int, Age)] = [
      (2, 8, .since28), (3, 0, .since30), (3, 2, .since32), (4, 0, .since40), (5, 0, .since50),
      (6, 0, .since60), (6, 2, .since62), (7, 0, .since70), (7, 2, .since72), (7, 4, .since74),
      (8, 0, .since80), (8, 2, .since82), (8, 4, .since84), (8, 6, .since86),
    ]
    // Valkey began as Redis 7.2, and what it brought since is asked for by its own number.
    let age =
      isRedis
      ? lines.last { (version.major, version.minor) >= ($0.0, $0.1) }?.2 ?? .before28 : .since72
    self.age = age
    valkey = isRedis ? 0 : version.major * 10 + version.minor
    namesArguments = age >= .since40
    quotesSimply = age >= .since70 || age < .since40
    quotesExpire = age >= .since70
    keepsNegativeZero = age < .since70
    printsShortest = age >= .since72
    hasPackedSetsAndLists = age >= .since72
    queuesWhileLoading = !isRedis || version.isAtLeast(.redis, 4, 0, 12)
  }
}
