import RedisConf
import RedisModel

/// Settings in effect as text in one form, so that they can be compared.
public enum EffectiveSettings {
  /// All settings of a reading, the defaults of what is not written among them, by newest name.
  public static func all(_ reading: ServerReading) -> [String: String] {
    let catalogue = DirectiveCatalogue.shared
    let server = catalogue.server(for: reading.target)
    var result: [String: String] = [:]
    for setting in reading.effectiveSettings where result[setting.directive] == nil {
      guard let variant = catalogue.find(setting.directive)?.directive.variant(server: server)
      else { continue }
      result[setting.directive] = text(setting.directive, [[setting.text]], variant)
    }
    // What CONFIG GET does not tell: commands with other names, modules.
    for (name, setting) in reading.settings
    where result[name] == nil && name != "include" && name != "sentinel" {
      result[name] = setting.values.map { $0.joined(separator: " ") }.joined(separator: ", ")
    }
    result["user"] = nil
    for user in reading.users where user.origin != nil {
      result["user \(user.name)"] = user.rules.joined(separator: " ")
      if user.passwordCount > 0 {
        result["user \(user.name) passwords"] = user.passwordHashes.sorted().joined(separator: " ")
      }
    }
    if reading.isSentinel { result.merge(sentinel(reading)) { _, new in new } }
    return result
  }

  /// What a Sentinel watches and how, with the defaults.
  private static func sentinel(_ reading: ServerReading) -> [String: String] {
    var result = ["sentinel deny-scripts-reconfig": "yes"]
    for (name, value) in reading.sentinelOptions { result["sentinel \(name)"] = value }
    for origin in reading.order {
      let line = reading.documents[origin.document].lines[origin.line]
      let words = line.arguments
      guard line.name == "sentinel", words.count > 2, let verb = words.first?.lowercased() else {
        continue
      }
      // What may stand there several times goes by its first word.
      let isRepeated = verb == "rename-command" || verb.hasPrefix("known-")
      let key = "sentinel \(words[1]) \(verb)" + (isRepeated ? " \(words[2])" : "")
      result[key] = words.dropFirst(isRepeated ? 3 : 2).joined(separator: " ")
    }
    for monitor in reading.monitors {
      let name = "sentinel \(monitor.name)"
      result["\(name) monitor"] = "\(monitor.host) \(monitor.port) \(monitor.quorum)"
      result["\(name) down-after-milliseconds"] = "\(monitor.downAfterMilliseconds)"
      result["\(name) failover-timeout"] = "\(monitor.failoverTimeout)"
      result["\(name) parallel-syncs"] = "\(monitor.parallelSyncs)"
    }
    return result
  }

  /// What CONFIG GET printed: names and values on alternate lines, with or without numbers and
  /// quotes in front.
  public static func parse(
    configGet bytes: [UInt8], _ target: ServerVersion
  ) -> [String: String] {
    let server = DirectiveCatalogue.shared.server(for: target)
    let text = String(decoding: bytes, as: UTF8.self)
    var words = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      plain($0.hasSuffix("\r") ? $0.dropLast() : $0)
    }
    if words.last == "" { words.removeLast() }
    var result: [String: String] = [:]
    for index in stride(from: 0, to: words.count - 1, by: 2) {
      guard let found = DirectiveCatalogue.shared.find(words[index]),
        let variant = found.directive.variant(server: server)
      else { continue }
      result[found.directive.name] = self.text(
        found.directive.name, [[words[index + 1]]], variant)
    }
    return result
  }

  /// A line of redis-cli for people, `12) "value"`, without number and quotes.
  private static func plain(_ line: Substring) -> String {
    var rest = line.drop { $0 == " " }
    let digits = rest.prefix { $0.isNumber }
    if !digits.isEmpty, rest.dropFirst(digits.count).hasPrefix(") ") {
      rest = rest.dropFirst(digits.count + 2)
      if rest.count >= 2, rest.hasPrefix("\""), rest.hasSuffix("\"") {
        rest = rest.dropFirst().dropLast()
      }
      return String(rest)
    }
    return String(line)
  }

  private static func text(
    _ name: String, _ values: [[String]], _ variant: DirectiveVariant
  ) -> String {
    switch variant.kind {
    case .memory:
      let value = values.last?.first ?? ""
      if value.hasSuffix("%") { return value }
      return ConfNumber.bytes(value).map { "\($0)" } ?? value
    case .boolean, .enumeration:
      return (values.last ?? []).joined(separator: " ").lowercased()
    default: break
    }
    if name == "client-output-buffer-limit" { return buffers(values) }
    return values.flatMap { $0 }.joined(separator: " ")
  }

  /// The limits of all classes, those that are not written among them.
  private static func buffers(_ values: [[String]]) -> String {
    var limits = [
      "normal": "0 0 0", "replica": "268435456 67108864 60", "pubsub": "33554432 8388608 60",
    ]
    var rest = values.flatMap { $0.flatMap { $0.split(separator: " ").map(String.init) } }[...]
    while rest.count >= 4 {
      let group = Array(rest.prefix(4))
      rest = rest.dropFirst(4)
      let name = group[0].lowercased() == "slave" ? "replica" : group[0].lowercased()
      let sizes = group[1...2].map { ConfNumber.bytes($0).map { "\($0)" } ?? $0 }
      limits[name] = (sizes + [group[3]]).joined(separator: " ")
    }
    return limits.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      .joined(separator: " ")
  }
}

/// A setting that differs between two configurations.
public struct SettingChange: Sendable, Hashable {
  /// The directive, `user NAME`, `user NAME passwords`, or `sentinel NAME OPTION`.
  public let name: String
  /// The value before; nil when there was none.
  public let before: String?
  /// The value after; nil when there is none.
  public let after: String?

  /// Whether the values must not be shown.
  public var isSecret: Bool {
    SecretText.directives.contains(name)
      || [" passwords", " auth-pass", " sentinel-pass"].contains { name.hasSuffix($0) }
      || name.hasPrefix("sentinel ") && SecretText.isSentinelSecret(name)
  }

  /// A value for people.
  public func shown(_ value: String?) -> String {
    guard let value else { return "(none)" }
    if isSecret { return value.isEmpty ? "\"\"" : "***" }
    return value.isEmpty ? "\"\"" : value
  }

  /// All settings that differ, by name.
  public static func between(
    _ old: [String: String], _ new: [String: String]
  ) -> [SettingChange] {
    Set(old.keys).union(new.keys).sorted().compactMap { name in
      old[name] == new[name]
        ? nil : SettingChange(name: name, before: old[name], after: new[name])
    }
  }
}
