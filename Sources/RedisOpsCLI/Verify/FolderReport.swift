import AOF
import ByteKit
import Findings
import RedisModel
import Rendering
import Replay

/// What was found out about a data folder, for people and programs.
struct FolderReport {
  /// The verdict.
  let verdict: FolderVerdict
  /// Its findings in their order.
  let findings: FindingReport

  /// So many commands that are answered by an error stand in the document.
  private static let refusedMax = 100

  /// The report on `verdict`.
  init(_ verdict: FolderVerdict) {
    self.verdict = verdict
    findings = verdict.findingReport
  }

  // MARK: text

  /// Findings and what the server does, for people.
  func writeText(to output: Output, style: TextStyle) {
    for finding in findings.findings {
      let severity =
        switch finding.severity {
        case .error: style.red("error")
        case .warning: style.yellow("warning")
        case .info: "info"
        }
      let place = style.bold(PrintableText.line("\(finding.location)"))
      output.write("\(place): \(severity): \(finding.sentence) [\(finding.id)]\n")
    }
    let folder = style.bold(PrintableText.line(verdict.folder))
    output.write("\(folder): \(verdict.verdict.shown(style))\n")
    for (name, text) in lines {
      let blanks = String(repeating: " ", count: max(1, 15 - name.utf8.count))
      output.write("  \(name)\(blanks)\(PrintableText.line(text))\n")
    }
  }

  private var lines: [(String, String)] {
    var lines = [
      ("server", "\(verdict.target.version.displayName)\(origin)"), ("loads", sourceText),
      ("outcome", verdict.note),
    ]
    if let data = verdict.data {
      lines.append(("keys", keysText(data)))
      lines.append(("digest", "\(data.digest)"))
      lines.append(("memory", "about \(HumanNumber.size(Int64(data.byteCount)))"))
    }
    if let report = verdict.report { lines += reportLines(report) }
    if let lost = verdict.lost, lost.byteCount != 0 {
      lines.append(
        (
          "lost tail",
          [
            lost.byteCount.map { HumanNumber.count($0, "byte") },
            HumanNumber.count(lost.commandCount, "whole command"),
            HumanNumber.count(lost.transactionCount, "transaction"),
          ].compactMap { $0 }.joined(separator: ", ")
        ))
    }
    if let comparison = verdict.comparison { lines.append(("comparison", comparison.summary)) }
    if let recovery = verdict.recovery { lines += recoveryLines(recovery) }
    return lines
  }

  private var origin: String {
    switch verdict.targetOrigin {
    case .named: ""
    case .writer: " (it wrote the snapshot)"
    case .assumed where AOFCheck.scriptTargets.contains(verdict.target.version):
      " (assumed: nothing names a server, and only Redis before 7.0 writes scripts)"
    case .assumed: " (assumed: nothing names a server)"
    }
  }

  private var sourceText: String {
    switch verdict.source {
    case .nothing: "nothing"
    case .snapshot(let path): "the snapshot \(path)"
    case .appendOnly(let path): "the append-only file \(path)"
    }
  }

  private func keysText(_ data: HeldData) -> String {
    let parts = data.databases.map {
      "db \($0.number): \(HumanNumber.count($0.keyCount)) (\(HumanNumber.count($0.expiryCount)) "
        + "expire)"
    }
    return parts.isEmpty ? "none" : parts.joined(separator: ", ")
  }

  private func reportLines(_ report: LoadReport) -> [(String, String)] {
    var lines = [("commands", HumanNumber.count(report.commandCount))]
    if report.refusedCount > 0 {
      lines.append(("error replies", HumanNumber.count(report.refusedCount)))
    }
    if report.explainedCount > 0 {
      lines.append(("old errors", HumanNumber.count(report.explainedCount)))
    }
    if report.openTransactionCount > 0 {
      lines.append(("half MULTI", HumanNumber.count(report.openTransactionCount)))
    }
    if report.expiredCount > 0 {
      lines.append(
        ("expired", HumanNumber.count(report.expiredCount, "key or field", "keys and fields")))
    }
    if report.functionCount > 0 {
      lines.append(("functions", HumanNumber.count(report.functionCount, "library", "libraries")))
    }
    return lines
  }

  private func recoveryLines(_ recovery: RecoveryEstimate) -> [(String, String)] {
    var lines = [
      (
        "recovery time",
        "\(recovery.serverText) for the server, an estimate from the "
          + "\(RecoveryEstimate.text(recovery.replaySeconds)) s of this replay"
      ),
      ("possible loss", recovery.loss),
    ]
    if let last = recovery.lastWriteMs, let time = Clock.rfc3339(last / 1000) {
      let origin =
        recovery.lastWriteFrom == "file"
        ? "by the file's time" : "by \(recovery.lastWriteFrom ?? "")"
      lines.append(("last write", "\(time), \(origin)"))
    }
    return lines
  }

  // MARK: JSON

