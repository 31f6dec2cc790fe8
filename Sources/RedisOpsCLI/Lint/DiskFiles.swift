import ByteKit
import RedisConf

/// Files that a configuration names, on this machine.
///
/// A server looks for relative paths below the folder that it was started in, which a file cannot
/// tell: the working directory is tried first, then the folder of the file itself.
struct DiskFiles: ConfFiles {
  /// The folder of the file, with its slash; empty for the working directory.
  let folder: String

  init(besides path: String) {
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  func read(_ path: String) -> [UInt8]? { try? SmallFile.read(path) }

  func resolve(_ path: String) -> String {
    if path.hasPrefix("/") || folder.isEmpty || Self.exists(path) { return path }
    return Self.exists(folder + path) ? folder + path : path
  }

  func matches(_ pattern: String) -> [String] {
    let found = Self.glob(pattern)
    if !found.isEmpty || pattern.hasPrefix("/") || folder.isEmpty { return found }
    return Self.glob(folder + pattern)
  }

  /// Whether a file exists; for a relative path nil when its folder does not: nobody knows where
  /// the server will be started.
  func presence(_ path: String) -> Bool? {
    path.hasPrefix("/") ? Self.exists(path) : presenceInFolder(path)
  }

  /// Whether a file exists; nil when its folder does not, so that it belongs to another machine.
  func presenceInFolder(_ path: String) -> Bool? {
    let resolved = resolve(path)
    if Self.exists(resolved) { return true }
    let parent = resolved.lastIndex(of: "/").map { String(resolved[..<$0]) } ?? "."
    let base = path.hasPrefix("/") ? parent : folder.isEmpty ? parent : folder + parent
    return Self.exists(parent) || Self.exists(base) ? false : nil
  }

  func isExecutable(_ path: String) -> Bool? {
    presence(path).map { $0 && access(resolve(path), X_OK) == 0 }
  }

  private static func exists(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0
  }

  private static func glob(_ pattern: String) -> [String] {
    var result = glob_t()
    defer { globfree(&result) }
    guard Glibc.glob(pattern, 0, nil, &result) == 0, let paths = result.gl_pathv else { return [] }
    return (0..<Int(result.gl_pathc)).compactMap { index in
      paths[index].map { String(cString: $0) }
    }
  }
}
