import RedisModel

/// What stops a server behind the last line.
extension ServerReading {
  private func last(_ name: String) -> String? { settings[name]?.values.last?.first }

  private func isOn(_ name: String) -> Bool { last(name)?.lowercased() == "yes" }

  /// A replica cannot be a node of a cluster; told at the line that makes it a replica.
  mutating func checkCluster() {
    guard isOn("cluster-enabled"), let setting = settings["replicaof"],
      let origin = setting.origins.last,
      setting.values.last.map({ $0.map { $0.lowercased() } }) != ["no", "one"]
    else { return }
    let name = documents[origin.document].lines[origin.line].name
    refuse(
      ConfVerdict.Trouble(
        kind: .start, reason: "a node of a cluster cannot have '\(name)' in its configuration",
        message: "\(server < 4 ? "slaveof" : "replicaof") directive not allowed in cluster mode"),
      origin)
  }

  /// Looks at what a server needs when it has read everything.
  mutating func checkStart(_ files: any ConfFiles, _ base: String) {
    let hasPort = last("port").map { (ConfNumber.integer($0) ?? 0) != 0 } ?? true
    let hasTLSPort = last("tls-port").map { (ConfNumber.integer($0) ?? 0) != 0 } ?? false
    if hasTLSPort || isOn("tls-replication") || isOn("tls-cluster") { checkTLS(files, base) }
    checkModules(files, base)
    if !hasPort, !hasTLSPort, (last("unixsocket") ?? "").isEmpty {
      refuse(
        .start, "the server listens nowhere: port 0, no tls-port and no unixsocket",
        "Configured to not listen anywhere, exiting.", directive: "port")
    }
  }

  private mutating func checkModules(_ files: any ConfFiles, _ base: String) {
    guard let setting = settings["loadmodule"] else { return }
    for (values, origin) in zip(setting.values, setting.origins) {
      guard let path = values.first, files.presence(ConfPath.join(base, path)) == false else {
        continue
      }
      refuse(
        ConfVerdict.Trouble(
          kind: .missingHere, reason: "there is no file '\(path)' on this machine", argument: 0,
          message: "Can't load module from \(path): server aborting"), origin, isAtStart: true)
    }
  }

  private mutating func checkTLS(_ files: any ConfFiles, _ base: String) {
    let message = "Failed to configure TLS. Check logs for more info."
    for needed in ["tls-cert-file", "tls-key-file"] {
      let path = last(needed) ?? ""
      if path.isEmpty {
        refuse(.incompleteTLS, "TLS is in use without \(needed)", message, directive: needed)
      } else if isMissing(path, files, base) {
        refuse(
          .missingHere, "there is no file '\(path)' on this machine", message, directive: needed)
      }
    }
    let asksClients = (last("tls-auth-clients") ?? "yes").lowercased() != "no"
    let authorities = ["tls-ca-cert-file", "tls-ca-cert-dir"].compactMap { name in
      last(name).flatMap { $0.isEmpty ? nil : (name, $0) }
    }
    for (name, path) in authorities where isMissing(path, files, base) {
      refuse(
        .missingHere, "there is no file '\(path)' on this machine", message, directive: name)
    }
    if authorities.isEmpty, asksClients || isOn("tls-cluster") || isOn("tls-replication") {
      refuse(
        .incompleteTLS, "TLS is in use without tls-ca-cert-file and tls-ca-cert-dir", message,
        directive: "tls-ca-cert-file")
    }
  }

  private func isMissing(_ path: String, _ files: any ConfFiles, _ base: String) -> Bool {
    files.presence(ConfPath.join(base, path)) == false
  }
}
