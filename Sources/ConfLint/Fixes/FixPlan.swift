import Findings

/// The edits of findings, applied to the bytes of a file.
public enum FixPlan {
  /// What became of a file.
  public struct Result: Hashable, Sendable {
    /// The bytes with all edits that could be applied.
    public var bytes: [UInt8]
    /// The findings whose fixes were applied, in the order of their edits.
    public var applied: [Finding]
  }

  /// Applies the fixes of `findings` to `file`: each as a whole or not at all, earlier ones first;
  /// one that overlaps another, or that also edits other files, waits for the next round.
  ///
  /// - Parameter allowsUnsafe: whether fixes may be applied that change what the file means.
  public static func apply(
    _ findings: [Finding], to file: String, _ bytes: [UInt8], allowsUnsafe: Bool
  ) -> Result {
    var taken: [Fix.Edit] = []
    var applied: [Finding] = []
    for finding in findings {
      guard let fix = finding.fix, fix.isSafe || allowsUnsafe, !fix.edits.isEmpty,
        fix.edits.allSatisfy({ $0.file == file && isWithin($0, bytes.count) })
      else { continue }
      // The same edit from two findings settles both.
      let fresh = fix.edits.filter { !taken.contains($0) }
      guard fresh.allSatisfy({ edit in !taken.contains { overlap($0, edit) } }) else { continue }
      taken += fresh
      applied.append(finding)
    }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    let ordered = taken.enumerated().sorted {
      ($0.element.offset, $0.offset) < ($1.element.offset, $1.offset)
    }
    for (_, edit) in ordered {
      let start = Int(edit.offset)
      result += bytes[position..<start]
      result += edit.replacement.utf8
      position = start + Int(edit.byteCount)
    }
    result += bytes[position...]
    return Result(bytes: result, applied: applied)
  }

  private static func isWithin(_ edit: Fix.Edit, _ count: Int) -> Bool {
    edit.offset >= 0 && edit.byteCount >= 0 && edit.offset <= Int64(count)
      && edit.byteCount <= Int64(count) - edit.offset
  }

  /// Whether two edits touch the same bytes. Insertions at one place do, for their order matters;
  /// those at the end of a file do not.
  private static func overlap(_ one: Fix.Edit, _ other: Fix.Edit) -> Bool {
    if one.byteCount == 0 && other.byteCount == 0 { return false }
    let first = one.offset <= other.offset ? one : other
    let second = one.offset <= other.offset ? other : one
    return second.offset < first.offset + max(first.byteCount, 1)
  }
}
