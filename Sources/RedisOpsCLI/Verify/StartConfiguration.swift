import ByteKit
import ConfLint
import Findings
import RedisConf
import RedisModel
import Replay

/// What a configuration says about a server's start, and what is to be said of it.
struct StartConfiguration {
  /// The settings that decide what is loaded.
  private(set) var settings: StartSettings
  /// `dir`, where the configuration has it.
  private(set) var dir: String?
  /// What is wrong or odd with it.
  private(set) var findings: [Finding] = []
  /// The reason why the server refuses it; `nil` where it starts.
  private(set) var refusal: String?
  /// Whether settings may be missing: a file that it includes is not here.
  private(set) var isIncomplete = false

  /// The rules that findings name.
  static let rules: [RuleDescription] = [
    RuleDescription(
      id: refused, slug: "", summary: "The server takes the configuration", severity: .error),
    RuleDescription(
      id: missingHere, slug: "", summary: "What the configuration names is on this machine",
      severity: .info),
  ]
  private static let refused = "conf-refused"
  private static let missingHere = "conf-missing-here"

  /// The defaults of `target`, or what it makes of the configuration `bytes` at `path`.
  init(_ target: ServerVersion, path: String?, _ bytes: [UInt8]) {
    settings = StartSettings(target)
    let reading = ServerReading(
      ConfDocument(name: path ?? "", bytes: bytes), target: target,
      files: DiskFiles(besides: path ?? ""))
    read(reading)
    guard let path else { return }
    judge(reading, path)
    dir = reading.settings["dir"]?.values.last?.first
  }

  private mutating func judge(_ reading: ServerReading, _ path: String) {
    for refusal in reading.refusals {
      // A backup lies elsewhere than the server that it is of.
      let isElsewhere = refusal.kind == .missingHere || refusal.kind == .includeMissing
      if isElsewhere, refusal.directive == "dir" { continue }
      if refusal.kind == .includeMissing { isIncomplete = true }
      if !isElsewhere, self.refusal != nil { continue }
      if !isElsewhere { self.refusal = refusal.reason }
      findings.append(
        Finding(
          isElsewhere ? Self.missingHere : Self.refused, isElsewhere ? .info : .error,
          at: Location(file: refusal.file, line: refusal.line),
          isElsewhere
            ? refusal.reason
            : "\(reading.target.displayName) does not start: \(refusal.reason)"))
    }
  }

  private mutating func read(_ reading: ServerReading) {
    let values = Dictionary(
      reading.effectiveSettings.map { ($0.directive, $0.text) }, uniquingKeysWith: { $1 })
    func number(_ name: String, _ standard: Int) -> Int {
      values[name].flatMap { Int($0) } ?? standard
    }
    settings.isAppendOnly = values["appendonly"] == "yes"
    settings.dumpName = values["dbfilename"] ?? settings.dumpName
    settings.appendName = values["appendfilename"] ?? settings.appendName
    settings.appendFolderName = values["appenddirname"] ?? settings.appendFolderName
    settings.databaseCount = max(1, number("databases", settings.databaseCount))
    settings.loadsTruncated = values["aof-load-truncated"] != "no"
    settings.corruptTailMaxSize = number("aof-load-corrupt-tail-max-size", 0)
    settings.synchronisation = values["appendfsync"] ?? settings.synchronisation
    settings.zsetCountMax = number("zset-max-listpack-entries", settings.zsetCountMax)
    settings.zsetMemberMax = number("zset-max-listpack-value", settings.zsetMemberMax)
    settings.isReplica = values["replicaof"].map { !$0.isEmpty } ?? false
    settings.checksChecksums = values["rdbchecksum"] != "no"
    settings.takesForeignVersions = values["rdb-version-check"] == "relaxed"
    settings.hasModules = reading.settings["loadmodule"] != nil
    settings.renamedCommands = RenamedCommands(
      (reading.settings["rename-command"]?.values ?? []).compactMap {
        $0.count == 2 ? ($0[0], $0[1]) : nil
      })
    if let points = values["save"] {
      let numbers = points.split(separator: " ").compactMap { Int($0) }
      settings.savePoints = stride(from: 0, to: numbers.count - 1, by: 2).map {
        (seconds: numbers[$0], changes: numbers[$0 + 1])
      }
    }
  }

  /// How the folder that `dir` names and the one that is verified go together.
  func trap(for folder: String, configuration path: String?) -> StartTrap? {
    guard let dir, let path, let status = FileStatus(folder) else { return nil }
    let besides = DiskFiles(besides: path).folder
    let candidates = dir.hasPrefix("/") ? [dir] : [dir, besides + dir]
    let found = candidates.compactMap { FileStatus($0) }
    if found.contains(where: { $0.isSame(as: status) }) { return nil }
    let isHere = !found.isEmpty && dir.hasPrefix("/")
    return StartTrap(
      kind: .otherFolder, weight: isHere ? .warning : .note, path: path,
      message: "dir is \(dir), which is "
        + (isHere
          ? "another folder of this machine: a server started with this configuration loads that "
            + "one, not \(folder)"
          : "not here: \(folder) is taken in its place"))
  }
}
