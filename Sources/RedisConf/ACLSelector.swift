import RedisModel

/// What rules of users a server has.
struct ACLServer: Sendable {
  let target: ServerVersion
  /// The number of the server in the catalogue.
  let index: Int
  /// Whether new users have all channels.
  let givesAllChannels: Bool
  let commands: CommandTable

  init(_ target: ServerVersion, givesAllChannels: Bool? = nil) {
    self.target = target
    index = DirectiveCatalogue.shared.server(for: target)
    self.givesAllChannels =
      givesAllChannels ?? (target.product == .redis && target.major < 7)
    commands = .shared(target)
  }

  /// Redis 6.2 and later, and Valkey.
  var isSixTwo: Bool { target.product == .valkey || target.isAtLeast(.redis, 6, 2) }
  /// Redis 7.0 and later, and Valkey.
  var isSeven: Bool { target.product == .valkey || target.major >= 7 }

  /// Whether there is a command or, from 7.0 on, a `command|subcommand` of that name.
  func hasCommand(_ name: String) -> Bool {
    if CommandCategories.shared.categories(of: name, server: index) != nil { return true }
    let words = name.split(separator: "|", maxSplits: 1).map { Array($0.utf8) }
    guard let first = words.first else { return false }
    if commands.isOpenEnded { return true }
    return first.withUnsafeBytes { container in
      guard words.count == 2 else { return commands.index(of: container) != nil }
      return words[1].withUnsafeBytes { commands.index(of: container, subcommand: $0) != nil }
    }
  }

  /// Whether the command has subcommands of their own.
  func isContainer(_ name: String) -> Bool {
    guard isSeven, let key = CommandName(name), let index = commands.index(of: key) else {
      return false
    }
    return commands[index].isContainer
  }

  func hasCategory(_ name: String) -> Bool {
    ACLServer.categories.contains(name)
  }

  private static let categories: Set<String> = [
    "keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap",
    "hyperloglog", "geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous",
    "connection", "transaction", "scripting",
  ]
}

/// Why a rule of a user is refused.
enum ACLTrouble: Equatable {
  case syntax, unknownName, keyAfterAll, channelAfterAll, hash, noPassword, fullyAdded
  case firstArgument
  case parenthesis(String)

  /// What the server says.
  var message: String {
    switch self {
    case .syntax: "Syntax error"
    case .unknownName: "Unknown command or category name in ACL"
    case .keyAfterAll:
      "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not "
        + "have any effect. Try 'resetkeys' to start with an empty list of patterns"
    case .channelAfterAll:
      "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does "
        + "not have any effect. Try 'resetchannels' to start with an empty list of channels"
    case .hash:
      "The password hash must be exactly 64 characters and contain only lowercase hexadecimal "
        + "characters"
    case .noPassword: "The password you are trying to remove from the user does not exist"
    case .fullyAdded:
      "Adding a subcommand of a command already fully added is not allowed. Remove the command "
        + "to start. Example: -DEBUG +DEBUG|DIGEST"
    case .firstArgument: "Allowing first-arg of a subcommand is not supported"
    case .parenthesis(let start):
      "Unmatched parenthesis in acl selector starting at '\(start)'."
    }
  }
}

/// A set of rights: commands, keys, channels.
public struct ACLSelector: Sendable {
  /// Patterns of keys.
  public private(set) var keys: [String] = []
  /// Patterns of channels.
  public private(set) var channels: [String] = []

  /// Rules on commands in order: whether they add, and what.
  private var commands: [(adds: Bool, name: String)] = []
  private var hasAllKeys = false
  private var hasAllChannels = false
  private let server: ACLServer

  init(_ server: ACLServer, hasAllChannels: Bool) {
    self.server = server
    self.hasAllChannels = hasAllChannels
    if hasAllChannels { channels = ["*"] }
  }

