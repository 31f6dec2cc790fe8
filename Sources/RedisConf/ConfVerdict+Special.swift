import RedisModel

extension ConfVerdict {
  /// Nil when the server takes the arguments of a directive with a grammar of its own.
  func specialTrouble(_ name: String, _ arguments: [[UInt8]]) -> Trouble? {
    let texts = arguments.map { String(decoding: $0, as: UTF8.self) }
    switch name {
    case "save": return saveTrouble(texts)
    case "bind": return bindTrouble(texts)
    case "client-output-buffer-limit": return bufferTrouble(texts)
    case "notify-keyspace-events": return eventTrouble(texts)
    case "oom-score-adj-values": return scoreTrouble(texts)
    case "replicaof": return replicaTrouble(texts)
    case "rename-command": return renameTrouble(texts)
    case "latency-tracking-info-percentiles": return percentileTrouble(texts)
    case "user": return userTrouble(texts)
    case "dir" where texts == [""]:
      return Trouble(
        kind: .valueKind, reason: "dir is empty", argument: 0,
        message: isSeven
          ? target.isAtLeast(.valkey, 8, 0) ? "dir can't be empty" : "No such file or directory"
          : "Can't chdir to '': No such file or directory")
    case "sentinel" where !texts.isEmpty:
      return Trouble(
        kind: .other, reason: "sentinel directive while not in sentinel mode",
        message: "sentinel directive while not in sentinel mode")
    default: return nil
    }
  }

  /// The words of a directive whose arguments may stand in one pair of quotes.
  func spread(_ texts: [String]) -> [String] {
    guard isSeven, texts.count == 1, !texts[0].isEmpty else { return texts }
    return texts[0].split(separator: " ", omittingEmptySubsequences: false).map(String.init)
  }

  private func saveTrouble(_ texts: [String]) -> Trouble? {
    let message = "Invalid save parameters"
    if texts == [""] || texts.isEmpty { return nil }
    guard isSeven || texts.count == 2 else { return nil }
    let words = isSeven ? spread(texts) : texts
    guard words.count.isMultiple(of: 2) else {
      return Trouble(
        kind: .valueKind, reason: "save takes pairs of seconds and changes",
        argument: texts.count - 1, message: message)
    }
    for (index, word) in words.enumerated() {
      let value =
        isSeven ? ConfNumber.wholeInteger(word) : Int64(ConfNumber.leadingInt32(word))
      guard let value, value >= (index.isMultiple(of: 2) ? 1 : 0) else {
        return Trouble(
          kind: .valueKind, reason: "'\(word)' is no number of seconds or changes",
          argument: min(index, texts.count - 1), message: message)
      }
    }
    return nil
  }

  private static let addressCountMax = 16

  private func bindTrouble(_ texts: [String]) -> Trouble? {
    let words = spread(texts)
    guard words.count > Self.addressCountMax else { return nil }
    return Trouble(
      kind: .argumentCount, reason: "bind takes at most 16 addresses",
      message: "Too many bind addresses specified" + (isSeven ? "." : ""))
  }

  private func bufferTrouble(_ texts: [String]) -> Trouble? {
    let words = spread(texts)
    guard words.count.isMultiple(of: 4), words.count == 4 || isSeven else {
      return Trouble(
        kind: .argumentCount,
        reason: "a class, a hard limit, a soft limit and seconds are expected",
        message: "Wrong number of arguments in buffer limit configuration.")
    }
    var classes = ["normal", "slave", "pubsub"]
    if server >= 4 { classes.append("replica") }
    for start in stride(from: 0, to: words.count, by: 4) {
      guard classes.contains(words[start].lowercased()) else {
        return Trouble(
          kind: .valueKind, reason: "there is no client class '\(words[start])'",
          argument: min(start, texts.count - 1), message: bufferClassMessage)
      }
      if let trouble = limitTrouble(words, start, texts.count) { return trouble }
    }
    return nil
  }

  private var bufferClassMessage: String {
    if isSeven { return "Invalid client class specified in buffer limit configuration." }
    let text = "Unrecognized client limit class"
    return server < 2
      ? text
      : text + ": the user specified an invalid one, or 'master' which has no buffer limits."
  }

