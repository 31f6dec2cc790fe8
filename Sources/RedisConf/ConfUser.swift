import RedisModel

/// The categories of commands on one server.
public final class CommandCategories: Sendable {
  private let entries: [String: [(servers: UInt32, categories: [String])]]

  /// The one table.
  public static let shared = CommandCategories()

  private init() {
    var entries: [String: [(UInt32, [String])]] = [:]
    let text = DirectiveRows.commands.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
    for row in text.split(separator: "\n") {
      let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      entries[String(fields[0]), default: []].append(
        (UInt32(fields[1], radix: 16) ?? 0, fields[2].split(separator: " ").map(String.init)))
    }
    self.entries = entries
  }

  /// The categories of a command or `command|subcommand`; nil when the server does not have it.
  public func categories(of command: String, server: Int) -> [String]? {
    entries[command]?.first { $0.servers & (1 << UInt32(server)) != 0 }?.categories
  }
}

/// A user as a server has it after reading its rules.
public struct ConfUser: Sendable {
  /// The name.
  public let name: String
  /// Whether it may log in.
  public private(set) var isOn = false
  /// Whether any password will do.
  public private(set) var needsNoPassword = false
  /// How many passwords it has.
  public private(set) var passwordCount = 0
  /// Patterns of keys: `*`, `app:*`.
  public private(set) var keys: [String] = []
  /// Patterns of channels.
  public private(set) var channels: [String] = []
  /// The rules as they are written, without secrets.
  public private(set) var rules: [String] = []
  /// Where it is defined; nil for the default user that nobody wrote.
  public internal(set) var origin: ConfSetting.Origin?

  /// Rules on commands in order: whether they add, and what.
  private var commands: [(adds: Bool, name: String)] = []
  private let server: Int

  /// A new user: off, without any right but the channels that the server gives.
  public init(name: String, server: Int, hasAllChannels: Bool) {
    self.name = name
    self.server = server
    if hasAllChannels { channels = ["*"] }
  }

  /// The default user before anybody changes it.
  static func initialDefault(server: Int) -> ConfUser {
    var user = ConfUser(name: "default", server: server, hasAllChannels: true)
    user.isOn = true
    user.needsNoPassword = true
    user.keys = ["*"]
    user.commands = [(true, "@all")]
    return user
  }

  /// Applies rules from left to right.
  public mutating func apply(_ rules: [String]) {
    var isSelector = false
    for rule in rules {
      if rule.hasPrefix("(") { isSelector = true }
      if isSelector { self.rules.append(Self.shown(rule)) } else { apply(rule) }
      if rule.hasSuffix(")") { isSelector = false }
    }
  }

  private mutating func apply(_ rule: String) {
    rules.append(Self.shown(rule))
    let lowered = rule.lowercased()
    switch lowered {
    case "on": isOn = true
    case "off": isOn = false
    case "nopass": (needsNoPassword, passwordCount) = (true, 0)
    case "resetpass": (needsNoPassword, passwordCount) = (false, 0)
    case "allkeys": keys = ["*"]
    case "resetkeys": keys = []
    case "allchannels": channels = ["*"]
    case "resetchannels": channels = []
    case "allcommands": commands = [(true, "@all")]
    case "nocommands": commands = []
    case "reset":
      (isOn, needsNoPassword, passwordCount) = (false, false, 0)
      (keys, channels, commands) = ([], [], [])
    default: applyMarked(rule, lowered)
    }
  }

  private mutating func applyMarked(_ rule: String, _ lowered: String) {
    guard let mark = rule.first else { return }
    let rest = String(rule.dropFirst())
    switch mark {
    case ">", "#": (needsNoPassword, passwordCount) = (false, passwordCount + 1)
    case "<", "!": passwordCount = max(0, passwordCount - 1)
    case "~": keys.append(rest)
    case "%": keys.append(String(rest.drop { $0 != "~" }.dropFirst()))
    case "&": channels.append(rest)
    case "+", "-": commands.append((mark == "+", String(lowered.dropFirst())))
    default: break
    }
  }

  /// A password without a reset of the others, as `requirepass` sets it.
  mutating func setPassword() { (needsNoPassword, passwordCount) = (false, 1) }

  private static func shown(_ rule: String) -> String {
    guard let mark = rule.first, "><#!".contains(mark) else { return rule }
    return "\(mark)***"
  }

