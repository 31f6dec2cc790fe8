/// What is wrong with a manifest and the files that it names.
struct AOFSetProblems {
  /// All of it, in the order of the manifest.
  private(set) var all: [AOFProblem] = []

  init(_ set: AOFSet, _ parts: [AOFPartFacts]) {
    if let folder = set.ignoredFolder {
      all.append(
        AOFProblem(
          .noManifest, in: folder,
          "no manifest: servers take over the old file \(set.name) and ignore the files here"))
    }
    guard set.layout == .multipart else { return }
    guard let manifest = set.manifest else {
      all.append(
        AOFProblem(
          .noManifest, in: set.name,
          "no manifest: servers ignore the \(set.unnamedFiles.count) files here and start empty"))
      return
    }
    addManifest(manifest, in: set)
    addOldFile(set)
    addMissing(set)
    addOrder(parts)
    addUnnamed(manifest, in: set)
  }

  private mutating func addManifest(_ manifest: AOFManifest, in set: AOFSet) {
    for problem in manifest.problems {
      all.append(
        AOFProblem(
          .manifest, in: set.name, at: problem.offset, line: problem.line,
          problem.message
            + (problem.startsEmpty ? "" : "; servers do not start with this manifest")))
    }
    if set.loadedParts.isEmpty, manifest.problems.isEmpty {
      all.append(
        AOFProblem(
          .manifest, in: set.name,
          "the manifest names no base and no incremental file: servers start empty"))
    }
    var seen: [String: Int] = [:]
    for entry in manifest.entries where entry.role != .history {
      if let line = seen[entry.name] {
        all.append(
          AOFProblem(
            .sameFile, in: set.name, line: entry.line,
            "\(entry.name) stands in line \(line) too: its commands are applied twice"))
      }
      seen[entry.name] = entry.line
    }
  }

  private mutating func addOldFile(_ set: AOFSet) {
    guard let path = set.oldFile else { return }
    all.append(
      AOFProblem(
        .oldFile, isWarning: true, in: path,
        "an append-only file of before Redis 7.0 beside the folder: servers ignore it, for the "
          + "folder has a manifest; if its data are wanted, they are not in what was checked"))
  }

  private mutating func addMissing(_ set: AOFSet) {
    for part in set.parts where !part.exists {
      let line = part.entry?.line ?? 0
      let problem =
        part.role == .history
        ? AOFProblem(
          .missingHistory, isWarning: true, in: part.path,
          "a history file that line \(line) of the manifest names is not there; servers do not "
            + "need it")
        : AOFProblem(
          .missingFile, in: part.path,
          "the file is missing, though line \(line) of the manifest names it; servers do not start "
            + "without it")
      all.append(problem)
    }
  }

  private mutating func addOrder(_ parts: [AOFPartFacts]) {
    for part in parts where part.part.role == .incremental && part.content == .snapshot {
      all.append(
        AOFProblem(
          .snapshotAsIncrement, isWarning: true, in: part.file,
          "a snapshot in an incremental file; servers load it, redis-check-aof does not"))
    }
  }

  private mutating func addUnnamed(_ manifest: AOFManifest, in set: AOFSet) {
    guard manifest.problems.isEmpty else { return }
    for name in set.unnamedFiles {
      let isBase = name.hasSuffix(".base.rdb") || name.hasSuffix(".base.aof")
      let isIncrement = name.hasSuffix(".incr.aof")
      // A server with an append-only file names one file of each kind at least.
      let isLost =
        isBase && manifest.base == nil || isIncrement && manifest.incremental.isEmpty
      all.append(
        AOFProblem(
          .unnamedFile, isWarning: !isLost, in: (set.folder ?? ".") + "/" + name,
          isLost
            ? "the manifest names no \(isBase ? "base" : "incremental file"), and this one lies "
              + "beside it: servers ignore it, and with it the data in it"
            : "the manifest does not name this file; servers ignore it"))
    }
  }
}
