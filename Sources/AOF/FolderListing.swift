import ByteKit

/// What the system says of paths.
enum FolderListing {
  /// What a path leads to.
  enum Kind: Equatable {
    case folder
    /// A file; the size where it is a regular one.
    case file(byteCount: Int?)
  }

  /// What `path` leads to; `nil` for nothing, or nothing that may be seen.
  static func kind(of path: String) -> Kind? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: return .folder
    case S_IFREG: return .file(byteCount: Int(status.st_size))
    default: return .file(byteCount: nil)
    }
  }

  /// The names of the files in `folder`, folders left out, sorted.
  static func files(in folder: String) throws(InputError) -> [String] {
    guard let stream = opendir(folder) else {
      throw InputError(.system, at: 0, "cannot open: \(systemErrorText(errno))")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if kind(of: folder + "/" + name) != .folder { names.append(name) }
    }
    return names.sorted()
  }

  /// The folder that `path` lies in, and its name there.
  static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
    let folder = slash == path.startIndex ? "/" : String(path[..<slash])
    return (folder, String(path[path.index(after: slash)...]))
  }
}
