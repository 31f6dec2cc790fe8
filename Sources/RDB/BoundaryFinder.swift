import ByteKit

/// Guesses where the next record begins in the middle of a file.
///
/// Records have no marks. A run of them that fits from some offset on is very probably real, and a
/// wrong guess costs time only: a pass uses a guess when the chunk before it really ends there.
enum BoundaryFinder {
  /// How far the first look reaches, and the second where the first saw no run, bytes.
  private static let windowByteCounts = [64 << 10, 1 << 20]
  /// Offsets that are tried.
  private static let candidatesMax = 16 << 10
  /// What all of them together may cost, in records and in kilobytes passed over: a file made to
  /// look like records everywhere must not cost more than reading it does.
  private static let stepsMax = 32 << 10
  /// Records that must fit in a row.
  private static let recordsWanted = 24
  /// Fewer do where the window ends before.
  private static let recordsEnough = 6

  /// The offset of a record at or behind that of `near`, in whose state it is to be read.
  static func find(
    _ near: RDBReader.Checkpoint, in file: FileDescriptor, size: Int
  ) -> Int? {
    for byteCount in windowByteCounts {
      let end = min(size, near.offset + byteCount)
      if let found = find(near, in: file, to: end, reachesEnd: end == size) { return found }
    }
    return nil
  }

  private static func find(
    _ near: RDBReader.Checkpoint, in file: FileDescriptor, to end: Int, reachesEnd: Bool
  ) -> Int? {
    var input = ByteInput(
      FileSource(file, from: near.offset, to: end), at: near.offset,
      windowByteCount: end - near.offset)
    guard let seen = try? input.peek(end - near.offset), seen == end - near.offset else {
      return nil
    }
    var reader = RDBReader(resuming: near, input: input)
    var stepsLeft = stepsMax
    for candidate in near.offset..<min(end, near.offset + candidatesMax) where stepsLeft > 0 {
      // The candidate before may have failed while it held bytes fast.
      reader.input.pin = nil
      reader.input.cursor = reader.input.position(at: candidate)
      guard isPlausible(reader.input.cursor.load(as: UInt8.self), near.family) else { continue }
      if fits(&reader, &stepsLeft, reachesEnd: reachesEnd) { return candidate }
    }
    return nil
  }

  private static func isPlausible(_ byte: UInt8, _ family: RDBFamily) -> Bool {
    byte < 242 ? RDBType.isKnown(byte, family) : true
  }

  private static func fits(
    _ reader: inout RDBReader, _ stepsLeft: inout Int, reachesEnd: Bool
  ) -> Bool {
    let start = reader.input.offset
    var count = 0
    defer { stepsLeft -= count + (reader.input.offset - start) >> 10 }
    while count < recordsWanted {
      do throws(RDBError) {
        switch try reader.next() {
        case .key: _ = try reader.skipValue()
        case .end: return reachesEnd && count >= 1
        default: break
        }
        count += 1
      } catch {
        return error.kind == .truncated && count >= recordsEnough && !reachesEnd
      }
    }
    return true
  }
}
