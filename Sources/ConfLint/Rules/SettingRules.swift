import Findings
import RedisConf

/// MEM009: a decimal unit.
enum DecimalUnit: ReadingRule {
  static let id = "MEM009"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for origin in input.reading.order {
      let line = input.line(origin)
      guard let found = DirectiveCatalogue.shared.find(line.name),
        let kind = found.directive.variant(server: input.server)?.kind
      else { continue }
      let arguments: Range<Int>
      if kind == .memory {
        arguments = 1..<min(2, line.tokens.count)
      } else if found.directive.name == "client-output-buffer-limit" {
        arguments = 2..<max(2, min(4, line.tokens.count))
      } else {
        continue
      }
      for index in arguments where isDecimal(line.tokens[index].text) {
        let text = line.tokens[index].text
        let file = input.file(origin)
        hits.add(
          input.place(origin, argument: index - 1),
          "\(text) is a power of 1000; \(text)b is 2 to 7 % more, and usually meant",
          directive: line.name, identity: input.identity(origin),
          fix: file.fix(
            "use the binary unit", isSafe: false, [(line.tokens[index].range, text + "b")]))
      }
    }
  }

  private static func isDecimal(_ text: String) -> Bool {
    guard let unit = text.last?.lowercased(), ["k", "m", "g"].contains(unit) else { return false }
    let digits = text.dropLast()
    return !digits.isEmpty && digits.utf8.allSatisfy(\.isDigit)
  }
}

/// REP023: a server that replicates from itself.
enum ReplicaOfItself: ReadingRule {
  static let id = "REP023"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let setting = input.reading.settings["replicaof"], let values = setting.values.last,
      let origin = setting.origins.last, values.count == 2
    else { return }
    var own = input.reading.settings["bind"]?.values.last ?? []
    own += [input.value("replica-announce-ip") ?? ""]
    let port = input.value("replica-announce-port") ?? input.effective("port")
    let isLocal = ["127.0.0.1", "localhost", "::1"].contains(values[0])
    let host = values[0]
    let isOwn = isLocal || own.contains { $0 == host || $0 == "-\(host)" }
    guard isOwn, values[1] == port || values[1] == input.effective("port") else { return }
    hits.add(
      input.place(origin, argument: 0),
      "replicaof \(host) \(values[1]) is this server itself: it never finishes to synchronise",
      directive: "replicaof", identity: "\(host) \(values[1])")
  }
}

/// SEC030: TLS without the files that it needs.
enum TLSFiles: ReadingRule {
  static let id = "SEC030"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard let port = input.value("tls-port"), port != "0",
      let origin = input.reading.settings["tls-port"]?.origins.last
    else { return }
    var missing: [String] = []
    for name in ["tls-cert-file", "tls-key-file"] where (input.value(name) ?? "").isEmpty {
      missing.append(name)
    }
    let hasAuthority =
      !(input.value("tls-ca-cert-file") ?? "").isEmpty
      || !(input.value("tls-ca-cert-dir") ?? "").isEmpty
    let needsAuthority =
      input.effective("tls-auth-clients").lowercased() != "no" || input.isOn("tls-replication")
      || input.isOn("tls-cluster")
    if !hasAuthority, needsAuthority { missing.append("tls-ca-cert-file or tls-ca-cert-dir") }
    if !missing.isEmpty {
      hits.add(
        input.place(origin),
        "tls-port is \(port) without \(missing.joined(separator: ", ")): the server refuses to "
          + "start",
        directive: "tls-port", identity: missing.joined(separator: " "))
    } else if !hasAuthority {
      hits.add(
        input.place(origin),
        "no tls-ca-cert-file: neither certificates of clients nor those of other servers can be "
          + "checked", directive: "tls-port", identity: "no authority", severity: .info)
    }
    checkPresence(input, into: &hits)
  }

  private static func checkPresence(_ input: RuleInput, into hits: inout RuleHits) {
    for name in ["tls-cert-file", "tls-key-file", "tls-ca-cert-file"] {
      guard let path = input.value(name), !path.isEmpty, input.exists(path) == false,
        let origin = input.reading.settings[name]?.origins.last
      else { continue }
      hits.add(
        input.place(origin, argument: 0),
        "there is no file '\(path)': the server refuses to start", directive: name, identity: path)
    }
  }
}

/// SEC031: a private key that others can read, or a certificate that ends soon.
enum KeyPermissions: ReadingRule {
  static let id = "SEC031"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for name in ["tls-key-file", "tls-client-key-file"] {
      guard let path = input.value(name), let mode = input.mode(path), mode & 0o077 != 0,
        let origin = input.reading.settings[name]?.origins.last
      else { continue }
      hits.add(
        input.place(origin, argument: 0),
        "the key \(path) has mode \(String(mode & 0o777, radix: 8)): others can read it; use 600",
        directive: name, identity: path)
    }
    for name in ["tls-cert-file", "tls-client-cert-file", "tls-ca-cert-file"] {
      checkCertificate(name, input, into: &hits)
    }
  }

  /// Time to have a new certificate made.
  private static let leastDayCount = 30

  private static func checkCertificate(
    _ name: String, _ input: RuleInput, into hits: inout RuleHits
  ) {
    guard let path = input.value(name), let today = input.today,
      let last = input.contents(path).flatMap({ CertificateFile.lastDay($0) }),
      let origin = input.reading.settings[name]?.origins.last
    else { return }
    let left = last.dayNumber - today.dayNumber
    guard left < leastDayCount else { return }
    hits.add(
      input.place(origin, argument: 0),
      left < 0
        ? "the certificate \(path) ended on \(last): clients refuse it"
        : "the certificate \(path) ends on \(last), in \(left) days",
      directive: name, identity: path)
  }
}

/// SEC033: secrets that others can read.
enum SecretPermissions: ReadingRule {
  static let id = "SEC033"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    for file in input.files {
      // Asked first: looking for secrets takes time, and mostly nobody asked to look at the host.
      guard let mode = input.mode(file.name), mode & 0o004 != 0,
        file.lines.contains(where: { file.isSecret($0) })
      else { continue }
      hits.add(
        Location(file: file.name),
        "the file holds secrets and has mode \(String(mode & 0o777, radix: 8)): others can read "
          + "it; use 640", identity: "mode")
    }
  }
}

/// SEC032: TLS settings on a build without TLS.
enum TLSOnPlainBuild: ReadingRule {
  static let id = "SEC032"

  static func check(_ input: RuleInput, into hits: inout RuleHits) {
    guard input.facts.text("host.tls") == "no" else { return }
    let refusesAll = input.target.product == .redis && !input.target.isAtLeast(.redis, 7, 2)
    for origin in input.reading.order {
      let line = input.line(origin)
      guard line.name.hasPrefix("tls-") else { continue }
      let starts = line.name == "tls-port" && line.arguments.first != "0"
      guard refusesAll || starts else { continue }
      hits.add(
        input.place(origin),
        "the build has no TLS: \(refusesAll ? "it refuses the line" : "it stops at this port")",
        directive: line.name, identity: line.name)
    }
  }
}
