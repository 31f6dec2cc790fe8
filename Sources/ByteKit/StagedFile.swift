/// A file of an `OutputFolder` while it is written. Close it; what is not closed is not synced.
public final class StagedFile {
  /// How much is copied between two calls of the progress function.
  private static let stepByteCount = 32 << 20
  /// The block where the system cannot copy by itself.
  private static let blockByteCount = 1 << 20

  private let path: String
  private var descriptor: Int32
  private let onBytes: (Int) -> Void
  /// The bytes written so far.
  public private(set) var byteCount = 0

  init(_ descriptor: Int32, path: String, onBytes: @escaping (Int) -> Void) {
    self.descriptor = descriptor
    self.path = path
    self.onBytes = onBytes
  }

  deinit { if descriptor >= 0 { _ = Platform.close(descriptor) } }

  /// Appends bytes.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(OutputError) {
    guard var source = bytes.baseAddress else { return }
    var rest = bytes.count
    while rest > 0 {
      let count = Platform.write(descriptor, source, rest)
      if count > 0 {
        source += count
        rest -= count
        byteCount += count
      } else if errno != EINTR {
        throw OutputError(operation: "write", path: path, code: errno)
      }
    }
  }

  /// Appends bytes.
  public func write(_ bytes: [UInt8]) throws(OutputError) {
    var failure: OutputError?
    bytes.withUnsafeBytes { bytes in
      do throws(OutputError) { try write(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Appends a stretch of another file.
  ///
  /// - Throws: `OutputError`; of operation `copy` with `ENODATA` where the file has become shorter.
  public func copy(_ source: FileDescriptor, _ range: Range<Int>) throws(OutputError) {
    guard let call = Platform.copyFileRange else { return try copyInBlocks(source, range) }
    var position = range.lowerBound
    while position < range.upperBound {
      let wanted = min(range.upperBound - position, Self.stepByteCount)
      var offset = off_t(position)
      let count = call(source.number, &offset, descriptor, nil, wanted, 0)
      if count < 0, [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EPERM].contains(errno) {
        return try copyInBlocks(source, position..<range.upperBound)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw OutputError(operation: "copy", path: path, code: count == 0 ? ENODATA : errno)
      }
      position += count
      byteCount += count
      onBytes(count)
    }
  }

  private func copyInBlocks(
    _ source: FileDescriptor, _ range: Range<Int>
  ) throws(OutputError) {
    let block = UnsafeMutableRawBufferPointer.allocate(
      byteCount: min(Self.blockByteCount, range.count), alignment: 4096)
    defer { block.deallocate() }
    var position = range.lowerBound
    while position < range.upperBound {
      let wanted = min(range.upperBound - position, block.count)
      let count = pread(source.number, block.baseAddress, wanted, off_t(position))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        throw OutputError(operation: "copy", path: path, code: count == 0 ? ENODATA : errno)
      }
      try write(UnsafeRawBufferPointer(rebasing: block[..<count]))
      position += count
      onBytes(count)
    }
  }

  /// Makes the content durable and closes the file.
  public func close() throws(OutputError) {
    guard descriptor >= 0 else { return }
    let closing = descriptor
    descriptor = -1
    let isSynced = fsync(closing) == 0
    let code = errno
    let isClosed = Platform.close(closing) == 0
    guard isSynced, isClosed else {
      throw OutputError(
        operation: isSynced ? "close" : "sync", path: path, code: isSynced ? errno : code)
    }
  }
}
