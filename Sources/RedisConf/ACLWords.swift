import RedisModel

/// Names within ACL rules.
public enum ACLWords {
  private static let categories: Set<String> = [
    "all", "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
    "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous",
    "connection", "transaction", "scripting",
  ]
  /// Categories that modules of Redis 8 bring.
  private static let moduleCategories: Set<String> = [
    "bloom", "cuckoo", "cms", "topk", "tdigest", "search", "json", "timeseries", "vectorset",
    "array",
  ]

  /// Why `+x` or `-x` names nothing on `target`; nil when it does, or is no such rule.
  public static func unknownName(_ rule: String, _ target: ServerVersion) -> String? {
    guard let sign = rule.first, sign == "+" || sign == "-", rule.utf8.count > 1 else { return nil }
    let name = rule.dropFirst()
    if name.hasPrefix("@") {
      let category = name.dropFirst().lowercased()
      if categories.contains(category) { return nil }
      if moduleCategories.contains(category), target.isAtLeast(.redis, 8, 0) { return nil }
      return "there is no category '\(category)' on \(release(target))"
    }
    let command = String(name.split(separator: "|", maxSplits: 1).first ?? "")
    guard let key = CommandName(command) else { return "there is no command '\(command)'" }
    let table = CommandTable(target)
    if table.index(of: key) != nil || table.isOpenEnded { return nil }
    return "there is no command '\(command)' on \(release(target))"
  }

  private static func release(_ target: ServerVersion) -> String {
    "\(target.product.name) \(target.major).\(target.minor)"
  }
}