  /// The verdict document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("verify")
      $0.member("verdict", verdict.verdict.rawValue)
      $0.findings(findings)
      writeData(to: &$0)
      $0.member("folder", verdict.folder)
      $0.member("configuration", verdict.configuration)
      $0.member("target", verdict.target.text)
      $0.member("targetFrom", verdict.targetOrigin.rawValue)
      writeSource(to: &$0)
      $0.member("starts", verdict.starts)
      $0.member("startsEmpty", verdict.startsEmpty)
      $0.member("note", verdict.note)
      if let report = verdict.report { write(report, to: &$0) }
      if let lost = verdict.lost {
        $0.object("lost") {
          $0.member("bytes", lost.byteCount)
          $0.member("commands", lost.commandCount)
          $0.member("transactions", lost.transactionCount)
        }
      }
      if let recovery = verdict.recovery { write(recovery, to: &$0) }
      if let comparison = verdict.comparison { write(comparison, to: &$0) }
    }
  }

  private func writeData(to document: inout JSONDocument) {
    guard let data = verdict.data else { return }
    document.member("digest", "\(data.digest)")
    document.array("databases") {
      for database in data.databases {
        $0.object {
          $0.member("db", database.number)
          $0.member("keys", database.keyCount)
          $0.member("expires", database.expiryCount)
        }
      }
    }
    document.member("memoryBytes", data.byteCount)
  }

  private func writeSource(to document: inout JSONDocument) {
    document.object("source") {
      switch verdict.source {
      case .nothing: $0.member("kind", "none")
      case .snapshot(let path):
        $0.member("kind", "snapshot")
        $0.member("path", path)
      case .appendOnly(let path):
        $0.member("kind", "aof")
        $0.member("path", path)
        $0.member("layout", verdict.layout?.rawValue)
      }
    }
  }

  private func write(_ report: LoadReport, to document: inout JSONDocument) {
    document.member("commands", report.commandCount)
    document.member("snapshotKeys", report.snapshotKeyCount)
    document.member("expiredOnLoad", report.expiredCount)
    document.member("openTransactions", report.openTransactionCount)
    document.member("relativeExpiries", report.relativeExpiryCount)
    document.member("functions", report.functionCount)
    document.object("errorReplies") {
      $0.member("count", report.refusedCount)
      $0.array("commands") {
        for command in report.refused.prefix(Self.refusedMax) {
          $0.object {
            $0.member("file", command.file)
            $0.member("offset", command.offset)
            $0.member("line", command.line)
            $0.member("command", command.index)
            $0.member("name", command.name)
            $0.member("error", command.error)
          }
        }
      }
    }
    document.member("explainedErrors", report.explainedCount)
    document.object("notReplayed") {
      for gap in report.gaps { $0.member(gap.what, gap.count) }
    }
  }

  private func write(_ recovery: RecoveryEstimate, to document: inout JSONDocument) {
    document.object("recovery") {
      $0.member("replaySeconds", recovery.replaySeconds)
      $0.member("serverSeconds", recovery.serverSeconds)
      $0.member("serverSecondsMin", recovery.serverSecondsMin)
      $0.member("serverSecondsMax", recovery.serverSecondsMax)
      $0.member("lossSecondsMax", recovery.lossSecondsMax)
      $0.member("loss", recovery.loss)
      $0.member("lastWriteMs", recovery.lastWriteMs)
      $0.member("lastWriteFrom", recovery.lastWriteMs == nil ? nil : recovery.lastWriteFrom)
    }
  }

  private func write(_ comparison: DataComparison, to document: inout JSONDocument) {
    document.object("comparison") {
      $0.member("with", comparison.name)
      $0.member("equal", comparison.isEqual)
      $0.member("digest", comparison.digest.map { "\($0)" })
      for change in [DataComparison.Change.added, .removed, .changed, .ttl] {
        $0.member(change.rawValue, comparison.counts[change, default: 0])
      }
      $0.array("keys") {
        for difference in comparison.differences {
          $0.object {
            $0.member("db", difference.database)
            $0.member("key", bytes: difference.key)
            $0.member("change", difference.change.rawValue)
          }
        }
      }
    }
  }

  // MARK: Prometheus

  /// The metrics of a text file for a node exporter.
  func writePrometheus(to output: Output) {
    var metrics = PrometheusText(labels: [("folder", verdict.folder)])
    let answer =
      switch verdict.verdict {
      case .good: 1
      case .bad: 0
      case .unknown: -1
      }
    metrics.add("verdict", "1 good, 0 bad, -1 could not check.", Double(answer))
    metrics.add("verified_timestamp_seconds", "When this was found.", Double(Clock.nowMs) / 1000)
    metrics.add("starts", "Whether the server starts.", verdict.starts.map { $0 ? 1 : 0 })
    metrics.begin("findings", "Findings by severity.")
    for severity in Severity.allCases {
      metrics.add(
        "findings", Double(findings.count(of: severity)), [("severity", severity.name)])
    }
    if let data = verdict.data {
      metrics.begin("keys", "Keys that the server would hold.")
      for database in data.databases {
        metrics.add("keys", Double(database.keyCount), [("db", "\(database.number)")])
      }
      metrics.begin("expires", "Keys that expire.")
      for database in data.databases {
        metrics.add("expires", Double(database.expiryCount), [("db", "\(database.number)")])
      }
      metrics.add("memory_bytes", "Memory of the data, estimated.", Double(data.byteCount))
    }
    if let report = verdict.report {
      metrics.add("commands", "Commands replayed.", Double(report.commandCount))
      metrics.add(
        "error_replies", "Commands answered by an error.", Double(report.refusedCount))
    }
    metrics.add(
      "lost_bytes", "Bytes of a damaged tail.", verdict.lost?.byteCount.map { Double($0) })
    if let recovery = verdict.recovery {
      metrics.add("replay_seconds", "What the replay took.", recovery.replaySeconds)
      metrics.add(
        "recovery_seconds", "What loading is expected to take the server.", recovery.serverSeconds)
      metrics.add(
        "last_write_timestamp_seconds", "When the last write was made.",
        recovery.lastWriteMs.map { Double($0) / 1000 })
      metrics.add(
        "loss_seconds_max", "What a crash loses at most.",
        recovery.lossSecondsMax.map { Double($0) })
    }
    output.write(metrics.text)
  }
}
