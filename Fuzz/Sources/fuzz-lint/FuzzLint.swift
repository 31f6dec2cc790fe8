import ConfLint
import Findings
import RedisConf

/// Lints the input as each kind of file with every rule of the program, and as a policy.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzLint(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  for kind in [ConfFileKind.conf, .sentinel, .acl] {
    let findings = session.lint([LintSource(name: "a", kind: kind, bytes: bytes)])
      .flatMap(\.findings)
    let result = FixPlan.apply(findings, to: "a", bytes, allowsUnsafe: true)
    if result.applied.isEmpty, result.bytes != bytes { fatalError("changed without a fix") }
    for finding in findings where finding.location.line.map({ $0 < 1 }) ?? false {
      fatalError("a finding before the first line")
    }
  }
  _ = LintPolicies.load(PolicyLoader.Request(policies: ["a.yaml"])) {
    _ throws(PolicyLoader.ReadError) in bytes
  }
  return 0
}

// Unsafe: the fuzzer calls from one thread.
nonisolated(unsafe) private let session: LintSession = {
  let loaded = LintPolicies.load(
    PolicyLoader.Request(policies: ["recommended", "production-baseline"])
  ) { path throws(PolicyLoader.ReadError) in throw PolicyLoader.ReadError(path) }
  guard let policy = loaded.policy else { fatalError("the program's policies do not load") }
  let targets = LintTarget.usual.filter {
    ["redis:6.2", "redis:8.6", "valkey:9.1"].contains($0.name)
  }
  return LintSession(
    policy: policy, targets: targets, isExplicit: false, facts: Facts(),
    environment: LintEnvironment(files: { _ in NoFiles() }, today: "2026-11-24"))
}()

/// A machine without files.
private struct NoFiles: ConfFiles {
  func read(_ path: String) -> [UInt8]? { nil }
  func matches(_ pattern: String) -> [String] { [] }
}
