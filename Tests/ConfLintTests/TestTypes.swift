@testable import ConfLint

/// A few directives, as the catalogue would have them.
struct TestTypes: DirectiveTypes {
  static let shared = TestTypes()

  private static let second = Int128(1_000_000)

  private static let table: [String: DirectiveType] = {
    let evictions = [
      "noeviction", "allkeys-lru", "allkeys-lfu", "volatile-lru", "volatile-lfu", "volatile-ttl",
    ]
    var rows: [DirectiveType] = []
    func add(
      _ name: String, _ type: ValueType, words: [String] = [], unit: Int128 = 1,
      isOctal: Bool = false, isSensitive: Bool = false, isRepeating: Bool = false
    ) {
      rows.append(
        DirectiveType(
          name: name, type: type, words: words, unit: unit, isOctal: isOctal,
          isSensitive: isSensitive, isRepeating: isRepeating))
    }
    for name in ["maxmemory", "repl-backlog-size", "maxmemory-clients"] { add(name, .bytes) }
    for name in ["appendonly", "dynamic-hz", "cluster-enabled", "activedefrag"] {
      add(name, .bool)
    }
    for name in ["hz", "tcp-backlog", "tls-port", "maxclients", "min-replicas-to-write", "port"] {
      add(name, .number)
    }
    add("timeout", .duration, unit: second)
    add("slowlog-log-slower-than", .duration)
    add("maxmemory-policy", .string, words: evictions)
    add("appendfsync", .string, words: ["always", "everysec", "no"])
    add("oom-score-adj", .string, words: ["no", "yes", "relative", "absolute"])
    add("repl-diskless-load", .string, words: ["disabled", "on-empty-db", "swapdb"])
    add("supervised", .string, words: ["no", "upstart", "systemd", "auto"])
    add("sanitize-dump-payload", .string, words: ["no", "yes", "clients"])
    add("dir", .string)
    add("notify-keyspace-events", .string)
    add("requirepass", .string, isSensitive: true)
    add("unixsocketperm", .number, isOctal: true)
    add("save", .list(.savePoint), isRepeating: true)
    for name in ["bind", "user", "rename-command", "client-output-buffer-limit", "replicaof"] {
      add(name, .string, isRepeating: name != "replicaof")
    }
    return Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0) })
  }()

  func type(of name: String) -> DirectiveType? { Self.table[name] }
  var names: [String] { Self.table.keys.sorted() }
}

/// A policy of one file, with the rules of the program left out.
func load(_ text: String, others: [String: String] = [:]) -> LoadedPolicy {
  loader(others.merging(["policy.yml": text]) { _, new in new })
    .load(.init(policies: ["policy.yml"]))
}

/// A loader of files that exist here only.
func loader(_ files: [String: String]) -> PolicyLoader {
  PolicyLoader(
    directives: TestTypes.shared, checks: nil,
    read: { path throws(PolicyLoader.ReadError) in
      guard let text = files[path] else { throw .init("No such file or directory") }
      return Array(text.utf8)
    },
    builtinNames: files.keys.filter { $0.hasPrefix("builtin:") }.map { String($0.dropFirst(8)) },
    builtin: { name in files["builtin:\(name)"].map { Array($0.utf8) } })
}

/// What is wrong with the policy whose only rule has these lines.
func problems(ofRule lines: String) -> [String] {
  let indented = lines.split(separator: "\n", omittingEmptySubsequences: false)
    .map { "    " + $0 }.joined(separator: "\n")
  let text = "redisops-policy: 1\nrules:\n  - id: TST001\n    severity: error\n" + indented
  return load(text).problems.map { finding in
    "\(finding.location.line ?? 0):\(finding.location.column ?? 0) \(finding.id) \(finding.message)"
  }
}
