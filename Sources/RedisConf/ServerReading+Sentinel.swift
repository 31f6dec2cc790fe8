import RedisModel

/// The `sentinel` lines, as a Sentinel takes them.
extension ServerReading {
  /// Reads them in the order of the server: from 6.2 on what concerns the Sentinel itself comes
  /// first, then what it monitors, then the rest.
  mutating func readSentinel(_ files: any ConfFiles) {
    var lines: [(stage: Int, origin: ConfSetting.Origin)] = []
    for origin in order {
      let line = documents[origin.document].lines[origin.line]
      guard line.name == "sentinel", line.unbalancedAt == nil, line.tokens.count > 1 else {
        continue
      }
      lines.append((isSixTwo ? Self.stage(line.arguments[0].lowercased()) : 0, origin))
    }
    for stage in 0...2 {
      for line in lines where line.stage == stage {
        if let trouble = sentinelTrouble(line.origin, files) {
          refuse(trouble, line.origin, isAtStart: isSixTwo)
        }
      }
    }
  }

  private var isSixTwo: Bool { server >= 6 }

  private static let ownOptions: Set<String> = [
    "announce-ip", "announce-port", "deny-scripts-reconfig", "sentinel-user", "sentinel-pass",
    "current-epoch", "myid", "resolve-hostnames", "announce-hostnames",
  ]

  private static func stage(_ verb: String) -> Int {
    ownOptions.contains(verb) ? 0 : verb == "monitor" ? 1 : 2
  }

  /// The options, with the first server that has each and the number of their words.
  private static let grammar: [String: (server: Int, words: ClosedRange<Int>)] = [
    "monitor": (0, 5...5), "down-after-milliseconds": (0, 3...3),
    "failover-timeout": (0, 3...3), "parallel-syncs": (0, 3...3), "auth-pass": (0, 3...3),
    "notification-script": (0, 3...3), "client-reconfig-script": (0, 3...3),
    "current-epoch": (0, 2...2), "config-epoch": (0, 3...3), "leader-epoch": (0, 3...3),
    "known-slave": (0, 4...4), "known-sentinel": (0, 4...5), "announce-ip": (0, 2...2),
    "announce-port": (0, 2...2), "myid": (2, 2...2), "deny-scripts-reconfig": (2, 2...2),
    "known-replica": (4, 4...4), "rename-command": (4, 4...4), "auth-user": (5, 3...3),
    "sentinel-user": (6, 2...2), "sentinel-pass": (6, 2...2), "resolve-hostnames": (6, 2...2),
    "announce-hostnames": (6, 2...2), "master-reboot-down-after-period": (7, 3...3),
    "primary-reboot-down-after-period": (13, 3...3),
  ]

  private mutating func sentinelTrouble(
    _ origin: ConfSetting.Origin, _ files: any ConfFiles
  ) -> ConfVerdict.Trouble? {
    let words = documents[origin.document].lines[origin.line].arguments
    let verb = words[0].lowercased()
    guard let known = Self.grammar[verb], server >= known.server, known.words.contains(words.count)
    else {
      let reason =
        Self.grammar[verb] == nil
        ? "there is no option '\(verb)' of a Sentinel"
        : "this Sentinel does not take '\(verb)' with \(words.count - 1) words"
      return trouble(reason, "Unrecognized sentinel configuration statement.", 0)
    }
    if verb == "monitor" { return monitor(words, origin) }
    if Self.ownOptions.contains(verb) { return own(verb, words[1]) }
    guard let index = monitors.firstIndex(where: { $0.name == words[1] }) else {
      return trouble(
        "there is no primary '\(words[1])'" + (isSixTwo ? "" : " yet"),
        "No such master with specified name.", 1)
    }
    return option(verb, words, index, files)
  }

  private func trouble(
    _ reason: String, _ message: String, _ argument: Int, kind: ConfRefusal.Kind = .sentinel
  ) -> ConfVerdict.Trouble {
    ConfVerdict.Trouble(kind: kind, reason: reason, argument: argument, message: message)
  }

  private var resolvesNames: Bool { !isSixTwo || sentinelOptions["resolve-hostnames"] == "yes" }

