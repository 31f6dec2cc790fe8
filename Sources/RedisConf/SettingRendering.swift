import RedisModel

/// The values of directives in the form of CONFIG GET.
struct SettingRendering {
  let reading: ServerReading
  let verdict: ConfVerdict
  let variant: DirectiveVariant

  /// The value of a directive; the default where `setting` is nil.
  func value(
    of name: String, _ setting: ConfSetting?, default standard: [UInt8]
  ) -> [UInt8] {
    if name == "databases", isOneDatabase { return Array("1".utf8) }
    guard let setting, let origin = setting.origins.last, let words = setting.values.last else {
      return standard
    }
    let word = words.first ?? ""
    switch variant.kind {
    case .string: return reading.words(origin).first ?? standard
    case .boolean: return Array(word.lowercased().utf8)
    case .enumeration: return Array(enumeration(words).utf8)
    case .integer, .memory, .octal: return Array(number(word, name).utf8)
    case .special:
      return Array(special(name, setting, String(decoding: standard, as: UTF8.self)).utf8)
    case .ignored: return standard
    }
  }

  /// Servers of some versions have one database only in a cluster.
  private var isOneDatabase: Bool {
    let target = verdict.target
    guard reading.settings["cluster-enabled"]?.values.last?.first?.lowercased() == "yes" else {
      return false
    }
    return target.product == .redis
      ? target.isAtLeast(.redis, 7, 2) : !target.isAtLeast(.valkey, 9, 0)
  }

  private func enumeration(_ words: [String]) -> String {
    let given = Set(words.flatMap { $0.lowercased().split(separator: " ").map(String.init) })
    let canonical = variant.words.filter { given.contains($0.lowercased()) }
    let isPlain = !variant.combinesWords || canonical.count < 2
    return (isPlain ? canonical : canonical.filter { $0 != "default" }).joined(separator: " ")
  }

  private static let hertzRange: ClosedRange<Int64> = 1...500

  private func number(_ text: String, _ name: String) -> String {
    guard case .success(let number) = ConfValue.number(text, name, variant, verdict) else {
      return text
    }
    switch number {
    case .percent(let share): return "\(share)%"
    case .bits(let bits):
      if name == "hz" {
        return "\(min(max(bits, Self.hertzRange.lowerBound), Self.hertzRange.upperBound))"
      }
      if variant.kind == .octal { return String(bits, radix: 8) }
      return variant.isUnsigned && verdict.isSeven ? "\(UInt64(bitPattern: bits))" : "\(bits)"
    }
  }

  // MARK: Directives with a grammar of their own

  private func special(_ name: String, _ setting: ConfSetting, _ standard: String) -> String {
    let words = verdict.spread(setting.values.last ?? [])
    switch name {
    case "save": return saves(setting.values)
    case "client-output-buffer-limit": return buffers(setting.values, standard)
    case "notify-keyspace-events": return events(words.first ?? "")
    case "replicaof":
      return words.map { $0.lowercased() } == ["no", "one"] ? "" : words.joined(separator: " ")
    case "oom-score-adj-values":
      return words.map { "\(ConfNumber.leadingInteger($0))" }.joined(separator: " ")
    case "latency-tracking-info-percentiles":
      return words.compactMap { Double($0) }.map { share in
        share == share.rounded() ? "\(Int(share))" : "\(share)"
      }.joined(separator: " ")
    default: return words.joined(separator: " ")
    }
  }

  private func saves(_ lines: [[String]]) -> String {
    var points: [String] = []
    for line in lines {
      if line == [""] {
        points = []
        continue
      }
      guard verdict.isSeven || line.count == 2 else { continue }
      points += verdict.spread(line).map { "\(ConfNumber.leadingInteger($0))" }
    }
    return points.joined(separator: " ")
  }

  private func buffers(_ lines: [[String]], _ standard: String) -> String {
    var words = standard.split(separator: " ").map(String.init)
    for line in lines.map({ verdict.spread($0) }) {
      for start in stride(from: 0, to: line.count - 3, by: 4) {
        let name = line[start].lowercased() == "replica" ? "slave" : line[start].lowercased()
        guard let place = words.firstIndex(of: name), place + 3 < words.count else { continue }
        for index in 1...2 { words[place + index] = size(line[start + index]) }
        words[place + 3] = "\(ConfNumber.leadingInteger(line[start + 3]))"
      }
    }
    return words.joined(separator: " ")
  }

  private func size(_ text: String) -> String {
    if verdict.isSeven { return "\(ConfNumber.bytes(text) ?? 0)" }
    let bytes =
      verdict.isStrict
      ? ConfNumber.signedBytes(text) ?? 0 : LegacyCheck.size(text, server: verdict.server)
    return "\(UInt64(bitPattern: bytes))"
  }

  /// The letters that `A` stands for, as the server prints them one by one.
  private var allEvents: String {
    switch verdict.server {
    case ...3: "g$lshzxe"
    case 4, 5: "g$lshzxet"
    default: "g$lshzxetd"
    }
  }

  private func events(_ text: String) -> String {
    let all = allEvents
    let given = Set(text).union(text.contains("A") ? Set(all) : [])
    var result = Set(all).isSubset(of: given) ? "A" : all.filter { given.contains($0) }
    if !result.hasPrefix("A"), given.contains("n") { result += "n" }
    for letter in "KEm" where given.contains(letter) { result.append(letter) }
    for letter in "oc" where given.contains(letter) { result.append(letter) }
    return result
  }
}
