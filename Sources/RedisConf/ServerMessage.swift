import RedisModel

/// What servers print when they refuse a line.
enum ServerMessage {
  static let badDirective = "Bad directive or wrong number of arguments"
  static let argumentCount = "wrong number of arguments"
  static let quotes = "Unbalanced quotes in configuration line"
  /// Redis from 8.0 on, at the end of the start.
  static let unresolved =
    "Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting"

  static func defragmentation(_ target: ServerVersion, server: Int) -> String {
    if server < 5 { return "active defrag can't be enabled without proper jemalloc support" }
    let isRenamed = target.isAtLeast(.valkey, 8, 0)
    return "Active defragmentation cannot be enabled: it requires a "
      + (isRenamed ? "" : "Redis ") + "server compiled with a modified Jemalloc like the one "
      + "shipped by default with the " + (isRenamed ? "" : "Redis ") + "source distribution"
  }

  /// What an enumeration says to another word.
  static func words(
    _ variant: DirectiveVariant, _ name: String, isSeven: Bool, server: Int
  ) -> String {
    guard server < 5 else {
      let start = isSeven ? "argument(s)" : "argument"
      return "\(start) must be one of the following: \(variant.words.joined(separator: ", "))"
    }
    switch name {
    case "appendfsync": return "argument must be 'no', 'always' or 'everysec'"
    case "loglevel":
      let words = server < 2 ? "debug, notice, warning" : "debug, verbose, notice, warning"
      return "Invalid log level. Must be one of \(words)"
    case "maxmemory-policy": return "Invalid maxmemory policy"
    case "supervised":
      return
        "Invalid option for 'supervised'. Allowed values: 'upstart', 'systemd', 'auto', or 'no'"
    case "syslog-facility":
      return "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7"
    default: return badDirective
    }
  }
}

extension ServerMessage {
  static func twoSources(_ target: ServerVersion) -> String {
    let name = target.isAtLeast(.valkey, 8, 0) ? "Valkey" : "Redis"
    let file = target.isAtLeast(.valkey, 8, 0) ? "valkey.conf" : "redis.conf"
    return "Configuring \(name) with users defined in \(file) and at the same setting an ACL file "
      + "path is invalid. This setup is very likely to lead to configuration errors and security "
      + "holes, please define either an ACL file or declare users directly in your \(file), but "
      + "not both."
  }
}
