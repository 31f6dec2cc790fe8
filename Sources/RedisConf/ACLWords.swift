import RedisModel

/// Names within ACL rules.
public enum ACLWords {
  /// Why `+x` or `-x` names nothing on `target`; nil when it does, or is no such rule.
  public static func unknownName(_ rule: String, _ target: ServerVersion) -> String? {
    guard let sign = rule.first, sign == "+" || sign == "-", rule.utf8.count > 1 else { return nil }
    let server = ACLServer(target)
    let name = rule.dropFirst().lowercased()
    let release = "\(target.product.name) \(target.major).\(target.minor)"
    if name.hasPrefix("@") {
      let category = String(name.dropFirst())
      return category == "all" || server.hasCategory(category)
        ? nil : "there is no category '\(category)' on \(release)"
    }
    let command = String(name.prefix { $0 != "|" })
    return server.hasCommand(command) ? nil : "there is no command '\(command)' on \(release)"
  }
}
