import AOF
import RedisModel

/// What a server would load from its data folder, and what it would pass over.
///
/// An append-only file comes before a snapshot wherever `appendonly` is on, even one that is not
/// there. Servers from Redis 7.0 on, and Valkey, look for a manifest, and only where there is none
/// for a single file of before.
///
/// Source: commands.md of the fact sheet, sections 5 and 6.
public struct StartPlan: Sendable {
  /// What is loaded.
  public enum Source: Equatable, Sendable {
    /// Nothing: the server starts empty.
    case nothing
    /// A snapshot, by its path.
    case snapshot(String)
    /// An append-only file or a manifest, by its path.
    case appendOnly(String)
  }

  /// The folder.
  public let folder: String
  /// The settings.
  public let settings: StartSettings
  /// What is loaded.
  public private(set) var source = Source.nothing
  /// What else is to be said.
  public private(set) var traps: [StartTrap] = []

  private let names: [String]
  private let traits: AOFServerTraits

  /// Looks into `folder`; `nil` where it cannot be read.
  public init?(folder: String, _ settings: StartSettings) {
    guard let names = FileStatus.names(in: folder) else { return nil }
    self.folder = folder
    self.settings = settings
    self.names = names
    traits = AOFServerTraits(settings.target)
    if settings.isAppendOnly {
      if traits.knowsFolders { chooseFromFolder() } else { chooseOldLog() }
      lookAtHiddenDump()
    } else {
      chooseDump()
      lookAtHiddenLog()
    }
    lookAtLeftovers()
    if case .nothing = source, !traps.contains(where: { $0.weight == .error }) {
      add(
        .nothing, .error, folder,
        "nothing here that \(settings.target.displayName) would load: it starts empty"
          + " (it looks for \(lookedFor))")
    }
  }

  private var lookedFor: String {
    guard settings.isAppendOnly else { return settings.dumpName }
    return traits.knowsFolders
      ? "\(settings.appendFolderName)/\(manifestName) or \(settings.appendName)"
      : settings.appendName
  }

  private var manifestName: String { settings.appendName + ".manifest" }
  private var appendFolder: String { path(settings.appendFolderName) }

  private func path(_ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
  }

  private mutating func add(
    _ kind: StartTrap.Kind, _ weight: StartTrap.Weight, _ path: String, _ message: String
  ) {
    traps.append(StartTrap(kind: kind, weight: weight, path: path, message: message))
  }

  /// The status of a file that is loaded; what is there and no file is said.
  private mutating func file(_ path: String) -> FileStatus? {
    guard let status = FileStatus(path) else { return nil }
    if status.kind == .file { return status }
    add(
      .notAFile, .error, path,
      "a \(status.kind == .folder ? "folder" : "pipe or device"), where a file is expected")
    return nil
  }

  // MARK: what is loaded

  private mutating func chooseFromFolder() {
    let manifest = appendFolder + "/" + manifestName
    let old = path(settings.appendName)
    let hasOld = FileStatus(old)?.kind == .file
    if file(manifest) != nil {
      source = .appendOnly(hasOld && isTakeover(manifest) ? old : manifest)
      if source == .appendOnly(manifest) { lookAtBase(manifest) }
      return
    }
    let parts = FileStatus.names(in: appendFolder) ?? []
    let others = parts.filter { $0.hasSuffix(".manifest") && !$0.hasPrefix("temp-") }
    if hasOld { source = .appendOnly(old) }
    let consequence =
      hasOld
      ? "the server loads the old file \(settings.appendName) instead, without them"
      : "the server ignores them and starts empty"
    if let other = others.first {
      add(
        .manifestName, .error, appendFolder + "/" + other,
        "the server looks for \(manifestName), not for this manifest: \(consequence); set "
          + "appendfilename to \(other.dropLast(".manifest".utf8.count))")
    } else if parts.contains(where: Self.isPart) {
      add(
        .noManifest, .error, appendFolder,
        "\(parts.filter(Self.isPart).count) parts of an append-only file and no \(manifestName): "
          + "\(consequence); restore the manifest, or write one that names them")
    } else if let other = otherAppendFolder {
      add(
        .folderName, .error, path(other),
        "an append-only folder, though appenddirname is \(settings.appendFolderName): "
          + "\(consequence)")
    }
  }

  /// Whether the manifest is that of a server that was taking over a file of before, and was
  /// stopped while it moved it.
  private func isTakeover(_ path: String) -> Bool {
    guard FileStatus(appendFolder + "/" + settings.appendName) == nil,
      let manifest = (try? AOFSet(opening: path))?.manifest
    else { return false }
    return manifest.problems.isEmpty && manifest.entries.map(\.name) == [settings.appendName]
      && manifest.base != nil
  }

