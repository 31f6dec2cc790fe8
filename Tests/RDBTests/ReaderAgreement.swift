import ByteKit

@testable import RDB

/// Reads any bytes as a snapshot in several ways and compares what they give: the oracle of the
/// fuzz target, and of the test that replays what it found.
enum ReaderAgreement {
  /// What two ways of reading `bytes` disagree on; `nil` if they agree.
  static func disagreement(_ bytes: [UInt8]) -> String? {
    let whole = Walk(bytes)
    let pieces = Walk(
      ByteInput(MemorySource(bytes, chunkByteCount: 7), windowByteCount: 16))
    if pieces != whole { return "a small window gives \(pieces), a large one \(whole)" }
    let pipe = Walk(
      ByteInput(
        MemorySource(bytes, chunkByteCount: 1000, knowsSize: false), windowByteCount: 64))
    if whole.failure == nil ? pipe != whole : pipe.failure == nil {
      return "a pipe gives \(pipe), a file \(whole)"
    }
    return disagreement(on: Walk(bytes, .skip), whole)
  }

  /// Skipping checks less, so it may go further; where both went they must have gone alike.
  private static func disagreement(on skipped: Walk, _ read: Walk) -> String? {
    let shared = min(skipped.valueEnds.count, read.valueEnds.count)
    if skipped.valueEnds.prefix(shared) != read.valueEnds.prefix(shared) {
      return "values end at \(skipped.valueEnds) skipped, at \(read.valueEnds) read"
    }
    guard read.failure == nil else { return nil }
    if let failure = skipped.failure { return "skipping fails where reading does not: \(failure)" }
    if read.violationCount == 0, skipped.elements != read.elements {
      return "\(skipped.elements) elements skipped, \(read.elements) read"
    }
    return nil
  }
}
