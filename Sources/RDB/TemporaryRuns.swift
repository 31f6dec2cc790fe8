import ByteKit

/// Runs of entries in an unlinked temporary file, each ordered by part, read back part by part.
struct TemporaryRuns: ~Copyable {
  private let descriptor: Int32
  private let partCount: Int
  private var end = 0
  /// Where the parts of each run start; one more than there are parts.
  private var runs: [[Int]] = []
  /// Why the file could not be used, an error number.
  private(set) var failure: Int32?

  init(partCount: Int) {
    self.partCount = partCount
    descriptor = UnlinkedFile.make()
    if descriptor < 0 { failure = errno }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Appends a run that is ordered by part.
  mutating func append(_ entries: [HashLog.Entry], part: (HashLog.Entry) -> Int) {
    guard failure == nil else { return }
    let stride = MemoryLayout<HashLog.Entry>.stride
    var starts = [Int](repeating: 0, count: partCount + 1)
    for entry in entries { starts[part(entry) + 1] += stride }
    starts[0] = end
    for index in 0..<partCount { starts[index + 1] += starts[index] }
    entries.withUnsafeBytes { bytes in
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
    }
    end = starts[partCount]
    runs.append(starts)
  }

  /// The entries of a part, in all runs.
  func entryCount(ofPart index: Int) -> Int {
    runs.reduce(0) { $0 + ($1[index + 1] - $1[index]) } / MemoryLayout<HashLog.Entry>.stride
  }

  /// Calls `body` with the part's entries, run by run.
  mutating func read(part index: Int, _ body: (UnsafeBufferPointer<HashLog.Entry>) -> Void) {
    for starts in runs {
      let count = starts[index + 1] - starts[index]
      guard count > 0 else { continue }
      withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { room in
        var done = 0
        while done < count {
          let got = pread(
            descriptor, room.baseAddress.map { $0 + done }, count - done,
            off_t(starts[index] + done))
          if got < 0 && errno == EINTR { continue }
          guard got > 0 else {
            failure = got < 0 ? errno : EIO
            return
          }
          done += got
        }
        body(UnsafeBufferPointer(room.bindMemory(to: HashLog.Entry.self)))
      }
    }
  }
}
