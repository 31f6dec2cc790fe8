import Foundation
import RedisModel
import TestSupport
import Testing

@testable import RedisConf

/// Generated configurations, given to a real server and to the reading for it.
@Suite struct DifferentialTests {
  private static let configurationCount =
    ProcessInfo.processInfo.environment["REDISOPS_CONF_DIFFERENTIAL"].flatMap { Int($0) } ?? 24
  /// What the command line sets, and what depends on the machine.
  private static let unlike: Set<String> = [
    "port", "unixsocket", "daemonize", "logfile", "pidfile", "dir", "bind", "maxclients",
  ]

  @Test(.needsRedisServer) func `redis-server 7.0 reads generated configurations likewise`() throws
  {
    let target = ServerVersion(.redis, 7, 0, 15)
    var random = RepeatableRandom(seed: 0x5EED)
    var differences: [String] = []
    var (startCount, refusalCount) = (0, 0)
    for _ in 0..<Self.configurationCount {
      let text = configuration(&random)
      let reading = ServerReading(
        ConfDocument(name: "conf", bytes: Array(text.utf8)), target: target, files: NoFiles())
      let answer = try ask(text)
      let refusal = reading.refusals.first { !$0.isAtStart }
      switch answer {
      case .refused(let line):
        refusalCount += 1
        if refusal?.line != line {
          differences.append("line \(refusal?.line ?? 0), not \(line): \(text)")
        }
      case .started(let values):
        startCount += values.count > 100 ? 1 : 0
        if let refusal { differences.append("\(refusal.reason): \(text)") }
        for setting in reading.effectiveSettings
        where !Self.unlike.contains(setting.name) {
          guard let value = values[setting.name], value != setting.text else { continue }
          differences.append("\(setting.name) is \(setting.text), not \(value): \(text)")
        }
      }
    }
    #expect(startCount > 4 && refusalCount > 4)
    #expect(differences.isEmpty, "\(differences.joined(separator: "\n---\n"))")
  }

  private enum Answer {
    case refused(line: Int)
    case started([String: String])
  }

  private func ask(_ text: String) throws -> Answer {
    let folder = try TemporaryFolder()
    let conf = try folder.write(Array(text.utf8), to: "conf")
    let socket = folder.file("s").path
    let result = try runProcess(
      "redis-server",
      [
        conf.path, "--port", "0", "--unixsocket", socket, "--daemonize", "yes", "--logfile",
        folder.file("log").path, "--dir", folder.url.path,
      ])
    let output = String(decoding: result.output + result.errorOutput, as: UTF8.self)
    if output.contains("FATAL CONFIG FILE ERROR") {
      let line = output.split(separator: "\n").first { $0.hasPrefix("Reading the configuration") }
      let digits = line?.split(separator: " ").last.flatMap { Int($0) }
      return .refused(line: digits ?? 0)
    }
    for _ in 0..<100 where !FileManager.default.fileExists(atPath: socket) {
      Thread.sleep(forTimeInterval: 0.02)
    }
    let got = try runProcess("redis-cli", ["-s", socket, "config", "get", "*"])
    _ = try runProcess("redis-cli", ["-s", socket, "shutdown", "nosave"])
    var words = String(decoding: got.output, as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    if words.count.isMultiple(of: 2) == false { words.removeLast() }
    var values: [String: String] = [:]
    for index in stride(from: 0, to: words.count, by: 2) { values[words[index]] = words[index + 1] }
    return .started(values)
  }

  private static let numbers = [
    "0", "1", "7", "100", "60", "-1", "65536", "abc", "1.5", "010", "+5",
  ]
  private static let sizes = ["0", "1", "1k", "1KB", "3mb", "1gb", "1tb", "-1", "5%", "1.5mb", ""]
  private static let odd = [
    "save 900 1 300 10", "save \"60 5\"", "save \"\"", "save 5", "notify-keyspace-events KEA",
    "notify-keyspace-events Exn", "notify-keyspace-events q", "# comment", "  TIMEOUT  5",
    "client-output-buffer-limit normal 1mb 2mb 3 replica 4mb 5kb 6",
    "client-output-buffer-limit pubsub 1k 1b 0", "client-output-buffer-limit master 1 1 1",
    "oom-score-adj-values 1 2 3", "oom-score-adj-values \"-5 0 2000\"", "unixsocketperm 0700",
    "shutdown-on-sigterm save now", "shutdown-on-sigint force nosave", "hz 1000", "hz 0",
    "latency-tracking-info-percentiles 50 99.9", "maxmemory 18446744073709551616",
    "syslog-ident \"a\\x41\\n\"", "syslog-ident 'it\\'s'", "syslog-ident \"x\"y", "timeout 5 # x",
  ]

  /// Lines for directives of the catalogue that only change numbers and words.
  private func configuration(_ random: inout RepeatableRandom) -> String {
    let server = DirectiveCatalogue.shared.server(for: ServerVersion(.redis, 7, 0, 15))
    let safe = DirectiveCatalogue.shared.directives.filter { directive in
      guard let variant = directive.variant(server: server), directive.unit != "port",
        !variant.flags.contains("hidden"), !variant.flags.contains("debug")
      else { return false }
      let barred = ["databases", "daemonize", "cluster-enabled", "io-threads", "appendonly"]
      return variant.kind != .string && variant.kind != .special && variant.kind != .ignored
        && !barred.contains(directive.name) && !directive.name.hasPrefix("tls-")
        && !directive.name.hasPrefix("syslog-e") && directive.name != "supervised"
    }
    return (0..<12).map { _ in
      if Int.random(in: 0..<4, using: &random) == 0 {
        return Self.odd.randomElement(using: &random) ?? ""
      }
      guard let directive = safe.randomElement(using: &random),
        let variant = directive.variant(server: server)
      else { return "" }
      let isDamaged = Int.random(in: 0..<24, using: &random) == 0
      let choices: [String] =
        switch variant.kind {
        case .boolean: isDamaged ? ["on", ""] : ["yes", "no", "YES"]
        case .enumeration: isDamaged ? ["bogus"] : variant.words
        case .memory: isDamaged ? Self.sizes : ["1mb", "3MB", "100m"]
        case .octal: ["700", "77", "1777"]
        default:
          isDamaged
            ? Self.numbers : ["\(variant.minimum ?? 1)", "5", "10"]
        }
      let value = directive.name == "activedefrag" ? "no" : choices.randomElement(using: &random)
      return "\(directive.spellings[0].name) \(value ?? "")"
    }.joined(separator: "\n") + "\n"
  }
}
