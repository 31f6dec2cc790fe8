import Findings

/// MEM002: the policy that fits the workload.
enum EvictionPolicyFix: ComputedFix {
  static let id = "MEM002"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    let workloads = input.scope.facts.words("workload")
    let policies = Set(workloads.map { policy(of: $0) })
    // What several workloads want at once, or nobody says, is that nothing is lost.
    let common = policies.count == 1 ? policies.first : nil
    return input.setting([("maxmemory-policy", common ?? "noeviction")], isSafe: false)
  }

  private static func policy(of workload: String) -> String {
    switch workload {
    case "cache": "allkeys-lru"
    case "session": "volatile-lru"
    case "rate-limiter": "volatile-ttl"
    default: "noeviction"
    }
  }
}

/// PER026: each pair of a `save` line on a line of its own.
enum SaveLineFix: ComputedFix {
  static let id = "PER026"
  /// Digits of a number that fits into 64 bits for certain.
  private static let digitsMax = 18

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.entry, case .list(let arguments) = entry.record.field("args") else {
      return nil
    }
    let words = arguments.flatMap { $0.description.split(separator: " ") }
    let areNumbers = words.allSatisfy { word in
      word.utf8.count <= digitsMax && word.utf8.allSatisfy { $0.isDigit }
    }
    // A lone number, a stray word or a comment: what is meant cannot be told.
    guard areNumbers, !words.isEmpty, words.count.isMultiple(of: 2) else { return nil }
    let lines = stride(from: 0, to: words.count, by: 2).map {
      "\(entry.name) \(words[$0]) \(words[$0 + 1])"
    }
    let start = entry.nameRange.lowerBound
    return Fix(
      "write one pair per line", isSafe: true,
      edits: [
        Fix.Edit(
          file: entry.location.file, offset: start,
          byteCount: entry.valueRange.upperBound - start,
          replacement: lines.joined(separator: input.scope.end.lineBreak))
      ])
  }
}

/// NET015: an address that the host may lack.
enum OptionalAddressFix: ComputedFix {
  static let id = "NET015"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    let target = input.scope.target
    guard target.product == .valkey || target.isAtLeast(.redis, 6, 2),
      let entry = input.scope.entries(of: "bind").last,
      let (file, words) = input.words(entry)
    else { return nil }
    let isKnown = input.scope.facts.text("host.addresses") != nil
    let own = input.scope.facts.words("host.addresses")
    let edits = words.dropFirst().compactMap { word -> Fix.Edit? in
      let text = file.bytes[word].filter { $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") }
      let bytes = Array(text)
      if bytes.first == UInt8(ascii: "-") || AddressClass.isWildcard(bytes)
        || AddressClass.isLoopback(bytes)
      {
        return nil
      }
      let isPresent = !isKnown || own.contains(String(decoding: bytes, as: UTF8.self))
      if AddressClass.isAddress(bytes), isPresent { return nil }
      return Fix.Edit(
        file: file.name, offset: Int64(word.lowerBound), byteCount: 0, replacement: "-")
    }
    return edits.isEmpty ? nil : Fix("make the address optional", isSafe: false, edits: edits)
  }
}

/// OBS004: a slow log that holds something.
enum SlowLogFix: ComputedFix {
  static let id = "OBS004"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    var values: [(String, String)] = []
    if let threshold = input.scope.number("slowlog-log-slower-than"), threshold <= 0 {
      values.append(("slowlog-log-slower-than", "10000"))
    }
    if input.scope.number("slowlog-max-len") == 0 { values.append(("slowlog-max-len", "1024")) }
    return input.setting(values, isSafe: true)
  }
}

/// OBS012: titles that name the port.
enum ProcessTitleFix: ComputedFix {
  static let id = "OBS012"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    var changes: [FixTemplate.Change] = []
    if input.scope.answer(.directive, "set-proc-title") == .no {
      changes.append(.set("set-proc-title", [MessageTemplate("yes")]))
    }
    let template = input.scope.answer(.directive, "proc-title-template").description
    if !["{listen-addr}", "{port}", "{config-file}"].contains(where: { template.contains($0) }) {
      changes.append(.remove("proc-title-template"))
    }
    return input.changing(changes, isSafe: true)
  }
}

/// XDR010: a shutdown that saves, and waits for the replicas.
enum ShutdownFix: ComputedFix {
  static let id = "XDR010"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    var values: [(String, String)] = []
    let words = input.scope.answer(.text, "shutdown-on-sigterm").description.lowercased()
    if words.contains("now") || words.contains("nosave") {
      values.append(("shutdown-on-sigterm", "default"))
    }
    if input.scope.number("shutdown-timeout") == 0 { values.append(("shutdown-timeout", "10")) }
    return input.setting(values, isSafe: true)
  }
}

extension ReadingScope {
  /// A directive in effect as a number, sizes in bytes and durations in microseconds; nil for
  /// anything else.
  func number(_ name: String) -> Int128? {
    guard case .quantity(let number, _) = answer(.directive, name) else { return nil }
    return number.whole
  }
}
