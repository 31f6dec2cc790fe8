import AOF
import ByteKit
import Findings

extension AOFSet {
  /// Whether its files are plain ones, which others of their name can replace.
  var canBeReplaced: Bool {
    parts.allSatisfy { part in
      guard part.exists, let file = try? part.open() else { return true }
      if case .file = file.input.access { return true }
      return false
    }
  }
}

/// Puts a repaired set in the place of the original, which stays beside it.
struct InPlaceRepair {
  /// The original.
  let set: AOFSet
  /// Where messages go.
  let diagnostics: Diagnostics
  /// Whether to show no progress.
  let isQuiet: Bool

  /// More backups than anyone makes.
  private static let backupCountMax = 10_000

  /// Writes the repaired set.
  ///
  /// - Returns: where the original is now; `nil` where nothing was changed, which has been said.
  func replace(with plan: AOFRepairPlan) -> String? {
    let original = set.folder ?? set.parts.first?.path ?? set.name
    guard let path = NewSet.realPath(original), let backup = Self.freeName(path) else {
      diagnostics.error(
        "no name is free for a backup", at: Location(file: original), status: .unchecked)
      return nil
    }
    let isDone =
      set.folder == nil
      ? replaceFile(path, plan, backup: backup) : replaceFolder(path, plan, backup: backup)
    return isDone ? backup : nil
  }

  private func replaceFolder(_ path: String, _ plan: AOFRepairPlan, backup: String) -> Bool {
    let folder = NewSet(diagnostics: diagnostics, path: path, isQuiet: isQuiet)
    return folder.write(plan.assembly, like: path, backup: backup) { output in
      try AOFLosses.writeList(of: plan, AOFRepairPlan.lostList, into: output)
    }
  }

  /// Writes what is left out to a folder beside the backup, keeps the original under the backup's
  /// name, and puts the repaired file in its place, in this order.
  private func replaceFile(_ path: String, _ plan: AOFRepairPlan, backup: String) -> Bool {
    let lost = NewSet(
      diagnostics: diagnostics, path: backup + "." + AOFRepairPlan.lostFolder, isQuiet: isQuiet)
    var assembly = plan.assembly
    guard let repaired = assembly.files.first else { return false }
    assembly.files.removeFirst()
    for index in assembly.files.indices {
      assembly.files[index].name.removeFirst(AOFRepairPlan.lostFolder.utf8.count + 1)
    }
    let list = AOFRepairPlan.lostList.dropFirst(AOFRepairPlan.lostFolder.utf8.count + 1)
    let isListed =
      assembly.files.isEmpty
      || lost.write(assembly, like: nil) { output in
        try AOFLosses.writeList(of: plan, String(list), into: output)
      }
    guard isListed else { return false }
    do {
      try replace(path, AOFAssembly([repaired], manifest: nil), backup: backup)
      return true
    } catch {
      lost.report(error)
      return false
    }
  }

  private func replace(_ path: String, _ assembly: AOFAssembly, backup: String) throws {
    let staging = try OutputFolder(path: backup + ".new")
    try assembly.write(into: staging)
    guard link(path, backup) == 0 else {
      throw OutputError(operation: "link", path: backup, code: errno)
    }
    try staging.commit(only: assembly.files[0].name, as: path)
  }

  /// The first name of the form `PATH.backup-N` at which nothing is.
  private static func freeName(_ path: String) -> String? {
    for number in 1...backupCountMax {
      let name = "\(path).backup-\(number)"
      var status = stat()
      if lstat(name, &status) != 0, errno == ENOENT { return name }
    }
    return nil
  }
}
