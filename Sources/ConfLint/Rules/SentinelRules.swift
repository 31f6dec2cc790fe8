import Findings
import RedisModel

/// A line of a Sentinel: `sentinel VERB NAME ARGUMENT…`.
struct SentinelLine {
  var line: SourceLine
  var words: [Range<Int>]
  var verb: String
  /// The first argument, for most verbs the name of a primary.
  var name: String?

  /// All of them in a file.
  static func all(in file: RuleFile) -> [SentinelLine] {
    guard file.kind != .acl else { return [] }
    return file.lines.compactMap { line in
      if file.isComment(line) { return nil }
      let words = WordScan.words(file.bytes, in: line.range)
      guard words.count >= 2, file.bytes[words[0]].loweredText == "sentinel" else { return nil }
      return SentinelLine(
        line: line, words: words, verb: file.bytes[words[1]].loweredText,
        name: words.count > 2 ? file.bytes[words[2]].text : nil)
    }
  }

  func columns(_ index: Int) -> Range<Int> {
    let start = line.range.lowerBound
    return words[index].lowerBound - start + 1..<words[index].upperBound - start + 1
  }
}

/// SEN008: a line in front of the monitor line of its primary.
enum SentinelOrder: TargetRule {
  static let id = "SEN008"
  private static let withName: Set<String> = [
    "down-after-milliseconds", "failover-timeout", "parallel-syncs", "notification-script",
    "client-reconfig-script", "auth-pass", "auth-user", "rename-command", "config-epoch",
    "leader-epoch", "known-replica", "known-slave", "known-sentinel",
    "master-reboot-down-after-period", "primary-reboot-down-after-period",
  ]

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    var monitored: Set<String> = []
    let lines = file.sentinelLines
    for line in lines {
      guard let name = line.name else { continue }
      if line.verb == "monitor" { monitored.insert(name) }
      guard withName.contains(line.verb), !monitored.contains(name),
        let monitor = lines.first(where: { $0.verb == "monitor" && $0.name == name })
      else { continue }
      let isRefused = !target.isAtLeast(.redis, 6, 2) && target.product == .redis
      hits.add(
        file.place(line: line.line.number),
        "sentinel \(line.verb) \(name) stands before sentinel monitor \(name) (line "
          + "\(monitor.line.number)): "
          + (isRefused ? "the server refuses to start" : "up to 6.0 servers refuse that"),
        directive: "sentinel \(line.verb)", identity: "\(line.verb) \(name)",
        fix: moving(monitor, before: line, in: file), severity: isRefused ? .error : .info)
    }
  }

  /// The monitor line in front of the other one.
  private static func moving(
    _ monitor: SentinelLine, before line: SentinelLine, in file: RuleFile
  ) -> Fix? {
    guard let whole = file.wholeLine(monitor.line.number) else { return nil }
    var text = file.bytes[monitor.line.range].text
    if text.hasSuffix("\r") { text.removeLast() }
    let start = line.line.range.lowerBound
    return file.fix(
      "move the monitor line up", isSafe: true, [(start..<start, text + "\n"), (whole, "")])
  }
}

/// SEN009: a host name where an address is expected.
enum SentinelHostname: TargetRule {
  static let id = "SEN009"

  static func check(_ file: RuleFile, _ target: ServerVersion, into hits: inout RuleHits) {
    guard target.product == .valkey || target.isAtLeast(.redis, 6, 2) else { return }
    let lines = file.sentinelLines
    let resolves = lines.last { $0.verb == "resolve-hostnames" }.flatMap(\.name)?.lowercased()
    guard resolves != "yes" else { return }
    for line in lines where line.verb == "monitor" && line.words.count > 3 {
      let host = file.bytes[line.words[3]].text
      if host.contains(":") || host.utf8.allSatisfy({ $0.isDigit || $0 == UInt8(ascii: ".") }) {
        continue
      }
      let start = file.lines.first?.range.lowerBound ?? 0
      hits.add(
        file.place(line: line.line.number, columns: line.columns(3)),
        "'\(host)' is a host name and sentinel resolve-hostnames is not yes: the server refuses to "
          + "start", directive: "sentinel monitor", identity: host,
        fix: file.fix(
          "resolve host names", isSafe: false,
          [(start..<start, "sentinel resolve-hostnames yes\n")]))
    }
  }
}

