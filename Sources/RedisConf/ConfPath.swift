/// Paths as a server resolves them.
enum ConfPath {
  /// `path` below the working directory `base`; an absolute path as it is.
  static func join(_ base: String, _ path: String) -> String {
    if path.hasPrefix("/") || base.isEmpty { return path }
    return base.hasSuffix("/") ? base + path : "\(base)/\(path)"
  }
}
