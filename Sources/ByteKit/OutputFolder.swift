/// A folder that appears whole or not at all.
///
/// It is filled under another name beside its place. `commit()` syncs what is in it, gives it its
/// name and syncs the folder around it; without `commit()` it is removed, also when a signal ends
/// the process. At its place nothing may be, or an empty folder, unless it is to replace one.
public final class OutputFolder {
  /// The path that it will have.
  public let path: String
  /// Told of the bytes as they are copied.
  public var onBytes: ((Int) -> Void)?

  /// Where the folder goes that it replaces; `nil` where it replaces none.
  private let backup: String?
  /// The folder as it is filled; `nil` when that is over.
  private var staging: String?
  /// What was made in it, folders before what lies in them.
  private var contents: [String] = []
  /// The folders in it.
  private var folders: [String] = []

  /// Makes the folder that will be at `path`.
  ///
  /// - Parameter backup: where the folder that is at `path` goes; `nil` where none may be.
  /// - Throws: `OutputError` of operation `create`, with `ENOTEMPTY` or `EEXIST` where something
  ///   is there already.
  public init(path: String, backup: String? = nil) throws(OutputError) {
    var trimmed = path
    while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    self.path = trimmed
    self.backup = backup
    if let code = Self.obstacle(at: backup ?? trimmed) {
      throw OutputError(operation: "create", path: backup ?? trimmed, code: code)
    }
    OutputFile.ignoreSignalsOfWrite()
    do {
      staging = try TemporaryFiles.createFolder(in: Self.parent(of: trimmed))
    } catch {
      throw OutputError(operation: error.operation, path: trimmed, code: error.code)
    }
  }

  deinit { discard() }

  /// Why nothing can be put at `path`, an error number; `nil` where it can.
  public static func obstacle(at path: String) -> Int32? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return errno == ENOENT ? nil : errno }
    guard status.st_mode & S_IFMT == S_IFDIR else { return EEXIST }
    guard let stream = opendir(path) else { return errno }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { return ENOTEMPTY }
    }
    return nil
  }

  /// Makes a file in the folder.
  ///
  /// - Parameters:
  ///   - name: its name, which may begin with that of a folder made before and a slash.
  ///   - model: the path of a file whose permissions it gets, and whose owner where the system
  ///     allows it.
  public func createFile(
    _ name: String, like model: String? = nil
  ) throws(OutputError) -> StagedFile {
    let place = try place(name)
    let descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    try check("create", name, descriptor)
    if let model { Self.copyOwner(of: model, to: descriptor) }
    return StagedFile(descriptor, path: path + "/" + name) { [weak self] in self?.onBytes?($0) }
  }

  /// Makes a folder in the folder.
  public func createFolder(_ name: String) throws(OutputError) {
    let place = try place(name)
    try check("create", name, mkdir(place, 0o777))
    folders.append(place)
  }

  /// Gives the folder the permissions of the folder at `model`, and its owner where the system
  /// allows it.
  public func takePermissions(of model: String) {
    var status = stat()
    guard let staging, stat(model, &status) == 0 else { return }
    chown(staging, status.st_uid, status.st_gid)
    chmod(staging, status.st_mode & 0o777 | 0o700)
  }

  /// Makes the folder final. All its files have been closed.
  ///
  /// - Throws: `OutputError` of operation `sync` or `rename`; what was at `path` is there then.
  public func commit() throws(OutputError) {
    guard let staging else { return }
    for folder in folders + [staging] { try sync(folder) }
    try check("rename", "", move(staging))
    for path in contents + [staging] { TemporaryFiles.forget(path) }
    self.staging = nil
    try? sync(Self.parent(of: path))
  }

  /// Puts one file of the folder in the place of another one, and removes the rest.
  ///
  /// - Throws: `OutputError` of operation `rename`; the other file is unchanged then.
  public func commit(only name: String, as target: String) throws(OutputError) {
    guard let staging else { return }
    defer { discard() }
    try check("rename", "", rename(staging + "/" + name, target))
    try? sync(Self.parent(of: target))
  }

  private func move(_ staging: String) -> Int32 {
    guard let backup else { return rename(staging, path) }
    // In one step where the system can, so that there is a folder at every moment.
    if Self.exchange(staging, path) { return rename(staging, backup) }
    guard rename(path, backup) == 0 else { return -1 }
    guard rename(staging, path) != 0 else { return 0 }
    let code = errno
    rename(backup, path)
    errno = code
    return -1
  }

  /// Removes what was made.
  public func discard() {
    guard let staging else { return }
    for path in contents.reversed() + [staging] { TemporaryFiles.remove(path) }
    self.staging = nil
  }

  /// Where something of that name lies for now; it is removed with everything else from here on.
  private func place(_ name: String) throws(OutputError) -> String {
    guard let staging else {
      throw OutputError(operation: "create", path: path + "/" + name, code: EBADF)
    }
    let place = staging + "/" + name
    TemporaryFiles.register(place)
    contents.append(place)
    return place
  }

  private func check(
    _ operation: String, _ name: String, _ result: Int32
  ) throws(OutputError) {
    guard result < 0 else { return }
    let path = name.isEmpty ? path : path + "/" + name
    throw OutputError(operation: operation, path: path, code: errno)
  }

  private func sync(_ folder: String) throws(OutputError) {
    let handle = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try check("sync", "", handle)
    defer { close(handle) }
    // Some file systems cannot sync a folder.
    if fsync(handle) != 0, errno != EINVAL { try check("sync", "", -1) }
  }

  private static func copyOwner(of model: String, to descriptor: Int32) {
    var status = stat()
    guard stat(model, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
    fchown(descriptor, status.st_uid, status.st_gid)
    fchmod(descriptor, status.st_mode & 0o777 | 0o600)
  }

  /// The part of `path` up to its last slash, or nothing.
  private static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[...slash])
  }

  /// Swaps two folders in one step; false where the system cannot.
  private static func exchange(_ one: String, _ other: String) -> Bool {
    let exchangeFlag: UInt32 = 1 << 1
    guard let call = Platform.renameat2 else { return false }
    return call(AT_FDCWD, one, AT_FDCWD, other, exchangeFlag) == 0
  }
}
