import Findings
import TestSupport
import Testing

@testable import ConfLint

@Suite struct TargetMergeTests {
  private func finding(_ id: String, line: Int = 1) -> Finding {
    Finding(id, .error, at: Location(file: "a", line: line), "message")
  }

  private func merged(
    _ results: [[Finding]], refusals: Set<String> = ["VER001"], isExplicit: Bool = false
  ) -> [Finding] {
    TargetMerge(refusals: refusals, isExplicit: isExplicit).merged(
      zip(["redis:6.2", "redis:7.0", "valkey:8.1"], results).map {
        TargetFindings(target: $0, findings: $1)
      })
  }

  @Test func `what all targets have is one finding`() {
    let one = [finding("VER001")]
    #expect(merged([one, one, one]) == one)
  }

  @Test func `what some refuse is advice that names them`() {
    let found = merged([[finding("VER001")], [], [finding("VER001")]])
    #expect(found.map(\.message) == ["message (redis:6.2 and valkey:8.1)"])
    #expect(found.map(\.severity) == [.info])
  }

  @Test func `with targets that the user named it stays an error`() {
    let found = merged([[finding("VER001")], [], []], isExplicit: true)
    #expect(found.map(\.severity) == [.error])
    #expect(found.map(\.message) == ["message (redis:6.2)"])
  }

  @Test func `what is no refusal keeps its severity`() {
    #expect(merged([[finding("REP009")], [], []]).map(\.severity) == [.error])
  }

  @Test func `two findings at one place stay two`() {
    let two = [finding("SYN016"), finding("SYN016")]
    #expect(merged([two, two, two]).count == 2)
  }
}