/// SEN010: a Sentinel that anybody can command.
enum SentinelOpen: TextRule {
  static let id = "SEN010"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    guard file.kind == .sentinel else { return }
    var settings: [String: String] = [:]
    var hasUser = false
    for line in file.lines where !file.isComment(line) {
      let words = WordScan.words(file.bytes, in: line.range)
      guard let name = words.first.map({ file.bytes[$0].loweredText }) else { continue }
      settings[name] = words.dropFirst().map { file.bytes[$0].text }.joined(separator: " ")
      hasUser = hasUser || name == "user" || name == "aclfile"
    }
    if let password = settings["requirepass"], !password.isEmpty, password != "\"\"" { return }
    if hasUser || settings["protected-mode"]?.lowercased() == "yes" { return }
    if let addresses = settings["bind"],
      addresses.split(separator: " ").allSatisfy({ isLoopback($0) })
    {
      return
    }
    guard let first = file.sentinelLines.first(where: { $0.verb == "monitor" }) else {
      return
    }
    hits.add(
      file.place(line: first.line.number),
      "anybody who reaches this Sentinel can start failovers: protected mode is off here unless "
        + "written, and neither bind nor requirepass limits access",
      identity: "open")
  }

  private static func isLoopback(_ address: Substring) -> Bool {
    let plain = address.hasPrefix("-") ? address.dropFirst() : address
    return plain == "localhost" || plain == "::1" || plain.hasPrefix("127.")
  }
}

/// SEN011: scripts that can be set at run time.
enum SentinelScripts: TextRule {
  static let id = "SEN011"

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for line in file.sentinelLines
    where line.verb == "deny-scripts-reconfig" && line.name?.lowercased() == "no" {
      hits.add(
        file.place(line: line.line.number, columns: line.columns(2)),
        "deny-scripts-reconfig is no: SENTINEL SET can make this server run any program",
        directive: "sentinel deny-scripts-reconfig", identity: "no",
        fix: file.fix("forbid it", isSafe: true, [(line.words[2], "yes")]))
    }
  }
}

/// SEN014: lines that a running Sentinel writes.
enum SentinelState: TextRule {
  static let id = "SEN014"
  private static let verbs: Set<String> = [
    "myid", "current-epoch", "config-epoch", "leader-epoch", "known-replica", "known-slave",
    "known-sentinel",
  ]

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for line in file.sentinelLines where verbs.contains(line.verb) {
      hits.add(
        file.place(line: line.line.number),
        "sentinel \(line.verb) is state of a running Sentinel; copied, it breaks votes",
        directive: "sentinel \(line.verb)",
        identity: line.words.dropFirst(2).map { file.bytes[$0].text }.joined(separator: " "),
        fix: file.wholeLine(line.line.number).map {
          file.fix("remove the line", isSafe: true, [($0, "")])
        })
    }
  }
}

/// SEN016: numbers that Sentinel reads as something else.
enum SentinelNumbers: TextRule {
  static let id = "SEN016"
  private static let positions = [
    "parallel-syncs": 3, "announce-port": 2, "monitor": 4,
  ]

  static func check(_ file: RuleFile, into hits: inout RuleHits) {
    for line in file.sentinelLines {
      guard let index = positions[line.verb], line.words.indices.contains(index) else { continue }
      let text = file.bytes[line.words[index]].text
      if let value = Int(text), value >= 1, text.utf8.allSatisfy(\.isDigit),
        line.verb == "parallel-syncs" || value <= 65535
      {
        continue
      }
      hits.add(
        file.place(line: line.line.number, columns: line.columns(index)),
        "'\(text)' is no number of at least 1: Sentinel reads it with atoi and takes it for "
          + "something else", directive: "sentinel \(line.verb)", identity: text)
    }
  }
}

/// SEN013: commands that the data nodes know under another name, and Sentinel does not.
enum SentinelRenames: ReadingRule {
  static let id = "SEN013"
  private static let needed: Set<String> = [
    "auth", "client", "config", "exec", "info", "multi", "ping", "publish", "replicaof", "role",
    "script", "shutdown", "slaveof", "subscribe",
  ]

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let file = input.files.first, file.kind == .sentinel else { return }
    let renamed = input.facts.texts("renamed_commands").map { $0.lowercased() }
      .filter { needed.contains($0) }
    let lines = file.sentinelLines
    for monitor in lines where monitor.verb == "monitor" {
      for command in renamed {
        let isTold = lines.contains { line in
          line.verb == "rename-command" && line.name == monitor.name && line.words.count > 3
            && file.bytes[line.words[3]].loweredText == command
        }
        guard !isTold else { continue }
        hits.add(
          file.place(line: monitor.line.number),
          "\(monitor.name ?? ""): the data nodes rename \(command), and there is no sentinel "
            + "rename-command for it", directive: "sentinel rename-command", identity: command)
      }
    }
  }
}
