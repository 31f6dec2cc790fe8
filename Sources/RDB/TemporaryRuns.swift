import ByteKit

/// Entries in an unlinked temporary file, written in runs that each belong to a part, read back
/// part by part.
struct TemporaryRuns<Entry: BitwiseCopyable>: ~Copyable {
  /// Bytes read at a time.
  private static var blockByteCount: Int { 1 << 18 }

  private let descriptor: Int32
  private var end = 0
  /// The byte ranges of each part's runs.
  private var runs: [[Range<Int>]]
  /// Why the file could not be used, an error number.
  private(set) var failure: Int32?

  init(partCount: Int) {
    runs = Array(repeating: [], count: partCount)
    descriptor = UnlinkedFile.make()
    if descriptor < 0 { failure = errno }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends a run to a part.
  mutating func append(_ entries: UnsafeBufferPointer<Entry>, toPart part: Int) {
    guard failure == nil, entries.count > 0 else { return }
    let bytes = UnsafeRawBufferPointer(entries)
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(end + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        failure = count < 0 ? errno : ENOSPC
        return
      }
      done += count
    }
    runs[part].append(end..<(end + bytes.count))
    end += bytes.count
  }

  /// The entries of a part.
  func entryCount(ofPart part: Int) -> Int {
    runs[part].reduce(0) { $0 + $1.count } / MemoryLayout<Entry>.stride
  }

  /// Calls `body` with the part's entries, block by block.
  mutating func read(part: Int, _ body: (UnsafeBufferPointer<Entry>) -> Void) {
    let stride = MemoryLayout<Entry>.stride
    let block = UnsafeMutableBufferPointer<Entry>.allocate(
      capacity: Self.blockByteCount / stride)
    defer { block.deallocate() }
    for run in runs[part] {
      var offset = run.lowerBound
      while offset < run.upperBound {
        let count = min(run.upperBound - offset, block.count * stride)
        guard read(count, at: offset, into: UnsafeMutableRawBufferPointer(block)) else { return }
        body(UnsafeBufferPointer(rebasing: block[..<(count / stride)]))
        offset += count
      }
    }
  }

  private mutating func read(
    _ count: Int, at offset: Int, into room: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var done = 0
    while done < count {
      let got = pread(
        descriptor, room.baseAddress.map { $0 + done }, count - done, off_t(offset + done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else {
        failure = got < 0 ? errno : EIO
        return false
      }
      done += got
    }
    return true
  }
}
