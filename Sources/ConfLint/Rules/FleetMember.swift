import Findings
import RedisConf

/// What comparisons of files need of one of them; a thousand files are compared, but not kept.
struct FleetMember {
  /// The directives that the comparisons look at.
  private static let names = [
    "dir", "dbfilename", "cluster-enabled", "cluster-config-file", "pidfile", "unixsocket",
    "logfile", "port", "bind", "replicaof", "replica-priority", "maxmemory", "appendonly",
  ]

  /// The file as reports name it.
  let name: String
  /// What the file is.
  let kind: ConfFileKind
  /// The memory of the host in bytes, where it is known.
  let hostMemory: Int128?
  /// The ports that a Sentinel monitors, and where.
  let monitored: [(port: String, place: Location)]
  private let server: Int
  private var settings: [String: (arguments: [String], place: Location)] = [:]

  /// What is needed of an input; nil for an input without a file.
  init?(_ input: RuleInput) {
    guard let file = input.files.first else { return nil }
    name = file.name
    kind = file.kind
    hostMemory = input.facts.byteCount("host.memory")
    server = input.server
    monitored = file.sentinelLines.compactMap { line in
      guard line.verb == "monitor", line.words.count > 4 else { return nil }
      return (file.bytes[line.words[4]].text, file.place(line: line.line.number))
    }
    for name in Self.names {
      guard let setting = input.reading.settings[name], let origin = setting.origins.last else {
        continue
      }
      settings[name] = (setting.values.last ?? [], input.place(origin))
    }
  }

  /// The arguments of the line that counts; nil when there is none.
  func arguments(_ name: String) -> [String]? { settings[name]?.arguments }

  /// The line that counts; nil when there is none.
  func place(_ name: String) -> Location? { settings[name]?.place }

  /// The value that is written; nil for none.
  func value(_ name: String) -> String? { settings[name]?.arguments.first }

  /// The value that is written, or the default.
  func effective(_ name: String) -> String {
    value(name) ?? DirectiveCatalogue.shared.find(name)?.directive.variant(server: server)?
      .defaultText ?? ""
  }

  /// Whether a yes-or-no directive is on.
  func isOn(_ name: String) -> Bool { effective(name).lowercased() == "yes" }
}
