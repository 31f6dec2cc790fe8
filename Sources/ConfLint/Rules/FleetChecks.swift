import Findings
import RedisConf
import RedisModel

/// Rules that compare the files of one run with each other.
enum FleetChecks {
  static let ids: Set<String> = [
    "PER022", "PER023", "REP020", "CLU003", "XDR003", "XDR005", "CAP002", "CAP012",
  ]

  /// What the rules find in inputs that one server reads, by id.
  static func check(
    _ inputs: [RuleInput], _ isWanted: (String) -> Bool
  ) -> [String: RuleHits] {
    let servers = inputs.filter { $0.files.first?.kind == .conf }
    var result: [String: RuleHits] = [:]
    func run(_ id: String, _ body: (inout RuleHits) -> Void) {
      guard isWanted(id) else { return }
      var hits = RuleHits()
      body(&hits)
      if !hits.hits.isEmpty { result[id] = hits }
    }
    run("PER022") { sharedData(servers, &$0) }
    run("CLU003") { sharedNodes(servers, &$0) }
    run("XDR005") { sharedNames(servers, &$0) }
    run("REP020") { noCandidate(servers, &$0) }
    run("CAP012") { smallReplica(servers, &$0) }
    run("CAP002") { sum(servers, &$0) }
    run("XDR003") { clusterUnderSentinel(inputs, &$0) }
    return result
  }

  /// Pairs of inputs that have the same text, in order.
  private static func clashes(
    _ inputs: [RuleInput], _ text: (RuleInput) -> String?,
    _ body: (RuleInput, RuleInput, String) -> Void
  ) {
    var first: [String: RuleInput] = [:]
    for input in inputs {
      guard let text = text(input) else { continue }
      if let other = first[text] { body(other, input, text) } else { first[text] = input }
    }
  }

  private static func place(_ input: RuleInput, _ names: [String]) -> Location {
    for name in names {
      if let origin = input.reading.settings[name]?.origins.last { return input.place(origin) }
    }
    return Location(file: input.files.first?.name ?? "")
  }

  private static func folder(_ input: RuleInput) -> String? {
    input.value("dir").flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  private static func sharedData(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    var found = hits
    clashes(inputs, { input in folder(input).map { "\($0)/\(input.effective("dbfilename"))" } }) {
      first, second, path in
      found.add(
        place(second, ["dbfilename", "dir"]),
        "\(path) is also the snapshot of \(first.files.first?.name ?? "")", directive: "dir",
        identity: path,
        notes: [Finding.Note("here", at: place(first, ["dbfilename", "dir"]))])
    }
    hits = found
  }

  private static func sharedNodes(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    var found = hits
    let nodes = inputs.filter { $0.isOn("cluster-enabled") }
    clashes(
      nodes, { input in folder(input).map { "\($0)/\(input.effective("cluster-config-file"))" } }
    ) { first, second, path in
      found.add(
        place(second, ["cluster-config-file", "dir"]),
        "\(path) is also the node file of \(first.files.first?.name ?? "")",
        directive: "cluster-config-file", identity: path,
        notes: [Finding.Note("here", at: place(first, ["cluster-config-file", "dir"]))])
    }
    hits = found
  }

  private static func sharedNames(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    var found = hits
    for name in ["pidfile", "unixsocket", "logfile"] {
      clashes(inputs, { $0.value(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }) {
        first, second, path in
        guard !path.hasPrefix("/dev/") else { return }
        found.add(
          place(second, [name]), "\(name) \(path) is also that of \(first.files.first?.name ?? "")",
          directive: name, identity: path, notes: [Finding.Note("here", at: place(first, [name]))])
      }
    }
    clashes(
      inputs,
      { input in
        guard let port = input.value("port"), port != "0" else { return nil }
        return
          "\(port) on \((input.reading.settings["bind"]?.values.last ?? []).joined(separator: " "))"
      }
    ) { first, second, _ in
      found.add(
        place(second, ["port"]),
        "port \(second.effective("port")) is also that of \(first.files.first?.name ?? "") on the "
          + "same addresses", directive: "port", identity: second.effective("port"),
        notes: [Finding.Note("here", at: place(first, ["port"]))])
    }
    hits = found
  }

  private static func noCandidate(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    let replicas = inputs.filter { $0.reading.settings["replicaof"] != nil }
    guard inputs.count > 1, let first = replicas.first,
      replicas.allSatisfy({ $0.value("replica-priority") == "0" })
    else { return }
    hits.add(
      place(first, ["replica-priority"]),
      "all \(replicas.count) replicas have priority 0: none can be promoted",
      directive: "replica-priority", identity: "0")
  }

  private static func bytes(_ input: RuleInput) -> Int128? {
    input.value("maxmemory").flatMap { ConfNumber.bytes($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func smallReplica(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    let primaries = inputs.filter {
      $0.reading.settings["replicaof"] == nil && !$0.isOn("cluster-enabled")
    }
    for replica in inputs {
      guard let setting = replica.reading.settings["replicaof"]?.values.last, setting.count == 2,
        let own = bytes(replica),
        let primary = primaries.first(where: { $0.effective("port") == setting[1] }),
        let needed = bytes(primary), own < needed
      else { continue }
      hits.add(
        place(replica, ["maxmemory"]),
        "maxmemory is smaller than that of the primary in \(primary.files.first?.name ?? "")",
        directive: "maxmemory", identity: replica.value("maxmemory"),
        notes: [Finding.Note("the primary's", at: place(primary, ["maxmemory"]))])
    }
  }

  private static func sum(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    guard inputs.count > 1, let last = inputs.last,
      let memory = last.facts.byteCount("host.memory")
    else { return }
    let sizes = inputs.compactMap { bytes($0) }
    let total = sizes.reduce(0, +)
    guard total > memory else { return }
    hits.add(
      place(last, ["maxmemory"]),
      "the limits of the \(sizes.count) instances add up to \(total >> 20) MiB, more than the "
        + "host's \(memory >> 20)", directive: "maxmemory", identity: "sum")
  }

  private static func clusterUnderSentinel(_ inputs: [RuleInput], _ hits: inout RuleHits) {
    let nodes = inputs.filter { $0.files.first?.kind == .conf && $0.isOn("cluster-enabled") }
    for sentinel in inputs where sentinel.files.first?.kind == .sentinel {
      guard let file = sentinel.files.first else { continue }
      for line in file.sentinelLines where line.verb == "monitor" && line.words.count > 4 {
        let port = file.bytes[line.words[4]].text
        guard let node = nodes.first(where: { $0.effective("port") == port }) else { continue }
        hits.add(
          file.place(line: line.line.number),
          "a Sentinel monitors a cluster node (\(node.files.first?.name ?? "")): two failover "
            + "systems", directive: "sentinel monitor", identity: port,
          notes: [Finding.Note("the node", at: place(node, ["cluster-enabled"]))])
      }
    }
  }

  /// PER023: the log is switched on between an old and a new file.
  static func logSwitchedOn(_ old: RuleInput, _ new: RuleInput) -> RuleHits {
    var hits = RuleHits()
    guard !old.isOn("appendonly"), new.isOn("appendonly") else { return hits }
    hits.add(
      place(new, ["appendonly"]),
      "appendonly goes from no to yes: a restart looks for a log that does not exist and starts "
        + "empty; use CONFIG SET first", directive: "appendonly", identity: "on")
    return hits
  }
}
