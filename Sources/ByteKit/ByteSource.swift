/// Why bytes could not be had.
public struct InputError: Error, Equatable, Sendable {
  /// The causes that callers tell apart.
  public enum Kind: Equatable, Sendable {
    /// The system refused: nothing is said about the data.
    case system
    /// The data ends before what it promises.
    case truncated
    /// The element exceeds the limit that was set for this pass.
    case limited
    /// The gzip layer around the data is damaged.
    case damagedGzip
  }

  /// The cause.
  public let kind: Kind
  /// The offset within the (unpacked) input at which the bytes were wanted.
  public let offset: Int
  /// What was found, what was expected.
  public let message: String

  /// An error of `kind` at `offset`.
  @inline(never)
  public init(_ kind: Kind, at offset: Int, _ message: String) {
    self.kind = kind
    self.offset = offset
    self.message = message
  }
}

/// A forward-only supply of bytes.
public protocol ByteSource: AnyObject {
  /// Fills the front of `target` and says how much; 0 is the end of the data.
  func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
  /// The number of bytes that are still to come, `nil` where it cannot be known.
  var remainingByteCount: Int? { get }
}

/// An open file descriptor that closes itself, unless it is standard input.
public final class FileDescriptor: Sendable {
  /// The system's number.
  public let number: Int32
  /// The name for messages.
  public let path: String

  /// Opens `path` for reading.
  public init(reading path: String) throws(InputError) {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else {
      throw InputError(.system, at: 0, "cannot open: \(systemErrorText(errno))")
    }
    self.number = number
    self.path = path
  }

  /// Takes over a descriptor that is open, and closes it at the end.
  public init(adopting number: Int32, path: String) {
    self.number = number
    self.path = path
  }

  /// Takes over standard input.
  public init(standardInput path: String) {
    number = STDIN_FILENO
    self.path = path
  }

  deinit { if number != STDIN_FILENO { close(number) } }

  /// The size where this is a regular file, else `nil`.
  public var regularFileSize: Int? {
    var status = stat()
    guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Whether this is a folder.
  public var isDirectory: Bool {
    var status = stat()
    return fstat(number, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

/// A range of a regular file, read by position, so that several readers can share the descriptor.
public final class FileSource: ByteSource {
  private let file: FileDescriptor
  private var position: Int
  private let end: Int

  /// The bytes `start..<end` of `file`.
  public init(_ file: FileDescriptor, from start: Int, to end: Int) {
    self.file = file
    position = start
    self.end = end
  }

  /// The bytes up to the end of the range.
  public var remainingByteCount: Int? { max(0, end - position) }

  /// Reads by position; retries when a signal interrupts.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let wanted = min(target.count, end - position)
    guard wanted > 0 else { return 0 }
    while true {
      let count = pread(file.number, target.baseAddress, wanted, off_t(position))
      if count >= 0 {
        position += count
        return count
      }
      guard errno == EINTR else {
        throw InputError(.system, at: position, "cannot read: \(systemErrorText(errno))")
      }
    }
  }
}

/// A pipe, a terminal or any other descriptor that can only be read forward.
public final class PipeSource: ByteSource {
  private let file: FileDescriptor
  private var position = 0

  /// The bytes of `file` from where it stands.
  public init(_ file: FileDescriptor) { self.file = file }

  /// Not known.
  public var remainingByteCount: Int? { nil }

  /// Reads what there is; retries when a signal interrupts.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    while true {
      let count = systemRead(file.number, target)
      if count >= 0 {
        position += count
        return count
      }
      guard errno == EINTR else {
        throw InputError(.system, at: position, "cannot read: \(systemErrorText(errno))")
      }
    }
  }
}

/// Bytes in memory, given out in pieces of at most `chunkByteCount`: payloads, and tests that want
/// to see every split.
public final class MemorySource: ByteSource {
  private let bytes: [UInt8]
  private var position = 0
  private let chunkByteCount: Int
  private let knowsSize: Bool

  /// - Parameter knowsSize: false to behave like a pipe, whose end is not known beforehand.
  public init(_ bytes: [UInt8], chunkByteCount: Int = .max, knowsSize: Bool = true) {
    self.bytes = bytes
    self.chunkByteCount = max(1, chunkByteCount)
    self.knowsSize = knowsSize
  }

  /// The bytes not yet given out, unless it behaves like a pipe.
  public var remainingByteCount: Int? { knowsSize ? bytes.count - position : nil }

  /// Copies the next piece.
  public func read(into target: UnsafeMutableRawBufferPointer) throws(InputError) -> Int {
    let count = min(target.count, chunkByteCount, bytes.count - position)
    guard count > 0 else { return 0 }
    target.copyBytes(from: bytes[position..<(position + count)])
    position += count
    return count
  }
}
