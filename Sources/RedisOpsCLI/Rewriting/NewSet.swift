import AOF
import ByteKit
import Findings
import Rendering

/// The folder that a new set is written to.
struct NewSet {
  /// Where messages go.
  let diagnostics: Diagnostics
  /// The folder.
  let path: String
  /// Whether to show no progress.
  let isQuiet: Bool

  /// Whether something may be written to the folder at all; says why not.
  ///
  /// - Parameter allowsInside: the folder may lie in the one that is read.
  func isPossible(for set: AOFSet, allowsInside: Bool) -> Bool {
    let location = Location(file: path)
    if let code = OutputFolder.obstacle(at: path) {
      let message =
        code == ENOTEMPTY
        ? "the folder is not empty; name one that does not exist, for nothing is overwritten"
        : code == EEXIST
          ? "a file of that name exists; name a folder that does not exist"
          : "cannot be made: \(systemErrorText(code))"
      diagnostics.error(message, at: location, status: .unchecked)
      return false
    }
    guard !allowsInside, let folder = set.folder, let real = Self.realPath(folder),
      let target = realTarget, target == real || target.hasPrefix(real + "/")
    else { return true }
    diagnostics.error(
      "the folder lies inside the one that is read; name another one, or say --allow-inside",
      at: location, status: .usage)
    return false
  }

  /// The folder in which temporary files can lie: the one around it.
  var neighbourhood: String {
    let trimmed = Self.trimmed(path)
    guard let slash = trimmed.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
  }

  /// Writes the set and makes it final, or says why that cannot be.
  ///
  /// - Parameters:
  ///   - model: a folder whose permissions the new one gets.
  ///   - backup: where the folder goes that is replaced; `nil` where none may be.
  ///   - more: writes further files.
  /// - Returns: whether it is there.
  func write(
    _ assembly: AOFAssembly, like model: String?, backup: String? = nil,
    _ more: (OutputFolder) throws -> Void = { _ in }
  ) -> Bool {
    let line = ProgressLine(path, totalByteCount: Int64(assembly.byteCount), isQuiet: isQuiet)
    diagnostics.use(line)
    defer {
      line.finish()
      diagnostics.use(nil)
    }
    do {
      let folder = try OutputFolder(path: path, backup: backup)
      folder.onBytes = { line.add($0) }
      if let model { folder.takePermissions(of: model) }
      try assembly.write(into: folder)
      try more(folder)
      try folder.commit()
      return true
    } catch {
      report(error)
      return false
    }
  }

  /// Says why something could not be written.
  func report(_ error: any Error) {
    switch error {
    case let error as OutputError: diagnostics.report(error)
    case AOFAssembly.WriteError.output(let error): diagnostics.report(error)
    case AOFAssembly.WriteError.input(let path, let error): diagnostics.report(error, in: path)
    case let error as AOFPlanError: diagnostics.report(error)
    default: diagnostics.error("\(error)", at: Location(file: path), status: .unchecked)
    }
  }

  private var realTarget: String? {
    let trimmed = Self.trimmed(path)
    if let real = Self.realPath(trimmed) { return real }
    guard let folder = Self.realPath(neighbourhood) else { return nil }
    let name = trimmed.split(separator: "/").last.map(String.init) ?? ""
    return folder == "/" ? "/" + name : folder + "/" + name
  }

  /// `path` without slashes at its end.
  static func trimmed(_ path: String) -> String {
    var trimmed = path
    while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    return trimmed
  }

  /// Where `path` leads; `nil` for nowhere.
  static func realPath(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }
}

extension Diagnostics {
  /// Says why there is no plan for a set.
  func report(_ error: AOFPlanError) {
    let location =
      error.offset.map { Location(file: error.path, offset: Int64($0)) }
      ?? Location(file: error.path)
    let status: ExitStatus =
      switch error.kind {
      case .usage: .usage
      case .unreadable: .unchecked
      case .noPoint, .damage: .failed
      }
    self.error(error.message, at: location, status: status)
  }

  /// Says what people should know of a plan.
  func report(_ note: AOFPlanNote) {
    let location =
      note.offset.map { Location(file: note.path, offset: Int64($0)) } ?? Location(file: note.path)
    if note.isWarning {
      warning(note.message, at: location)
    } else {
      self.note(note.message, at: location)
    }
  }
}
