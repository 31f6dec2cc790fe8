import Findings
import RedisConf
import RedisModel

/// Rules that compare the files of one run with each other. PER023 is about two files of which one
/// follows the other: `lint diff` knows which.
enum FleetChecks {
  static let ids: Set<String> = [
    "PER022", "PER023", "REP020", "CLU003", "XDR003", "XDR005", "CAP002", "CAP012",
  ]

  /// What the rules find in inputs that one server reads, by id.
  static func check(
    _ inputs: [FleetMember], _ isWanted: (String) -> Bool
  ) -> [String: RuleHits] {
    let servers = inputs.filter { $0.kind == .conf }
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
    _ inputs: [FleetMember], _ text: (FleetMember) -> String?,
    _ body: (FleetMember, FleetMember, String) -> Void
  ) {
    var first: [String: FleetMember] = [:]
    for input in inputs {
      guard let text = text(input) else { continue }
      if let other = first[text] { body(other, input, text) } else { first[text] = input }
    }
  }

  private static func place(_ input: FleetMember, _ names: [String]) -> Location {
    for name in names {
      if let place = input.place(name) { return place }
    }
    return Location(file: input.name)
  }

  private static func folder(_ input: FleetMember) -> String? {
    input.value("dir").flatMap { $0.hasPrefix("/") ? $0 : nil }
  }

  private static func sharedData(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    var found = hits
    clashes(inputs, { input in folder(input).map { "\($0)/\(input.effective("dbfilename"))" } }) {
      first, second, path in
      found.add(
        place(second, ["dbfilename", "dir"]),
        "\(path) is also the snapshot of \(first.name)", directive: "dir",
        identity: path,
        notes: [Finding.Note("here", at: place(first, ["dbfilename", "dir"]))])
    }
    hits = found
  }

  private static func sharedNodes(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    var found = hits
    let nodes = inputs.filter { $0.isOn("cluster-enabled") }
    clashes(
      nodes, { input in folder(input).map { "\($0)/\(input.effective("cluster-config-file"))" } }
    ) { first, second, path in
      found.add(
        place(second, ["cluster-config-file", "dir"]),
        "\(path) is also the node file of \(first.name)",
        directive: "cluster-config-file", identity: path,
        notes: [Finding.Note("here", at: place(first, ["cluster-config-file", "dir"]))])
    }
    hits = found
  }

  private static func sharedNames(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    var found = hits
    for name in ["pidfile", "unixsocket", "logfile"] {
      clashes(inputs, { $0.value(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }) {
        first, second, path in
        guard !path.hasPrefix("/dev/") else { return }
        found.add(
          place(second, [name]), "\(name) \(path) is also that of \(first.name)",
          directive: name, identity: path, notes: [Finding.Note("here", at: place(first, [name]))])
      }
    }
    clashes(
      inputs,
      { input in
        guard let port = input.value("port"), port != "0" else { return nil }
        return
          "\(port) on \((input.arguments("bind") ?? []).joined(separator: " "))"
      }
    ) { first, second, _ in
      found.add(
        place(second, ["port"]),
        "port \(second.effective("port")) is also that of \(first.name) on the "
          + "same addresses", directive: "port", identity: second.effective("port"),
        notes: [Finding.Note("here", at: place(first, ["port"]))])
    }
    hits = found
  }

  private static func noCandidate(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    let replicas = inputs.filter { $0.arguments("replicaof") != nil }
    guard inputs.count > 1, let first = replicas.first,
      replicas.allSatisfy({ $0.value("replica-priority") == "0" })
    else { return }
    hits.add(
      place(first, ["replica-priority"]),
      "all \(replicas.count) replicas have priority 0: none can be promoted",
      directive: "replica-priority", identity: "0")
  }

  private static func bytes(_ input: FleetMember) -> Int128? {
    input.value("maxmemory").flatMap { ConfNumber.bytes($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  private static func smallReplica(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    let primaries = inputs.filter {
      $0.arguments("replicaof") == nil && !$0.isOn("cluster-enabled")
    }
    for replica in inputs {
      guard let setting = replica.arguments("replicaof"), setting.count == 2,
        let own = bytes(replica),
        let primary = primaries.first(where: { $0.effective("port") == setting[1] }),
        let needed = bytes(primary), own < needed
      else { continue }
      hits.add(
        place(replica, ["maxmemory"]),
        "maxmemory is smaller than that of the primary in \(primary.name)",
        directive: "maxmemory", identity: replica.value("maxmemory"),
        notes: [Finding.Note("the primary's", at: place(primary, ["maxmemory"]))])
    }
  }

  private static func sum(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    guard inputs.count > 1, let last = inputs.last,
      let memory = last.hostMemory
    else { return }
    let sizes = inputs.compactMap { bytes($0) }
    let total = sizes.reduce(0, +)
    guard total > memory else { return }
    hits.add(
      place(last, ["maxmemory"]),
      "the limits of the \(sizes.count) instances add up to \(total >> 20) MiB, more than the "
        + "host's \(memory >> 20)", directive: "maxmemory", identity: "sum")
  }

  private static func clusterUnderSentinel(_ inputs: [FleetMember], _ hits: inout RuleHits) {
    let nodes = inputs.filter { $0.kind == .conf && $0.isOn("cluster-enabled") }
    for sentinel in inputs where sentinel.kind == .sentinel {
      for (port, place) in sentinel.monitored {
        guard let node = nodes.first(where: { $0.effective("port") == port }) else { continue }
        hits.add(
          place,
          "a Sentinel monitors a cluster node (\(node.name)): two failover "
            + "systems", directive: "sentinel monitor", identity: port,
          notes: [Finding.Note("the node", at: Self.place(node, ["cluster-enabled"]))])
      }
    }
  }
}
