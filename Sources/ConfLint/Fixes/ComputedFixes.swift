import Findings

/// Fixes that take more than a template; their rules say `fix: code`.
enum ComputedFixes {
  private static let all: [any ComputedFix.Type] = [
    EvictionPolicyFix.self, SaveLineFix.self, ReplicationUserFix.self, QuorumFix.self,
    DownAfterFix.self, ParallelSyncsFix.self, DefaultUserFix.self, DefaultUserOffFix.self,
    ChannelPatternFix.self, DangerousCommandsFix.self, OptionalAddressFix.self, SlowLogFix.self,
    ProcessTitleFix.self, ShutdownFix.self,
  ]

  /// The ids of their rules.
  static let ids = Set(all.map { $0.id })

  /// The fix of a rule; nil where nothing can be done.
  static func fix(_ id: String, _ input: ComputedFixInput) -> Fix? {
    all.first { $0.id == id }?.fix(input)
  }
}

/// A fix in Swift for a rule of a policy.
protocol ComputedFix: Sendable {
  /// The rule's id.
  static var id: String { get }
  /// The fix; nil where nothing can be done.
  static func fix(_ input: ComputedFixInput) -> Fix?
}

/// What a fix in Swift has at hand.
struct ComputedFixInput {
  /// The file as one server reads it.
  let scope: ReadingScope
  /// The line that the finding is about, of rules that visit lines.
  let entry: LintEntry?

  /// The words of a line with their places in its file, the name first.
  func words(_ entry: LintEntry) -> (file: RuleFile, words: [Range<Int>])? {
    guard let number = entry.location.line,
      let file = scope.files.first(where: { $0.name == entry.location.file }),
      file.lines.indices.contains(number - 1)
    else { return nil }
    return (file, WordScan.words(file.bytes, in: file.lines[number - 1].range))
  }

  /// A fix that sets directives to values, as a template would.
  func setting(_ values: [(name: String, value: String)], isSafe: Bool) -> Fix? {
    changing(values.map { .set($0.name, [MessageTemplate($0.value)]) }, isSafe: isSafe)
  }

  /// A fix that makes changes of constant texts.
  func changing(_ changes: [FixTemplate.Change], isSafe: Bool) -> Fix? {
    guard !changes.isEmpty else { return nil }
    let template = FixTemplate(
      changes: changes, isSafe: isSafe, needs: [], summary: nil, isComputed: false)
    return FixBuilder(scope, entry: entry, anchor: nil).fix(template) { template in
      template.parts.reduce(into: String?.some("")) { result, part in
        guard case .text(let text) = part else {
          result = nil
          return
        }
        result?.append(text)
      }
    }
  }

  /// A fix that adds rules to the end of a user's line.
  func adding(_ rules: String, to entry: LintEntry, _ summary: String) -> Fix {
    Fix(
      summary, isSafe: false,
      edits: [
        Fix.Edit(
          file: entry.location.file, offset: entry.valueRange.upperBound, byteCount: 0,
          replacement: " " + rules)
      ])
  }
}