  /// Applies a rule; what is refused changes nothing.
  mutating func set(_ rule: String) -> ACLTrouble? {
    if rule.isEmpty { return nil }
    switch rule.lowercased() {
    case "allkeys", "~*": (hasAllKeys, keys) = (true, ["*"])
    case "resetkeys": (hasAllKeys, keys) = (false, [])
    case "allchannels" where server.isSixTwo, "&*" where server.isSixTwo:
      (hasAllChannels, channels) = (true, ["*"])
    case "resetchannels" where server.isSixTwo: (hasAllChannels, channels) = (false, [])
    case "allcommands", "+@all": commands = [(true, "@all")]
    case "nocommands", "-@all": commands = []
    case "alldbs" where hasDatabases, "resetdbs" where hasDatabases: return nil
    default: return setMarked(rule)
    }
    return nil
  }

  private var hasDatabases: Bool { server.target.isAtLeast(.valkey, 9, 1) }

  private mutating func setMarked(_ rule: String) -> ACLTrouble? {
    switch rule.first {
    case "~", "%": return setKey(rule)
    case "&" where server.isSixTwo:
      if hasAllChannels { return .channelAfterAll }
      let pattern = String(rule.dropFirst())
      if Self.hasBlank(pattern) { return .syntax }
      if !channels.contains(pattern) { channels.append(pattern) }
      return nil
    case "+", "-": return setCommand(rule.lowercased())
    default:
      guard hasDatabases, rule.lowercased().hasPrefix("db=") else { return .syntax }
      let numbers = rule.dropFirst(3).split(separator: ",", omittingEmptySubsequences: false)
      return numbers.allSatisfy { ConfNumber.integer($0).map { $0 >= 0 } ?? false }
        ? nil : .syntax
    }
  }

  private mutating func setKey(_ rule: String) -> ACLTrouble? {
    var pattern = rule.dropFirst()
    if rule.hasPrefix("%") {
      guard server.isSeven, let tilde = pattern.firstIndex(of: "~") else { return .syntax }
      let mode = pattern[..<tilde].lowercased()
      guard !mode.isEmpty, mode.allSatisfy({ $0 == "r" || $0 == "w" }) else { return .syntax }
      pattern = pattern[pattern.index(after: tilde)...]
      if pattern == "*", Set(mode).count == 2, !hasAllKeys {
        (hasAllKeys, keys) = (true, ["*"])
        return nil
      }
    }
    if hasAllKeys { return .keyAfterAll }
    let text = String(pattern)
    if Self.hasBlank(text) { return .syntax }
    if !keys.contains(text) { keys.append(text) }
    return nil
  }

  private static func hasBlank(_ text: String) -> Bool {
    text.utf8.contains { ConfNumber.isSpace($0) || $0 == 0 }
  }

  private mutating func setCommand(_ rule: String) -> ACLTrouble? {
    let adds = rule.hasPrefix("+")
    let name = String(rule.dropFirst())
    if name.hasPrefix("@") {
      guard server.hasCategory(String(name.dropFirst())) else { return .unknownName }
    } else if let bar = name.firstIndex(of: "|") {
      let container = String(name[..<bar])
      let word = String(name[name.index(after: bar)...])
      if let trouble = trouble(subcommand: word, of: container, adds: adds) { return trouble }
    } else if !server.hasCommand(name) {
      return .unknownName
    }
    commands.append((adds, name))
    return nil
  }

  private func trouble(
    subcommand word: String, of container: String, adds: Bool
  ) -> ACLTrouble? {
    guard server.hasCommand(container) else { return .unknownName }
    guard server.isSeven else {
      if !adds { return .unknownName }
      if word.isEmpty { return .syntax }
      return !server.isSixTwo && allows(container) ? .fullyAdded : nil
    }
    if server.isContainer(container) {
      if word.contains("|") { return adds ? .firstArgument : .unknownName }
      return server.hasCommand("\(container)|\(word)") ? nil : .unknownName
    }
    if !adds { return .unknownName }
    return word.isEmpty ? .syntax : nil
  }

  /// Whether it opens `config|set`, `get`, …
  public func allows(_ command: String) -> Bool {
    let name = command.lowercased()
    let container = String(name.prefix { $0 != "|" })
    let table = CommandCategories.shared
    let categories =
      table.categories(of: name, server: server.index)
      ?? table.categories(of: container, server: server.index) ?? []
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
}
