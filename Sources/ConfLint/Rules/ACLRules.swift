import Findings
import RedisConf
import RedisModel

/// SEC010: rules of a user that later ones undo, and such as no server can apply.
enum ACLOrder: TargetRule {
  static let id = "SEC010"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    for user in file.users {
      for (index, rule) in user.rules.enumerated() {
        if let later = undoing(index, in: user.rules) {
          hits.add(
            file.place(line: user.line.number, columns: user.columns(rule.range)),
            "user \(user.name): '\(rule.shown)' is undone by '\(later.shown)' behind it",
            directive: "user", identity: "\(user.name) \(rule.shown) \(later.shown)")
        }
        if let reason = ACLWords.unknownName(rule.text, target) {
          hits.add(
            file.place(line: user.line.number, columns: user.columns(rule.range)),
            "user \(user.name): \(reason)", directive: "user",
            identity: "\(user.name) \(rule.shown)")
        }
      }
    }
  }

  /// The later rule that takes away what the one at `index` does.
  private static func undoing(_ index: Int, in rules: [ACLLine.Rule]) -> ACLLine.Rule? {
    let rule = rules[index]
    let text = rule.text.lowercased()
    return rules[(index + 1)...].first { later in
      let other = later.text.lowercased()
      if other == "reset" { return text != "reset" }
      if text.hasPrefix("-") && !rule.takesAll { return later.givesAll }
      if text.hasPrefix("+") && !rule.givesAll { return later.takesAll }
      if rule.givesAll { return later.takesAll }
      if text.hasPrefix("~") || text.hasPrefix("%") || text == "allkeys" {
        return other == "resetkeys"
      }
      if text.hasPrefix("&") || text == "allchannels" { return other == "resetchannels" }
      return false
    }
  }
}

/// SEC011: a password that `nopass` behind it drops.
enum ACLPasswordBeforeNopass: TextRule {
  static let id = "SEC011"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for user in file.users {
      guard let nopass = user.rules.lastIndex(where: { $0.text.lowercased() == "nopass" }),
        user.rules[..<nopass].contains(where: { $0.text.hasPrefix(">") || $0.text.hasPrefix("#") })
      else { continue }
      hits.add(
        file.place(line: user.line.number, columns: user.columns(user.rules[nopass].range)),
        "user \(user.name): nopass drops the passwords given before it", directive: "user",
        identity: user.name)
    }
  }
}

/// SEC012: a subcommand that 6.x cannot take away.
enum ACLSubcommandDeny: TargetRule {
  static let id = "SEC012"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    guard target.isAtLeast(.redis, 6, 0), !target.isAtLeast(.redis, 7, 0) else { return }
    for user in file.users {
      for rule in user.rules where rule.text.hasPrefix("-") && rule.text.contains("|") {
        hits.add(
          file.place(line: user.line.number, columns: user.columns(rule.range)),
          "user \(user.name): 6.x refuses '\(rule.text)': take the command away and add the "
            + "subcommands that may stay", directive: "user",
          identity: "\(user.name) \(rule.text)")
      }
    }
  }
}

/// SEC036: the same user twice.
enum ACLDuplicateUser: TargetRule {
  static let id = "SEC036"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    guard target.product == .valkey || target.isAtLeast(.redis, 6, 0) else { return }
    var seen: [String: ACLLine] = [:]
    for user in file.users {
      guard let first = seen[user.name] else {
        seen[user.name] = user
        continue
      }
      let merges = !target.isAtLeast(.redis, 7, 0) && target.product == .redis
      hits.add(
        file.place(line: user.line.number, columns: user.columns(user.nameRange)),
        "user \(user.name) is defined a second time: "
          + (merges ? "6.x applies these rules on top" : "the server refuses to start"),
        directive: "user", identity: user.name,
        notes: [
          Finding.Note(
            "first defined here",
            at: file.place(line: first.line.number, columns: first.columns(first.nameRange)))
        ], severity: merges ? .warning : nil)
    }
  }
}

/// SEC037: what an ACL file cannot hold.
enum ACLForeignLine: TextRule {
  static let id = "SEC037"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    guard file.kind == .acl else { return }
    for line in file.lines {
      let bytes = file.bytes[line.range]
      guard let first = bytes.first(where: { !$0.isConfBlank }) else { continue }
      let words = WordScan.words(file.bytes, in: line.range)
      if words.first.map({ file.bytes[$0].text }) == "user" { continue }
      let isComment = first == UInt8(ascii: "#")
      hits.add(
        file.place(line: line.number),
        isComment
          ? "an ACL file has no comments: each line must begin with 'user'"
          : "each line of an ACL file must begin with 'user' and a name",
        identity: isComment ? "comment" : "line",
        fix: isComment
          ? file.wholeLine(line.number).map {
            file.fix("remove the comment", isSafe: true, [($0, "")])
          } : nil)
    }
  }
}

/// SEC038: a channel pattern that 6.2 refuses, for new users have all channels there.
enum ACLRedundantChannel: TargetRule {
  static let id = "SEC038"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    guard target.isAtLeast(.redis, 6, 2), !target.isAtLeast(.redis, 7, 0) else { return }
    for user in file.users {
      var isReset = false
      for rule in user.rules {
        let text = rule.text.lowercased()
        if text == "resetchannels" { isReset = true }
        if text == "reset" || text == "allchannels" || text == "&*" { isReset = false }
        guard text.hasPrefix("&"), text != "&*", !isReset else { continue }
        hits.add(
          file.place(line: user.line.number, columns: user.columns(rule.range)),
          "user \(user.name): 6.2 refuses '\(rule.text)' for a user that has all channels already",
          directive: "user", identity: "\(user.name) \(rule.text)",
          fix: file.fix(
            "insert resetchannels", isSafe: true,
            [(rule.range.lowerBound..<rule.range.lowerBound, "resetchannels ")]))
        break
      }
    }
  }
}
