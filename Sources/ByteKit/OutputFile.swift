/// Where results go: standard output, or a file that appears whole or not at all.
///
/// A file is written under another name in the same directory. `commit()` syncs it, gives it its
/// name and syncs the directory; without `commit()` the temporary file is removed, also when a
/// signal ends the process. What is not an ordinary file (a pipe, `/dev/null`) is written in place.
///
/// `write` does not throw: the first failure stays in `failure`, later bytes are dropped, and
/// producers look at `hasFailed` now and then to stop early.
///
/// `Sendable` because a pipeline may write from a thread of its own; only one thread at a time may
/// use it.
public final class OutputFile: @unchecked Sendable {
  /// What became of writing so far: the first error, or nil.
  public private(set) var failure: OutputError?
  /// The bytes that were handed to the system so far.
  public private(set) var byteCount: Int64 = 0

  /// Whether the file belongs to whom it belonged before, if there was one.
  public private(set) var keepsOwner = true

  private let path: String
  private var descriptor: Int32
  private let ownsDescriptor: Bool
  /// The temporary file and the name it will get; nil when the output is written in place.
  private var pending: (temporary: String, target: String)?

  private init(
    path: String, descriptor: Int32, ownsDescriptor: Bool,
    pending: (temporary: String, target: String)?
  ) {
    self.path = path
    self.descriptor = descriptor
    self.ownsDescriptor = ownsDescriptor
    self.pending = pending
    OutputFile.ignoreSignalsOfWrite()
  }

  deinit { discard() }

  /// Whether a write failed: time to stop producing.
  public var hasFailed: Bool { failure != nil }

  /// Whether the output is a terminal.
  public var isTerminal: Bool { descriptor >= 0 && isatty(descriptor) == 1 }

  /// Standard output, or the file at `path` when one is given and is not `-`.
  ///
  /// - Throws: what `init(path:)` throws.
  public static func open(_ path: String?) throws(OutputError) -> OutputFile {
    guard let path, path != "-" else { return standardOutput() }
    return try OutputFile(path: path)
  }

  /// Standard output. It stays open when the object goes.
  public static func standardOutput() -> OutputFile {
    OutputFile(
      path: "standard output", descriptor: STDOUT_FILENO, ownsDescriptor: false, pending: nil)
  }

  /// The file at `path`, which exists with the new content after `commit()` and not before.
  ///
  /// A symbolic link stays one: the file it points to is replaced. The permission bits of an old
  /// file are kept, and its owner where that is allowed; a new one gets 0666 without the umask.
  ///
  /// - Throws: `OutputError` of operation `create` or `open`.
  public convenience init(path: String) throws(OutputError) {
    let target = OutputFile.resolved(path)
    var status = stat()
    let exists = stat(target, &status) == 0
    if exists && status.st_mode & S_IFMT != S_IFREG {
      let descriptor = openExisting(target, O_WRONLY)
      guard descriptor >= 0 else {
        throw OutputError(operation: "open", path: path, code: errno)
      }
      self.init(path: path, descriptor: descriptor, ownsDescriptor: true, pending: nil)
      return
    }
    let mode = exists ? UInt32(status.st_mode & 0o777) : 0o666
    let file: TemporaryFiles.File
    do {
      file = try TemporaryFiles.create(in: OutputFile.directory(of: target), mode: mode)
    } catch {
      throw OutputError(operation: error.operation, path: path, code: error.code)
    }
    var keepsOwner = true
    if exists {
      // A server that reads its file as another user than root must still be able to.
      keepsOwner = fchown(file.descriptor, status.st_uid, status.st_gid) == 0
      // The umask has had its say at creation; an old file's bits win over it.
      fchmod(file.descriptor, status.st_mode & 0o777)
    }
    self.init(
      path: path, descriptor: file.descriptor, ownsDescriptor: true,
      pending: (temporary: file.path, target: target))
    self.keepsOwner = keepsOwner
  }

  /// Writes all of `bytes`, unless something failed before.
  public func write(_ bytes: UnsafeRawBufferPointer) {
    guard failure == nil, var source = bytes.baseAddress else { return }
    var rest = bytes.count
    while rest > 0 {
      let count = writeSome(descriptor, source, rest)
      if count >= 0 {
        source += count
        rest -= count
        byteCount += Int64(count)
      } else if errno == EAGAIN || errno == EWOULDBLOCK {
        waitUntilWritable()
      } else if errno != EINTR {
        failure = OutputError(operation: "write", path: path, code: errno)
        return
      }
    }
  }

  /// A writer that drains into this file; flush it before `commit()`.
  public func makeWriter(capacity: Int = 1 << 16) -> ByteWriter {
    ByteWriter(capacity: capacity) { self.write($0) }
  }

  /// Makes the output final: syncs, renames, syncs the directory. Does nothing the second time.
  ///
  /// - Throws: the first failure of any write, or `OutputError` of operation `sync`, `close` or
  ///   `rename`; the target is then as it was before.
  public func commit() throws(OutputError) {
    defer { discard() }
    if let failure { throw failure }
    guard let pending else { return }
    try check("sync", fsync(descriptor))
    let closing = descriptor
    descriptor = -1
    try check("close", close(closing))
    try check("rename", rename(pending.temporary, pending.target))
    TemporaryFiles.forget(pending.temporary)
    self.pending = nil
    syncDirectory(of: pending.target)
  }

  /// Removes the temporary file: the target stays as it was.
  public func discard() {
    if ownsDescriptor && descriptor >= 0 {
      close(descriptor)
      descriptor = -1
    }
    if let pending {
      TemporaryFiles.remove(pending.temporary)
      self.pending = nil
    }
  }

  private func check(_ operation: String, _ result: Int32) throws(OutputError) {
    guard result != 0 else { return }
    let error = OutputError(operation: operation, path: path, code: errno)
    failure = error
    throw error
  }

  /// Blocks until a descriptor that somebody made non-blocking takes bytes again.
  private func waitUntilWritable() {
    var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    poll(&request, 1, -1)
  }

  /// Makes the new name durable. Some file systems cannot sync a directory; the content is safe by
  /// then, so that is no failure.
  private func syncDirectory(of target: String) {
    let directory = OutputFile.directory(of: target)
    let handle = openExisting(directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY)
    guard handle >= 0 else { return }
    fsync(handle)
    close(handle)
  }
  /// `path`, or where it leads when it is a symbolic link to something that exists.
  private static func resolved(_ path: String) -> String {
    guard let text = realpath(path, nil) else { return path }
    defer { free(text) }
    return String(cString: text)
  }

  /// The part of `path` up to its last slash, or nothing.
  private static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return String(path[...slash])
  }

  /// Turns two signals that would end the process into errors of `write`: the reader has gone, and
  /// the file size limit is reached.
  static func ignoreSignalsOfWrite() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }
}

// Within the class the names of these system calls mean its own members.

/// Writes up to 1 GiB, for some systems refuse 2 GiB and more at once.
private func writeSome(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, source, min(count, 1 << 30))
}

/// Opens what exists, again after an interruption: opening a named pipe waits for its reader.
private func openExisting(_ path: String, _ flags: Int32) -> Int32 {
  while true {
    let descriptor = open(path, flags | O_CLOEXEC)
    if descriptor >= 0 || errno != EINTR { return descriptor }
  }
}