  private func limitTrouble(_ words: [String], _ start: Int, _ count: Int) -> Trouble? {
    guard isSeven else {
      guard ConfNumber.leadingInt32(words[start + 3]) < 0 else { return nil }
      return Trouble(
        kind: .bounds, reason: "'\(words[start + 3])' is below 0", argument: start + 3,
        message: "Negative number of seconds in soft limit is invalid")
    }
    let message = "Error in hard, soft or soft_seconds setting in buffer limit configuration."
    for index in 1...2 where ConfNumber.bytes(words[start + index]) == nil {
      return Trouble(
        kind: .valueKind, reason: "'\(words[start + index])' is no size",
        argument: min(start + index, count - 1), message: message)
    }
    guard let seconds = ConfNumber.wholeInteger(words[start + 3]), seconds >= 0 else {
      return Trouble(
        kind: .valueKind, reason: "'\(words[start + 3])' is no number of seconds",
        argument: min(start + 3, count - 1), message: message)
    }
    return nil
  }

  /// The letters of `notify-keyspace-events` on this server.
  var eventLetters: String {
    var letters = "Ag$lshzxeKE"
    if server >= 5 { letters += "tm" } else if server == 4 { letters += "t" }
    if server >= 6 { letters += "d" }
    if isSeven { letters += "n" }
    if target.isAtLeast(.redis, 8, 2) { letters += "oc" }
    return letters
  }

  private func eventTrouble(_ texts: [String]) -> Trouble? {
    let letters = eventLetters
    guard let bad = texts.first?.first(where: { !letters.contains($0) }) else { return nil }
    return Trouble(
      kind: .valueKind, reason: "there is no event class '\(bad)'", argument: 0,
      message: isSeven
        ? "Invalid event class character. Use 'Ag$lshzxeKEtmdn'."
        : "Invalid event class character. Use 'g$lshzxeA'.")
  }