  private mutating func lookAtBase(_ path: String) {
    guard let manifest = (try? AOFSet(opening: path))?.manifest, manifest.problems.isEmpty,
      manifest.base == nil, let first = manifest.incremental.first, first.sequence > 1
    else { return }
    add(
      .noBase, .error, path,
      "the manifest names no base, though its first incremental file is number \(first.sequence): "
        + "what was written before it is missing")
  }

  private static func isPart(_ name: String) -> Bool {
    name.hasSuffix(".base.rdb") || name.hasSuffix(".base.aof") || name.hasSuffix(".incr.aof")
  }

  /// A folder with a manifest, other than the one that is looked for.
  private var otherAppendFolder: String? {
    names.first { name in
      guard name != settings.appendFolderName, FileStatus(path(name))?.kind == .folder else {
        return false
      }
      return FileStatus.names(in: path(name))?.contains { $0.hasSuffix(".manifest") } == true
    }
  }

  private mutating func chooseOldLog() {
    let old = path(settings.appendName)
    if file(old) != nil { source = .appendOnly(old) }
    guard FileStatus(appendFolder)?.kind == .folder else { return }
    add(
      .unknownFolder, .error, appendFolder,
      "\(settings.target.displayName) knows no append-only folders and does not look into this one")
  }

  private mutating func chooseDump() {
    let dump = path(settings.dumpName)
    if file(dump) != nil {
      source = .snapshot(dump)
      return
    }
    for name in otherDumps {
      add(
        .dumpName, .error, path(name),
        "dbfilename is \(settings.dumpName): the server does not look at this file and starts "
          + "empty; rename it, or set dbfilename")
    }
  }

  /// Files that look like snapshots, without those that servers were writing.
  private var otherDumps: [String] {
    names.filter {
      $0.hasSuffix(".rdb") && $0 != settings.dumpName && !$0.hasPrefix("temp-")
        && FileStatus(path($0))?.kind == .file
    }
  }

  // MARK: what is passed over

  /// How much newer a file has to be for its data to be newer, not only its writing to be longer.
  private static let marginMs: Int64 = 1000

  private mutating func lookAtHiddenDump() {
    guard let dump = FileStatus(path(settings.dumpName)), dump.kind == .file else { return }
    guard case .appendOnly(let log) = source else {
      add(
        .hiddenDump, .error, dump.path,
        "appendonly is on: the server does not look at this snapshot, and as there is no "
          + "append-only file, it starts empty; start it with appendonly no, and switch it on with "
          + "CONFIG SET")
      return
    }
    let isNewer = newestChange(log).map { dump.modifiedMs > $0 + Self.marginMs } ?? false
    add(
      .hiddenDump, isNewer ? .warning : .note, dump.path,
      "appendonly is on: the server does not look at this snapshot"
        + (isNewer
          ? ", though it is newer than the append-only file; if it was restored here, it has no "
            + "effect" : ""))
  }

  /// When a file, or any file of a manifest, was changed last.
  private func newestChange(_ path: String) -> Int64? {
    guard path.hasSuffix(".manifest") else { return FileStatus(path)?.modifiedMs }
    let parts = (FileStatus.names(in: appendFolder) ?? []).filter(Self.isPart)
    return parts.compactMap { FileStatus(appendFolder + "/" + $0)?.modifiedMs }.max()
  }

  private mutating func lookAtHiddenLog() {
    let manifest = appendFolder + "/" + manifestName
    let candidates =
      traits.knowsFolders
      ? [manifest, path(settings.appendName)]
      : [path(settings.appendName)]
    guard let log = candidates.first(where: { FileStatus($0)?.kind == .file }),
      let changed = newestChange(log)
    else { return }
    let advice = "; set appendonly yes to load it"
    guard case .snapshot(let dump) = source, let status = FileStatus(dump) else {
      add(
        .hiddenLog, .error, log,
        "appendonly is off: the server does not look at this append-only file and starts empty"
          + advice)
      return
    }
    let isNewer = changed > status.modifiedMs + Self.marginMs
    add(
      .hiddenLog, isNewer ? .error : .warning, log,
      isNewer
        ? "appendonly is off: the server loads \(settings.dumpName), which is "
          + "\((changed - status.modifiedMs) / 1000) seconds older than this append-only file; "
          + "what was written since is lost" + advice
        : "appendonly is off: the server does not look at this append-only file, which is older "
          + "than \(settings.dumpName)")
  }

  private mutating func lookAtLeftovers() {
    let inner = (FileStatus.names(in: appendFolder) ?? []).map { appendFolder + "/" + $0 }
    let all = names.map { path($0) } + inner
    let found = all.filter { name in
      let last = name.split(separator: "/").last ?? ""
      return last.hasPrefix("temp-") && FileStatus(name)?.kind == .file
    }
    for path in found.prefix(Self.leftoversMax) {
      add(
        .leftover, .note, path,
        "a file that a server was writing when it ended; no server loads it")
    }
  }

  private static let leftoversMax = 10
}
