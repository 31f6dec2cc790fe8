import Findings

/// SEN001: a quorum that is a majority.
enum QuorumFix: ComputedFix {
  static let id = "SEN001"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    guard let entry = input.entry, let (file, words) = input.words(entry), words.count == 6 else {
      return nil
    }
    let sentinels = input.scope.facts.text("sentinels").flatMap { Int($0) } ?? 3
    let majority = "\(max(2, sentinels / 2 + 1))"
    return file.fix("set the quorum to \(majority)", isSafe: false, [(words[5], majority)])
  }
}

/// SEN004: time for a pause before a primary counts as down.
enum DownAfterFix: ComputedFix {
  static let id = "SEN004"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    SentinelOptionFix.fix(input, "down-after-milliseconds", "30000")
  }
}

/// SEN006: one replica after the other.
enum ParallelSyncsFix: ComputedFix {
  static let id = "SEN006"

  static func fix(_ input: ComputedFixInput) -> Fix? {
    SentinelOptionFix.fix(input, "parallel-syncs", "1")
  }
}

/// Another value for an option of the primary that a `monitor` line names.
private enum SentinelOptionFix {
  static func fix(_ input: ComputedFixInput, _ verb: String, _ value: String) -> Fix? {
    guard let name = input.entry?.record.field("name").description else { return nil }
    for file in input.scope.files.reversed() {
      let line = file.sentinelLines.last { $0.verb == verb && $0.name == name }
      guard let line, line.words.count == 4 else { continue }
      return file.fix("set \(verb) to \(value)", isSafe: false, [(line.words[3], value)])
    }
    return nil
  }
}