  private mutating func monitor(
    _ words: [String], _ origin: ConfSetting.Origin
  ) -> ConfVerdict.Trouble? {
    let quorum = ConfNumber.leadingInt32(words[4])
    let port = ConfNumber.leadingInt32(words[3])
    if quorum <= 0 {
      return trouble("the quorum must be 1 or greater", "Quorum must be 1 or greater.", 4)
    }
    let leastPort: Int32 = server < 2 ? 1 : 0
    if port < leastPort || port > 65535 {
      return trouble(
        "'\(words[3])' is no port", "Invalid port number" + (isSixTwo ? "." : ""), 3)
    }
    if !resolvesNames, !HostAddress.isLiteral(words[2]) {
      return trouble(
        "'\(words[2])' is a host name, and names are not resolved",
        "Can't resolve instance hostname.", 2)
    }
    if monitors.contains(where: { $0.name == words[1] }) {
      return trouble(
        "'\(words[1])' is monitored already",
        isSixTwo ? "Duplicate master name." : "Duplicated master name.", 1)
    }
    monitors.append(
      SentinelMonitor(
        name: words[1], host: words[2], port: Int(port), quorum: Int(quorum), origin: origin))
    return nil
  }

  private mutating func own(_ verb: String, _ word: String) -> ConfVerdict.Trouble? {
    switch verb {
    case "deny-scripts-reconfig", "resolve-hostnames", "announce-hostnames":
      let value = word.lowercased()
      guard value == "yes" || value == "no" else {
        let ending = verb == "deny-scripts-reconfig" ? "options" : "option"
        return trouble(
          "'\(word)' is neither yes nor no", "Please specify yes or no for the \(verb) \(ending).",
          1)
      }
      sentinelOptions[verb] = value
    case "myid":
      guard word.utf8.count == 40 else {
        return trouble(
          "an id has 40 characters, not \(word.utf8.count)",
          "Malformed Sentinel id in myid option.", 1)
      }
      sentinelOptions[verb] = word
    case "announce-port": sentinelOptions[verb] = "\(ConfNumber.leadingInt32(word))"
    default: sentinelOptions[verb] = word
    }
    return nil
  }

  private mutating func option(
    _ verb: String, _ words: [String], _ index: Int, _ files: any ConfFiles
  ) -> ConfVerdict.Trouble? {
    let number = Int64(ConfNumber.leadingInt32(words[2]))
    switch verb {
    case "down-after-milliseconds", "failover-timeout":
      guard number > 0 else {
        return trouble(
          "'\(words[2])' is no number of milliseconds above 0",
          "negative or zero time parameter.", 2)
      }
      if verb == "failover-timeout" {
        monitors[index].failoverTimeout = number
      } else {
        monitors[index].downAfterMilliseconds = number
      }
    case "parallel-syncs": monitors[index].parallelSyncs = number
    case "auth-pass": monitors[index].hasPassword = !words[2].isEmpty
    case "auth-user": monitors[index].user = words[2]
    case "notification-script", "client-reconfig-script":
      guard files.isExecutable(words[2]) == false else { return nil }
      let what = verb == "notification-script" ? "Notification" : "Client reconfiguration"
      return trouble(
        "there is no script '\(words[2])' that may run on this machine",
        "\(what) script seems non existing or non executable.", 2, kind: .missingHere)
    case "rename-command":
      let command = words[2].lowercased()
      guard monitors[index].renames[command] == nil else {
        return trouble(
          "'\(words[2])' is renamed twice",
          "Same command renamed multiple times with rename-command.", 2)
      }
      monitors[index].renames[command] = words[3]
    case "master-reboot-down-after-period", "primary-reboot-down-after-period":
      if number < 0 {
        return trouble("'\(words[2])' is below 0", "negative time parameter.", 2)
      }
    case "known-slave", "known-replica", "known-sentinel":
      if !resolvesNames, !HostAddress.isLiteral(words[2]) {
        let what = verb == "known-sentinel" ? "sentinel" : "replica"
        return trouble(
          "'\(words[2])' is a host name, and names are not resolved",
          "Wrong hostname or port for \(what).", 2)
      }
    default: break
    }
    return nil
  }
}
