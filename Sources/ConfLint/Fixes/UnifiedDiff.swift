/// The difference of two texts, line by line, in the form that `patch` reads.
public enum UnifiedDiff {
  private static let contextCount = 3

  /// The difference; empty when the texts are equal.
  ///
  /// - Parameters:
  ///   - name: the path that both sides carry.
  ///   - shown: a line as it may be shown, so that secrets stay hidden.
  public static func text(
    name: String, from old: [UInt8], to new: [UInt8], shown: (ArraySlice<UInt8>) -> String
  ) -> String {
    let oldLines = lines(old)
    let newLines = lines(new)
    let script = script(oldLines, newLines)
    guard script.contains(where: { $0.kind != .same }) else { return "" }
    var text = "--- a/\(name)\n+++ b/\(name)\n"
    for hunk in hunks(script) {
      let lines = script[hunk]
      let oldCount = lines.count { $0.kind != .added }
      let newCount = lines.count { $0.kind != .removed }
      let before = script[..<hunk.lowerBound]
      let oldStart = before.count { $0.kind != .added } + (oldCount == 0 ? 0 : 1)
      let newStart = before.count { $0.kind != .removed } + (newCount == 0 ? 0 : 1)
      text += "@@ -\(oldStart),\(oldCount) +\(newStart),\(newCount) @@\n"
      for line in lines {
        text += line.kind.mark + shown(line.bytes) + "\n"
        if !line.hasNewline { text += "\\ No newline at end of file\n" }
      }
    }
    return text
  }

  private enum Kind {
    case same
    case removed
    case added

    var mark: String {
      switch self {
      case .same: " "
      case .removed: "-"
      case .added: "+"
      }
    }
  }

  private struct Line {
    var kind: Kind
    var bytes: ArraySlice<UInt8>
    var hasNewline: Bool
  }

  /// The lines of a text, each with its line feed.
  private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
      result.append(bytes[start..<end])
      start = end
    }
    return result
  }

  private static func script(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Line] {
    var removed: Set<Int> = []
    var added: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): added.insert(offset)
      }
    }
    var result: [Line] = []
    var (left, right) = (0, 0)
    func line(_ kind: Kind, _ bytes: ArraySlice<UInt8>) -> Line {
      let hasNewline = bytes.last == UInt8(ascii: "\n")
      return Line(
        kind: kind, bytes: hasNewline ? bytes.dropLast() : bytes, hasNewline: hasNewline)
    }
    while left < old.count || right < new.count {
      if left < old.count, removed.contains(left) {
        result.append(line(.removed, old[left]))
        left += 1
      } else if right < new.count, added.contains(right) {
        result.append(line(.added, new[right]))
        right += 1
      } else if left < old.count, right < new.count {
        result.append(line(.same, old[left]))
        left += 1
        right += 1
      } else {
        break
      }
    }
    return result
  }

  /// The stretches around changes, with their context, joined where they meet.
  private static func hunks(_ script: [Line]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    for index in script.indices where script[index].kind != .same {
      let start = max(0, index - contextCount)
      let end = min(script.count, index + contextCount + 1)
      if let last = result.last, start <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, end)
      } else {
        result.append(start..<end)
      }
    }
    return result
  }
}
