import ByteKit
import ConfLint
import Findings

/// Lints many inputs on all processors, with the results in the order of the inputs.
///
/// Unchecked: what the workers share changes under the monitor; a session and its inputs do not
/// change at all.
final class LintBatch: @unchecked Sendable {
  /// Fewer inputs than this per thread are not worth one.
  private static let inputCountPerThread = 8

  private let inputs: [LintInput]
  private let session: LintSession
  private let monitor = Monitor()
  private var next = 0
  private var outcomes: [Result<LintResult, InputError>?]
  /// Most inputs lack the same facts: a thousand share one list of them for each rule.
  private var skipped: [String: [String]] = [:]

  private init(_ inputs: [LintInput], _ session: LintSession) {
    self.inputs = inputs
    self.session = session
    outcomes = Array(repeating: nil, count: inputs.count)
  }

  /// What came of each input; an error for one that could not be read.
  static func run(
    _ inputs: [LintInput], _ session: LintSession
  ) -> [Result<LintResult, InputError>] {
    let batch = LintBatch(inputs, session)
    let threadCount = min(Threads.available, inputs.count / inputCountPerThread)
    Threads.run(max(1, threadCount)) { batch.work() }
    return batch.outcomes.compactMap { $0 }
  }

  private func work() {
    while let index = take() {
      let outcome = outcome(inputs[index])
      monitor.withLock { put(outcome, at: index) }
    }
  }

  private func take() -> Int? {
    monitor.withLock {
      guard next < inputs.count else { return nil }
      next += 1
      return next - 1
    }
  }

  private func outcome(_ input: LintInput) -> Result<LintResult, InputError> {
    do throws(InputError) {
      var source = LintSource(name: input.path, kind: input.kind, bytes: try input.bytes())
      if input.kind == .acl {
        source.sidecar = try? SmallFile.read(input.path + ACLSidecar.suffix)
      }
      return .success(session.lint(source))
    } catch {
      return .failure(error)
    }
  }

  private func put(_ outcome: Result<LintResult, InputError>, at index: Int) {
    guard case .success(var result) = outcome else {
      outcomes[index] = outcome
      return
    }
    for number in result.skipped.indices {
      let rule = result.skipped[number]
      if let known = skipped[rule.id], known == rule.missing {
        result.skipped[number].missing = known
      } else {
        skipped[rule.id] = rule.missing
      }
    }
    outcomes[index] = .success(result)
  }
}
