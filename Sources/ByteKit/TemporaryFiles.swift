import Synchronization

/// The temporary files of this process: they go when it ends, also by SIGINT, SIGTERM or SIGHUP.
///
/// The paths lie as C strings in a table of fixed size, so that a signal handler, which may neither
/// allocate nor lock, can remove them. Each slot is taken and given back by one atomic operation:
/// whoever empties a slot owns its string.
public enum TemporaryFiles {
  /// The most temporary files at one time. One more is created all the same, but only the code that
  /// created it will remove it.
  public static let countMax = 256

  /// The table: addresses of C strings, 0 where a slot is free.
  ///
  /// Set once, before the handlers are installed, and never freed.
  nonisolated(unsafe) private static var table: UnsafeMutablePointer<Atomic<UInt>>?

  /// Sets up the table and the handlers, the first time that it is read.
  private static let isPrepared: Bool = {
    let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: countMax)
    for index in 0..<countMax { (slots + index).initialize(to: Atomic(0)) }
    table = slots
    for number in [SIGINT, SIGTERM, SIGHUP] { install(number) }
    atexit { TemporaryFiles.removeAll() }
    return true
  }()

  /// A temporary file that was created: an open descriptor, and the path to give to `forget` or
  /// `remove`.
  public struct File: Sendable {
    /// Open for reading and writing, closed on exec; the caller closes it.
    public let descriptor: Int32
    /// Where the file lies.
    public let path: String
  }

  /// Creates an empty file with a unique name in `directory`, and registers it.
  ///
  /// - Parameters:
  ///   - directory: a path; empty means the working directory.
  ///   - mode: the permission bits, of which the umask is taken away.
  /// - Throws: `OutputError` of operation `create`.
  public static func create(
    in directory: String, mode: UInt32 = 0o600
  ) throws(OutputError) -> File {
    let (path, descriptor) = try make(in: directory) {
      open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    }
    return File(descriptor: descriptor, path: path)
  }

  /// Creates a folder with a unique name in `directory`, and registers it. What lies in it has to
  /// be registered too: a folder goes only when it is empty.
  ///
  /// - Parameter directory: a path; empty means the working directory.
  /// - Throws: `OutputError` of operation `create`.
  public static func createFolder(in directory: String) throws(OutputError) -> String {
    try make(in: directory) { mkdir($0, 0o777) }.path
  }

  /// Tries unique names until `body`, which answers with a negative number where it fails, has made
  /// something.
  private static func make(
    in directory: String, _ body: (String) -> Int32
  ) throws(OutputError) -> (path: String, result: Int32) {
    let prefix = directory.isEmpty || directory.hasSuffix("/") ? directory : directory + "/"
    for _ in 0..<64 {
      let name = ".redisops-\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 36)).tmp"
      let path = prefix + name
      // Registered first: a signal between the two calls would leave the file behind.
      register(path)
      let result = body(path)
      if result >= 0 { return (path, result) }
      let code = errno
      forget(path)
      if code != EEXIST && code != EINTR {
        throw OutputError(operation: "create", path: path, code: code)
      }
    }
    throw OutputError(operation: "create", path: prefix, code: EEXIST)
  }

  /// Puts `path` on the list of files to remove at the end.
  public static func register(_ path: String) {
    guard isPrepared, let slots = table, let text = strdup(path) else { return }
    let address = UInt(bitPattern: text)
    for index in 0..<countMax
    where slots[index].compareExchange(
      expected: 0, desired: address, ordering: .acquiringAndReleasing
    ).exchanged {
      return
    }
    free(text)
  }

  /// Takes `path` off the list and leaves the file alone, as after a rename.
  public static func forget(_ path: String) {
    guard isPrepared, let slots = table else { return }
    for index in 0..<countMax {
      let address = slots[index].load(ordering: .acquiring)
      guard let text = UnsafeMutablePointer<CChar>(bitPattern: address),
        strcmp(text, path) == 0,
        slots[index].compareExchange(
          expected: address, desired: 0, ordering: .acquiringAndReleasing
        ).exchanged
      else { continue }
      free(text)
      return
    }
  }

  /// Removes the file or the empty folder at `path` and takes it off the list.
  public static func remove(_ path: String) {
    if unlink(path) != 0 { rmdir(path) }
    forget(path)
  }

  /// Removes each file of the list, then each folder, which is empty by then. Safe inside a signal
  /// handler: the strings are not freed.
  public static func removeAll() {
    guard let slots = table else { return }
    for index in 0..<countMax {
      let address = slots[index].load(ordering: .acquiring)
      if let text = UnsafeMutablePointer<CChar>(bitPattern: address) { unlink(text) }
    }
    // A folder was registered before the folders in it.
    for index in (0..<countMax).reversed() {
      let address = slots[index].exchange(0, ordering: .acquiringAndReleasing)
      if let text = UnsafeMutablePointer<CChar>(bitPattern: address), unlink(text) != 0 {
        rmdir(text)
      }
    }
  }

  /// Lets a signal remove the files before it ends the process, unless it is being ignored, as
  /// under `nohup`.
  private static func install(_ number: Int32) {
    let previous = signal(number) { number in
      TemporaryFiles.removeAll()
      // Blocked while the handler runs, so the default action takes hold when it returns.
      signal(number, SIG_DFL)
      raise(number)
    }
    let isIgnored = unsafeBitCast(previous, to: UInt.self) == unsafeBitCast(SIG_IGN, to: UInt.self)
    if isIgnored { signal(number, SIG_IGN) }
  }
}
