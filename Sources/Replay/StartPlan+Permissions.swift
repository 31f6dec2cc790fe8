import AOF

// Whether the server's user may do with the files what it has to.
extension StartPlan {
  /// What the permission bits of the files that are loaded say. The server's user is taken to be
  /// the one that the folder belongs to.
  ///
  /// - Parameter paths: the files; the last one is appended to where the source is an append-only
  ///   file.
  public func permissionTraps(_ paths: [String]) -> [StartTrap] {
    guard let folder = FileStatus(folder), folder.owner != 0 else {
      return paths.compactMap { path in FileStatus(path).flatMap { Self.trapOfClosed($0) } }
    }
    var traps: [StartTrap] = []
    for (index, path) in paths.enumerated() {
      guard let status = FileStatus(path) else { continue }
      if let trap = Self.trapOfClosed(status) {
        traps.append(trap)
        continue
      }
      let isAppendedTo: Bool =
        if case .appendOnly = source { index == paths.count - 1 } else { false }
      if status.isOpen(to: folder.owner, folder.group, writing: isAppendedTo) { continue }
      traps.append(
        StartTrap(
          kind: .permission, weight: .warning, path: path,
          message: "mode \(String(status.mode, radix: 8)) and user \(status.owner): user "
            + "\(folder.owner), whom the folder belongs to, cannot "
            + "\(isAppendedTo ? "read and write" : "read") it; a server that runs as that user "
            + "does not start"))
    }
    return traps
  }

  /// A file that nobody but root can read.
  private static func trapOfClosed(_ status: FileStatus) -> StartTrap? {
    guard status.mode & 0o444 == 0 else { return nil }
    return StartTrap(
      kind: .permission, weight: .error, path: status.path,
      message: "mode \(String(status.mode, radix: 8)): nobody but root can read it, and a server "
        + "that runs as another user does not start")
  }
}