  private func scoreTrouble(_ texts: [String]) -> Trouble? {
    let words = spread(texts)
    guard words.count == 3 else {
      return Trouble(
        kind: .argumentCount, reason: "three scores are expected",
        message: ServerMessage.argumentCount)
    }
    for (index, word) in words.enumerated() {
      guard let value = ConfNumber.wholeInteger(word), (-2000...2000).contains(value) else {
        return Trouble(
          kind: .bounds, reason: "'\(word)' is no score from -2000 to 2000",
          argument: min(index, texts.count - 1),
          message: "Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
      }
    }
    return nil
  }

  private func replicaTrouble(_ texts: [String]) -> Trouble? {
    let words = spread(texts)
    guard words.count == 2 else {
      return Trouble(
        kind: .argumentCount, reason: "a host and a port are expected",
        message: ServerMessage.argumentCount)
    }
    if server < 5 || words.map({ $0.lowercased() }) == ["no", "one"] { return nil }
    guard let port = ConfNumber.wholeInteger(words[1]), (0...65535).contains(port) else {
      return Trouble(
        kind: .valueKind, reason: "'\(words[1])' is no port",
        argument: min(1, texts.count - 1),
        message: target.isAtLeast(.valkey, 8, 0) ? "Invalid primary port" : "Invalid master port")
    }
    return nil
  }

  private func userTrouble(_ texts: [String]) -> Trouble? {
    guard var trouble = ConfUser.trouble(Array(texts.dropFirst()), target) else { return nil }
    let rule =
      trouble.argument.flatMap { texts.indices.contains($0) ? texts[$0] : nil } ?? "user"
    trouble.message = "Error in user declaration '\(isSeven ? "user" : rule)': \(trouble.message)"
    return trouble
  }

  private func renameTrouble(_ texts: [String]) -> Trouble? {
    let table = CommandTable.shared(target)
    func isCommand(_ name: String) -> Bool {
      if isSentinel { return Self.sentinelCommands.contains(name.lowercased()) }
      return CommandName(name).flatMap { table.index(of: $0) } != nil
    }
    if !isCommand(texts[0]), !table.isOpenEnded || isSentinel {
      return Trouble(
        kind: .other, reason: "there is no command '\(texts[0])' to rename", argument: 0,
        message: "No such command in rename-command")
    }
    if isCommand(texts[1]), texts[0].lowercased() != texts[1].lowercased() {
      return Trouble(
        kind: .other, reason: "there is a command '\(texts[1])' already", argument: 1,
        message: "Target command name already exists")
    }
    return nil
  }

  private static let sentinelCommands: Set<String> = [
    "acl", "auth", "client", "command", "hello", "info", "ping", "psubscribe", "publish",
    "punsubscribe", "role", "sentinel", "shutdown", "subscribe", "unsubscribe",
  ]

  private func percentileTrouble(_ texts: [String]) -> Trouble? {
    if texts == [""] { return nil }
    for word in spread(texts) {
      guard let value = Double(word) else {
        return Trouble(
          kind: .valueKind, reason: "'\(word)' is no percentage", argument: 0,
          message: "Invalid latency-tracking-info-percentiles parameters")
      }
      guard value >= 0, value <= 100 else {
        return Trouble(
          kind: .bounds, reason: "'\(word)' lies outside 0 to 100", argument: 0,
          message: "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
      }
    }
    return nil
  }

  /// Nil when the server takes the text of a directive that takes texts.
  func textTrouble(_ name: String, _ arguments: [[UInt8]]) -> Trouble? {
    guard let bytes = arguments.first else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    func trouble(_ reason: String, _ message: String) -> Trouble {
      Trouble(kind: .valueKind, reason: reason, argument: 0, message: message)
    }
    switch name {
    case "dbfilename", "appendfilename", "appenddirname":
      if text.contains("/") {
        let what = name == "appenddirname" ? "dirname" : "filename"
        return trouble(
          "'\(text)' is a path, not a name", "\(name) can't be a path, just a \(what)")
      }
      let mayBeEmpty = name == "dbfilename" ? !target.isAtLeast(.valkey, 8, 0) : !isSeven
      return text.isEmpty && !mayBeEmpty
        ? trouble("\(name) is empty", "\(name) can't be empty") : nil
    case "cluster-config-file":
      return text.isEmpty && target.isAtLeast(.valkey, 8, 0)
        ? trouble("\(name) is empty", "\(name) can't be empty") : nil
    case "syslog-facility":
      return Self.facilities.contains(text.lowercased())
        ? nil
        : trouble(
          "'\(text)' is no facility",
          "Invalid log facility. Must be one of USER or between LOCAL0-LOCAL7")
    case "proc-title-template": return titleTrouble(text)
    default: return addressTrouble(name, text).map { trouble($0.reason, $0.message) }
    }
  }

  private static let facilities: Set<String> = Set(["user"] + (0...7).map { "local\($0)" })

  private func addressTrouble(
    _ name: String, _ text: String
  ) -> (reason: String, message: String)? {
    if text.isEmpty { return nil }
    switch name {
    case "cluster-announce-hostname":
      if text.utf8.count >= 256 {
        return ("'\(text)' is too long", "Hostnames must be less than 256 characters")
      }
      return text.utf8.allSatisfy { Self.isHostByte($0) }
        ? nil
        : (
          "'\(text)' is no host name",
          "Hostnames may only contain alphanumeric characters, hyphens or dots"
        )
    case "cluster-announce-ip" where target.isAtLeast(.redis, 8, 2):
      return HostAddress.isLiteral(text)
        ? nil
        : (
          "'\(text)' is no address", "Cluster announce IP must be a valid IPv4 or IPv6 address"
        )
    case "cluster-announce-ip" where target.isAtLeast(.valkey, 9, 1):
      return text.utf8.allSatisfy { Self.isHostByte($0) || $0 == UInt8(ascii: ":") }
        ? nil
        : ("'\(text)' is no address", "cluster-announce-ip contains invalid character")
    case "cluster-announce-human-nodename"
    where target.isAtLeast(.valkey, 9, 1) || target.isAtLeast(.redis, 8, 2):
      return text.utf8.allSatisfy { Self.isNameByte($0) }
        ? nil : ("'\(text)' is no name", "Announced human node name contained invalid character")
    case "cluster-announce-client-ipv4":
      return HostAddress.isIPv4(text) ? nil : ("'\(text)' is no address", "Invalid IPv4 address")
    case "cluster-announce-client-ipv6":
      return HostAddress.isIPv6(text) ? nil : ("'\(text)' is no address", "Invalid IPv6 address")
    default: return nil
    }
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  /// Names of nodes stand in lines of words, next to quotes and separators.
  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && !"!\"#$%&'()*+;<>?@[]^{|}~=,".utf8.contains(byte)
  }

  private func titleTrouble(_ text: String) -> Trouble? {
    let names = [
      "title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file",
    ]
    var rest = text[...]
    var isRight = !text.utf8.allSatisfy { ConfNumber.isSpace($0) }
    while let open = rest.firstIndex(of: "{") {
      guard let close = rest[open...].firstIndex(of: "}"),
        names.contains(String(rest[rest.index(after: open)..<close]))
      else {
        isRight = false
        break
      }
      rest = rest[rest.index(after: close)...]
    }
    return isRight
      ? nil
      : Trouble(
        kind: .valueKind, reason: "'\(text)' is no template of a title", argument: 0,
        message: "template format is invalid or contains unknown variables")
  }
}