  /// Whether the user may run `config|set`, `get`, …
  public func allows(_ command: String) -> Bool {
    let name = command.lowercased()
    let container = String(name.prefix { $0 != "|" })
    let categories =
      CommandCategories.shared.categories(of: name, server: server)
      ?? CommandCategories.shared.categories(of: container, server: server) ?? []
    var isAllowed = false
    for rule in commands {
      if rule.name == name || rule.name == container {
        isAllowed = rule.adds
      } else if rule.name.hasPrefix("@") {
        let category = rule.name.dropFirst()
        if category == "all" || categories.contains(String(category)) { isAllowed = rule.adds }
      }
    }
    return isAllowed
  }

  /// Why a server refuses rules in a `user` line; names of commands are looked at later.
  static func trouble(_ rules: [String], _ target: ServerVersion) -> ConfVerdict.Trouble? {
    var isOpen = false
    for (index, rule) in rules.enumerated() {
      if isOpen {
        isOpen = !rule.hasSuffix(")")
        continue
      }
      if rule.hasPrefix("("), isSeven(target) {
        isOpen = !rule.hasSuffix(")")
        continue
      }
      guard let reason = reason(rule, target) else { continue }
      return ConfVerdict.Trouble(kind: .user, reason: reason, argument: index + 1)
    }
    return nil
  }

  /// Why a server refuses rules when it has read them all: names that it does not have, and what
  /// only 6.x minds.
  static func nameTrouble(_ rules: [String], _ target: ServerVersion) -> ConfVerdict.Trouble? {
    let isSix = target.product == .redis && target.major < 7
    var hasAllChannels = target.isAtLeast(.redis, 6, 2) && isSix
    for written in rules {
      let opened = written.hasPrefix("(") ? written.dropFirst() : written[...]
      let rule = String(opened.hasSuffix(")") ? opened.dropLast() : opened)
      let lowered = rule.lowercased()
      if let reason = ACLWords.unknownName(rule, target) {
        return ConfVerdict.Trouble(kind: .user, reason: reason)
      }
      if isSix, rule.hasPrefix("-"), rule.contains("|") {
        return ConfVerdict.Trouble(
          kind: .user, reason: "6.x cannot take a subcommand away: '\(rule)'")
      }
      if lowered == "resetchannels" { hasAllChannels = false }
      if isSix, hasAllChannels, rule.hasPrefix("&"), rule != "&*" {
        return ConfVerdict.Trouble(
          kind: .user, reason: "'\(rule)' is refused for a user with all channels")
      }
    }
    return nil
  }

  /// Why a server refuses a line of an ACL file.
  static func lineTrouble(_ words: [String], _ target: ServerVersion) -> ConfVerdict.Trouble? {
    guard words.first == "user", words.count >= 2 else {
      return ConfVerdict.Trouble(
        kind: .user, reason: "each line must begin with 'user' and a name")
    }
    return trouble(Array(words.dropFirst(2)), target)
  }

  private static func isSeven(_ target: ServerVersion) -> Bool {
    target.product == .valkey || target.major >= 7
  }

  private static func reason(_ rule: String, _ target: ServerVersion) -> String? {
    let lowered = rule.lowercased()
    let words: Set<String> = [
      "on", "off", "nopass", "resetpass", "allkeys", "resetkeys", "allcommands", "nocommands",
      "reset",
    ]
    let isSixTwo = target.product == .valkey || target.isAtLeast(.redis, 6, 2)
    if rule.isEmpty || words.contains(lowered) { return nil }
    if ["allchannels", "resetchannels", "sanitize-payload", "skip-sanitize-payload"]
      .contains(lowered)
    {
      return isSixTwo ? nil : "'\(rule)' came with 6.2"
    }
    if lowered == "clearselectors" { return isSeven(target) ? nil : "'\(rule)' came with 7.0" }
    if ["alldbs", "resetdbs"].contains(lowered) || lowered.hasPrefix("db=") {
      return target.isAtLeast(.valkey, 9, 1) ? nil : "'\(rule)' came with Valkey 9.1"
    }
    switch rule.first {
    case "~", ">", "<", "+", "-": return nil
    case "&": return isSixTwo ? nil : "channel patterns came with 6.2"
    case "%":
      if !isSeven(target) { return "'%' came with 7.0" }
      let mode = lowered.dropFirst().prefix { $0 != "~" }
      return ["r", "w", "rw", "wr"].contains(String(mode)) && lowered.contains("~")
        ? nil : "'\(rule)' is no key pattern"
    case "#", "!":
      let hash = rule.dropFirst()
      let isHash =
        hash.utf8.count == 64
        && hash.utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
      return isHash ? nil : "a password hash is 64 lower-case hexadecimal digits"
    default: return "'\(rule)' is no rule of a user"
    }
  }
}
