import RedisConf

/// What a file is, by its name and its first lines.
public enum ConfSniffer {
  /// Words that begin lines of configurations and of hardly anything else.
  private static let words: Set<String> = [
    "maxmemory", "maxmemory-policy", "appendonly", "appendfsync", "save", "bind", "protected-mode",
    "requirepass", "masterauth", "replicaof", "slaveof", "daemonize", "dbfilename", "tcp-backlog",
    "tcp-keepalive", "databases", "loglevel", "logfile", "rename-command", "cluster-enabled",
    "repl-diskless-sync", "client-output-buffer-limit", "maxclients", "unixsocket", "tls-port",
    "aclfile", "hz", "rdbcompression", "lazyfree-lazy-eviction", "io-threads",
  ]

  /// Lines that are looked at.
  private static let lineCountMax = 400

  /// Whether a file of that name is worth a look: `*.conf`, templates of such, `*.acl`.
  public static func mayBeConf(path: String) -> Bool {
    let name = String(path.split(separator: "/").last ?? "").lowercased()
    return [".conf", ".acl", ".conf.j2", ".conf.tmpl", ".conf.erb", ".conf.template"]
      .contains { name.hasSuffix($0) }
  }

  /// What a file is that was found; nil for something else.
  ///
  /// - Parameter path: its last part decides where it can.
  public static func kind(path: String, _ bytes: [UInt8]) -> ConfFileKind? {
    let name = String(path.split(separator: "/").last ?? "").lowercased()
    if name.hasSuffix(".acl") { return looksLikeACL(bytes) ? .acl : nil }
    if looksLikeSentinel(bytes) { return .sentinel }
    if looksLikeConf(bytes) { return .conf }
    // The name promises one: what is in it may be misspelt, or one line alone.
    let isNamed = ["redis", "valkey"].contains { name.contains($0) }
    return isNamed && mayBeMisspelt(bytes) ? .conf : nil
  }

  /// What a file is that the user named: never nothing.
  public static func namedKind(path: String, _ bytes: [UInt8]) -> ConfFileKind {
    let name = String(path.split(separator: "/").last ?? "").lowercased()
    if name.hasSuffix(".acl") { return .acl }
    if name.contains("sentinel"), !hasServerOnly(bytes) { return .sentinel }
    if looksLikeSentinel(bytes) { return .sentinel }
    return looksLikeACL(bytes) ? .acl : .conf
  }

  /// Whether a good part of the lines begins with a directive of a server.
  static func looksLikeConf(_ bytes: [UInt8]) -> Bool {
    let names = firstWords(bytes)
    let known = names.count { words.contains($0) }
    return known > 0 && known * 4 >= names.count
  }

  /// Whether a good part of the lines begins with a directive or with a word next to one, and the
  /// rest is not written for another program: `key=value`, `[section]`, `block {`, `statement;`.
  static func mayBeMisspelt(_ bytes: [UInt8]) -> Bool {
    let catalogue = DirectiveCatalogue.shared
    let names = firstWords(bytes)
    var known = 0
    for name in names {
      if name.contains("=") || name.hasPrefix("[") { return false }
      if catalogue.find(name) != nil {
        known += 1
      } else if name.utf8.count >= misspeltByteCountMin,
        NearestWord.find(name, in: directiveNames) != nil
      {
        known += 1
      }
    }
    guard known > 0, known * 4 >= names.count else { return false }
    return !bytes.sourceLines.prefix(lineCountMax).contains { line in
      let words = WordScan.words(bytes, in: line.range)
      guard let first = words.first, bytes[first.lowerBound] != UInt8(ascii: "#"),
        let last = words.last
      else { return false }
      let end = bytes[last.upperBound - 1]
      return end == UInt8(ascii: ";") || end == UInt8(ascii: "{") && last.count == 1
        || words.count > 1 && bytes[words[1]].text == "="
    }
  }

  /// Shorter words are next to some directive whatever they are.
  private static let misspeltByteCountMin = 5
  private static let directiveNames = DirectiveCatalogue.shared.directives.flatMap {
    $0.spellings.map(\.name)
  }

  private static func hasServerOnly(_ bytes: [UInt8]) -> Bool {
    let names = firstWords(bytes)
    return names.contains("maxmemory") || names.contains("appendonly")
  }

  /// Whether it monitors something and is nothing else: a server's own file refuses such lines.
  private static func looksLikeSentinel(_ bytes: [UInt8]) -> Bool {
    let names = firstWords(bytes)
    guard names.contains("sentinel") else { return false }
    return !names.contains("maxmemory") && !names.contains("appendonly") && !names.contains("save")
  }

  private static func looksLikeACL(_ bytes: [UInt8]) -> Bool {
    let names = firstWords(bytes)
    return !names.isEmpty && names.allSatisfy { $0 == "user" }
  }

  private static func firstWords(_ bytes: [UInt8]) -> [String] {
    var result: [String] = []
    for line in bytes.sourceLines.prefix(lineCountMax) {
      guard let word = WordScan.words(bytes, in: line.range).first,
        bytes[word.lowerBound] != UInt8(ascii: "#")
      else { continue }
      result.append(bytes[word].loweredText)
    }
    return result
  }
}
