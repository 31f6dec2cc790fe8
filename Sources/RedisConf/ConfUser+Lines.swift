import RedisModel

extension ConfUser {
  /// The rules of a line, those between parentheses joined; nil, with the word that opens, for one
  /// that is never closed.
  static func merged(
    _ words: [String], _ server: ACLServer
  ) -> Result<[String], UnmatchedParenthesis> {
    guard server.isSeven else { return .success(words) }
    var rules: [String] = []
    var open: (word: String, joined: String)?
    for word in words {
      if let start = open {
        let joined = "\(start.joined) \(word)"
        open = word.hasSuffix(")") ? nil : (start.word, joined)
        if open == nil { rules.append(joined) }
      } else if word.hasPrefix("("), !word.hasSuffix(")") {
        open = (word, word)
      } else {
        rules.append(word)
      }
    }
    guard let start = open else { return .success(rules) }
    return .failure(UnmatchedParenthesis(word: start.word))
  }

  /// A selector that is never closed.
  struct UnmatchedParenthesis: Error {
    let word: String
  }

  /// Why a server refuses the rules of a `user` line while it reads the file; names of commands
  /// and categories are looked at when all modules are loaded.
  static func trouble(_ words: [String], _ target: ServerVersion) -> ConfVerdict.Trouble? {
    let server = ACLServer(target)
    var user = ConfUser(name: "", server: server, hasAllChannels: server.givesAllChannels)
    let rules: [String]
    switch merged(words, server) {
    case .success(let found): rules = found
    case .failure(let unmatched):
      return trouble(.parenthesis(unmatched.word), unmatched.word, words)
    }
    for rule in rules {
      guard let trouble = user.set(rule), trouble != .unknownName else { continue }
      return Self.trouble(trouble, rule, words)
    }
    return nil
  }

  /// Why a server refuses the rules when it has loaded its modules.
  static func startTrouble(_ words: [String], _ server: ACLServer) -> ConfVerdict.Trouble? {
    guard case .success(let rules) = merged(words, server) else { return nil }
    var user = ConfUser(name: "", server: server, hasAllChannels: server.givesAllChannels)
    for rule in rules {
      if let trouble = user.set(rule) { return Self.trouble(trouble, rule, words) }
    }
    return nil
  }

  private static func trouble(
    _ trouble: ACLTrouble, _ rule: String, _ words: [String]
  ) -> ConfVerdict.Trouble {
    let shown = Self.shown(rule)
    let reason =
      switch trouble {
      case .syntax: "'\(shown)' is no rule of a user on this server"
      case .unknownName: "'\(shown)' names no command and no category of this server"
      case .keyAfterAll: "'\(shown)' is refused for a user with all keys"
      case .channelAfterAll: "'\(shown)' is refused for a user with all channels"
      case .hash: "a password hash is 64 lower-case hexadecimal digits"
      case .noPassword: "'\(shown)' removes a password that the user does not have"
      case .fullyAdded: "'\(shown)' adds a part of a command that is added already"
      case .firstArgument: "'\(shown)' names an argument of a subcommand"
      case .parenthesis: "'\(shown)' opens a parenthesis that is never closed"
      }
    let word = words.firstIndex { rule.hasPrefix($0) && !$0.isEmpty }
    return ConfVerdict.Trouble(
      kind: .user, reason: reason, argument: word.map { $0 + 1 }, message: trouble.message)
  }
}
