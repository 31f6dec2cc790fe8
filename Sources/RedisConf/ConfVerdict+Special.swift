import RedisModel

extension ConfVerdict {
  private var isTableDriven: Bool { target.product == .valkey || target.major >= 7 }

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
    case "dir" where texts == [""]:
      return Trouble(kind: .valueKind, reason: "dir is empty", argument: 0)
    case "latency-tracking-info-percentiles": return percentileTrouble(texts)
    case "user": return ConfUser.trouble(Array(texts.dropFirst()), target)
    case "sentinel":
      return Trouble(
        kind: .other, reason: "sentinel directive while not in sentinel mode")
    default: return nil
    }
  }

  private func saveTrouble(_ texts: [String]) -> Trouble? {
    if texts == [""] { return nil }
    var words = texts
    if isTableDriven {
      words = texts.flatMap { $0.split(separator: " ").map(String.init) }
      if words.isEmpty, !texts.isEmpty {
        return Trouble(kind: .valueKind, reason: "invalid save parameters")
      }
      guard words.count.isMultiple(of: 2) else {
        return Trouble(
          kind: .valueKind, reason: "save takes pairs of seconds and changes",
          argument: texts.count - 1)
      }
    } else if texts.count != 2 {
      return nil
    }
    for (index, word) in words.enumerated() {
      let value =
        isTableDriven ? Int(word) : Int(word.prefix { $0.isNumber || $0 == "-" }) ?? 0
      guard let value, value >= (index.isMultiple(of: 2) ? 1 : 0) else {
        return Trouble(
          kind: .valueKind, reason: "'\(word)' is no number of seconds or changes",
          argument: min(index, texts.count - 1))
      }
    }
    return nil
  }

  private func bindTrouble(_ texts: [String]) -> Trouble? {
    if texts.count > 16 {
      return Trouble(kind: .argumentCount, reason: "bind takes at most 16 addresses")
    }
    if !isTableDriven, texts.isEmpty {
      return Trouble(kind: .argumentCount, reason: "bind takes at least one address")
    }
    return nil
  }

  private func bufferTrouble(_ texts: [String]) -> Trouble? {
    if texts.isEmpty, isTableDriven { return nil }
    guard texts.count.isMultiple(of: 4), texts.count == 4 || isTableDriven else {
      return Trouble(
        kind: .argumentCount,
        reason: "a class, a hard limit, a soft limit and seconds are expected")
    }
    for start in stride(from: 0, to: texts.count, by: 4) {
      let name = texts[start].lowercased()
      var classes = ["normal", "slave", "pubsub"]
      if target.product == .valkey || target.major >= 5 { classes.append("replica") }
      guard classes.contains(name) else {
        return Trouble(
          kind: .valueKind, reason: "there is no client class '\(texts[start])'", argument: start)
      }
      if !isTableDriven { continue }
      for index in 1...2 where ConfNumber.bytes(texts[start + index]) == nil {
        return Trouble(
          kind: .valueKind, reason: "'\(texts[start + index])' is no size",
          argument: start + index)
      }
      guard let seconds = Int(texts[start + 3]), seconds >= 0 else {
        return Trouble(
          kind: .valueKind, reason: "'\(texts[start + 3])' is no number of seconds",
          argument: start + 3)
      }
    }
    return nil
  }

  private func eventTrouble(_ texts: [String]) -> Trouble? {
    guard texts.count == 1 else {
      return Trouble(
        kind: .argumentCount,
        reason: "'notify-keyspace-events' takes 1 argument, not \(texts.count)")
    }
    var letters = "Ag$lshzxeKE"
    if target.product == .valkey || target.major >= 5 { letters += "tm" }
    if target.product == .valkey || target.isAtLeast(.redis, 6, 2) { letters += "d" }
    if target.product == .valkey || target.major >= 7 { letters += "n" }
    if target.isAtLeast(.redis, 8, 2) { letters += "oc" }
    guard let bad = texts[0].first(where: { !letters.contains($0) }) else { return nil }
    return Trouble(
      kind: .valueKind, reason: "there is no event class '\(bad)'", argument: 0)
  }

  private func scoreTrouble(_ texts: [String]) -> Trouble? {
    let words = isTableDriven ? texts.flatMap { $0.split(separator: " ").map(String.init) } : texts
    guard words.count == 3 else {
      return Trouble(kind: .argumentCount, reason: "three scores are expected")
    }
    for (index, word) in words.enumerated() {
      guard let value = Int(word), (-2000...2000).contains(value) else {
        return Trouble(
          kind: .bounds, reason: "'\(word)' is no score from -2000 to 2000",
          argument: min(index, texts.count - 1))
      }
    }
    return nil
  }

  private func replicaTrouble(_ texts: [String]) -> Trouble? {
    let words =
      isTableDriven && texts.count == 1
      ? texts[0].split(separator: " ").map(String.init) : texts
    guard words.count == 2 else {
      return Trouble(kind: .argumentCount, reason: "a host and a port are expected")
    }
    if words.map({ $0.lowercased() }) == ["no", "one"] { return nil }
    guard let port = Int(words[1]), (0...65535).contains(port) else {
      return Trouble(kind: .valueKind, reason: "'\(words[1])' is no port", argument: 1)
    }
    return nil
  }

  private func renameTrouble(_ texts: [String]) -> Trouble? {
    if texts.count != 2 {
      return target.isAtLeast(.redis, 8, 0)
        ? nil : Trouble(kind: .argumentCount, reason: "a command and its new name are expected")
    }
    let table = CommandTable(target)
    func isCommand(_ name: String) -> Bool {
      CommandName(name).flatMap { table.index(of: $0) } != nil
    }
    if !isCommand(texts[0]), !table.isOpenEnded {
      return Trouble(
        kind: .other, reason: "there is no command '\(texts[0])' to rename", argument: 0)
    }
    if isCommand(texts[1]), texts[0].lowercased() != texts[1].lowercased() {
      return Trouble(
        kind: .other, reason: "there is a command '\(texts[1])' already", argument: 1)
    }
    return nil
  }

  private func percentileTrouble(_ texts: [String]) -> Trouble? {
    for word in texts.flatMap({ $0.split(separator: " ") }) {
      guard let value = Double(word), value >= 0, value <= 100 else {
        return Trouble(
          kind: .valueKind, reason: "'\(word)' is no percentage from 0 to 100", argument: 0)
      }
    }
    return nil
  }

  /// Nil when the server takes the text of a directive that takes texts.
  func textTrouble(_ name: String, _ arguments: [[UInt8]]) -> Trouble? {
    guard let bytes = arguments.first else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    switch name {
    case "dbfilename", "appendfilename", "appenddirname":
      if text.contains("/") {
        return Trouble(kind: .valueKind, reason: "'\(text)' is a path, not a name", argument: 0)
      }
      if text.isEmpty, name != "dbfilename", isTableDriven {
        return Trouble(kind: .valueKind, reason: "\(name) is empty", argument: 0)
      }
      return nil
    case "cluster-announce-hostname":
      let isName = text.utf8.allSatisfy {
        ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A)
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
      }
      return isName && text.utf8.count < 256
        ? nil : Trouble(kind: .valueKind, reason: "'\(text)' is no host name", argument: 0)
    case "proc-title-template": return titleTrouble(text)
    default: return nil
    }
  }

  private func titleTrouble(_ text: String) -> Trouble? {
    let names = [
      "title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file",
    ]
    var rest = text[...]
    var isRight = !text.allSatisfy { $0 == " " }
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
      ? nil : Trouble(kind: .valueKind, reason: "'\(text)' is no template of a title", argument: 0)
  }
}
