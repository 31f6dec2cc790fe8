import RedisModel

/// A user as a server has it after reading its rules.
public struct ConfUser: Sendable {
  /// The name.
  public let name: String
  /// Whether it may log in.
  public private(set) var isOn = false
  /// Whether any password will do.
  public private(set) var needsNoPassword = false
  /// How many passwords it has.
  public var passwordCount: Int { passwords.count }
  /// SHA-256 of its passwords, in hexadecimal: secrets, that no output may show.
  public var passwordHashes: [String] { passwords }
  /// Patterns of keys that its first selector opens: `*`, `app:*`.
  public var keys: [String] { root.keys }
  /// Patterns of channels that its first selector opens.
  public var channels: [String] { root.channels }
  /// The rules as they are written, without secrets.
  public private(set) var rules: [String] = []
  /// Where it is defined; nil for the default user that nobody wrote.
  public internal(set) var origin: ConfSetting.Origin?

  /// What it may do by rules outside parentheses.
  public private(set) var root: ACLSelector
  /// What it may do besides, a selector each: Redis from 7.0 on, and Valkey.
  public private(set) var selectors: [ACLSelector] = []

  private var passwords: [String] = []
  private let server: ACLServer

  /// A new user: off, without any right but the channels that the server gives.
  init(name: String, server: ACLServer, hasAllChannels: Bool) {
    self.name = name
    self.server = server
    root = ACLSelector(server, hasAllChannels: hasAllChannels)
  }

  /// The default user before anybody changes it.
  static func initialDefault(_ server: ACLServer) -> ConfUser {
    var user = ConfUser(name: "default", server: server, hasAllChannels: true)
    for rule in ["on", "nopass", "~*", "+@all"] { _ = user.set(rule) }
    user.rules = []
    return user
  }

  /// A password without a reset of the others, as `requirepass` sets it.
  mutating func setPassword(_ password: String) {
    needsNoPassword = false
    passwords = [Self.hash(password)]
  }

  /// Whether the user may run `config|set`, `get`, …
  public func allows(_ command: String) -> Bool {
    root.allows(command) || selectors.contains { $0.allows(command) }
  }

  /// Applies a rule; what is refused changes nothing.
  mutating func set(_ rule: String) -> ACLTrouble? {
    rules.append(Self.shown(rule))
    if rule.isEmpty { return nil }
    switch rule.lowercased() {
    case "on": isOn = true
    case "off": isOn = false
    case "nopass": (needsNoPassword, passwords) = (true, [])
    case "resetpass": (needsNoPassword, passwords) = (false, [])
    case "sanitize-payload" where server.isSixTwo, "skip-sanitize-payload" where server.isSixTwo:
      return nil
    case "clearselectors" where server.isSeven: selectors = []
    case "reset":
      (isOn, needsNoPassword, passwords, selectors) = (false, false, [], [])
      root = ACLSelector(server, hasAllChannels: false)
    default: return setMarked(rule)
    }
    return nil
  }

  private mutating func setMarked(_ rule: String) -> ACLTrouble? {
    switch rule.first {
    case ">", "#":
      guard let hash = Self.hash(of: rule) else { return .hash }
      needsNoPassword = false
      if !passwords.contains(hash) { passwords.append(hash) }
    case "<", "!":
      guard let hash = Self.hash(of: rule) else { return .hash }
      guard let index = passwords.firstIndex(of: hash) else { return .noPassword }
      passwords.remove(at: index)
    case "(" where server.isSeven && rule.hasSuffix(")"):
      var selector = ACLSelector(server, hasAllChannels: server.givesAllChannels)
      for word in rule.dropFirst().dropLast().split(separator: " ") {
        if let trouble = selector.set(String(word)) { return trouble }
      }
      selectors.append(selector)
    default: return root.set(rule)
    }
    return nil
  }

  /// A rule without the secret that it may carry, also within parentheses.
  static func shown(_ rule: String) -> String {
    guard rule.contains(where: { "><#!".contains($0) }) else { return rule }
    return rule.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let opening = word.prefix { $0 == "(" }
      guard let mark = word.dropFirst(opening.count).first, "><#!".contains(mark) else {
        return String(word)
      }
      return "\(opening)\(mark)***"
    }.joined(separator: " ")
  }

  /// The hash that a rule names, or that of the password that it names.
  private static func hash(of rule: String) -> String? {
    let rest = rule.dropFirst()
    if rule.hasPrefix(">") || rule.hasPrefix("<") { return hash(String(rest)) }
    let isHash =
      rest.utf8.count == 64
      && rest.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    return isHash ? String(rest) : nil
  }

  private static func hash(_ password: String) -> String {
    SHA256.hexadecimal(of: password.utf8)
  }
}
