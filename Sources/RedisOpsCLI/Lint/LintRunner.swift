import ByteKit
import ConfLint
import Findings

/// Lints inputs of the command line under one setup.
struct LintRunner {
  /// Rounds of fixes; each settles something, so that more would be a defect of a rule.
  private static let roundCountMax = 20

  private let setup: LintSetup
  private let session: LintSession

  init(_ setup: LintSetup) {
    self.setup = setup
    var environment = LintEnvironment(
      files: { DiskFiles(besides: $0) },
      today: String(Clock.rfc3339(Clock.nowMs / 1000)?.prefix(10) ?? ""))
    environment.exists = { path, source in DiskFiles(besides: source).presenceInFolder(path) }
    if setup.looksAtHost {
      environment.mode = { path in
        var status = stat()
        return stat(path, &status) == 0 ? UInt16(truncatingIfNeeded: status.st_mode) : nil
      }
      environment.contents = { try? SmallFile.read($0) }
    }
    session = LintSession(
      policy: setup.policy, targets: setup.targets, isExplicit: setup.isExplicit,
      facts: setup.facts, environment: environment, rules: setup.rules)
  }

  /// The bytes of an input with all fixes.
  ///
  /// - Parameter bytes: those that the input has.
  func fixed(_ input: LintInput, _ bytes: [UInt8], allowsUnsafe: Bool) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Self.roundCountMax {
      let source = LintSource(name: input.path, kind: input.kind, bytes: bytes)
      let findings = FindingReport(session.lint([source]).flatMap(\.findings)).findings
      let result = FixPlan.apply(findings, to: input.path, bytes, allowsUnsafe: allowsUnsafe)
      if result.applied.isEmpty || result.bytes == bytes { break }
      bytes = result.bytes
    }
    return bytes
  }

  /// Lints inputs, and takes a baseline into account.
  ///
  /// - Parameter baseline: the options that name one.
  func report(
    _ inputs: [LintInput], baseline options: LintOptions, requiresFacts: Bool,
    _ diagnostics: Diagnostics, isComplete: Bool
  ) throws -> LintReport {
    var isComplete = isComplete
    var results: [LintResult] = []
    var read: [LintInput] = []
    for (input, outcome) in zip(inputs, LintBatch.run(inputs, session)) {
      switch outcome {
      case .success(let result):
        results.append(result)
        read.append(input)
      case .failure(let error):
        diagnostics.report(error, in: input.path)
        isComplete = false
      }
    }
    session.compare(&results)
    var findings: [Finding] = []
    var suppressed: [SuppressedFinding] = []
    var skipped: [SkippedRule] = []
    var omitted: [OmittedFindings] = []
    var verdicts: [(input: String, verdict: TargetVerdict)] = []
    for (input, result) in zip(read, results) {
      findings += result.findings.map { placed($0, input) }
      suppressed += result.suppressed
      skipped += result.skipped
      omitted += result.omitted
      verdicts += result.verdicts.map { (input.path, placed($0, input)) }
    }
    results = []
    if requiresFacts { findings += missingFacts(skipped) }
    var report = FindingReport(
      findings, rules: session.descriptions, files: inputs.map(\.path), isComplete: isComplete)
    if let path = options.baseline {
      let (kept, known) = try apply(path, options.writeBaseline, report.findings, diagnostics)
      report = FindingReport(
        kept, rules: session.descriptions, files: inputs.map(\.path), isComplete: isComplete)
      suppressed += known
    }
    report.skipped = skipped
    report.omitted = omitted
    report.suppressed = suppressed
    return LintReport(
      findings: report, verdicts: verdicts,
      sources: Dictionary(inputs.map { ($0.path, $0) }, uniquingKeysWith: { $1 }))
  }

  /// A finding within a YAML file at its place there; its edits are none of that file.
  private func placed(_ finding: Finding, _ input: LintInput) -> Finding {
    guard let embedded = input.embedded, finding.location.file == input.path else {
      return finding
    }
    var finding = finding
    finding.location = embedded.place(finding.location)
    finding.fix = nil
    finding.notes = finding.notes.map { note in
      var note = note
      note.location = note.location.map { $0.file == input.path ? embedded.place($0) : $0 }
      return note
    }
    return finding
  }

  private func placed(_ verdict: TargetVerdict, _ input: LintInput) -> TargetVerdict {
    guard let embedded = input.embedded, let refusal = verdict.refusal,
      refusal.file == input.path
    else { return verdict }
    var verdict = verdict
    verdict.refusal?.line =
      embedded.place(Location(file: refusal.file, line: refusal.line)).line
    return verdict
  }

  private func missingFacts(_ skipped: [SkippedRule]) -> [Finding] {
    skipped.map { rule in
      let slug = setup.policy.rules.first { $0.id == rule.id }?.slug ?? ""
      return Finding(
        rule.id, slug: slug, .error, at: Location(file: rule.file),
        "cannot be decided without \(rule.missing.joined(separator: ", "))",
        help: "redisops lint explain \(rule.id)")
    }
  }

  private func apply(
    _ path: String, _ isWriting: Bool, _ findings: [Finding], _ diagnostics: Diagnostics
  ) throws -> (kept: [Finding], known: [SuppressedFinding]) {
    if isWriting {
      do throws(OutputError) {
        let file = try OutputFile(path: path)
        Array(LintBaseline(of: findings).text.utf8).withUnsafeBytes { file.write($0) }
        try file.commit()
      } catch {
        diagnostics.report(error)
        throw ExitStatus.unchecked
      }
    }
    let bytes: [UInt8]
    do throws(InputError) {
      bytes = try SmallFile.read(path)
    } catch {
      diagnostics.report(error, in: path)
      throw ExitStatus.unchecked
    }
    let (read, badLine) = LintBaseline.parse(bytes)
    guard let baseline = read else {
      diagnostics.error(
        "is no line of a baseline: a fingerprint, a rule and a file were expected",
        at: Location(file: path, line: badLine), status: .unchecked)
      throw ExitStatus.unchecked
    }
    var kept: [Finding] = []
    var known: [SuppressedFinding] = []
    for (finding, isKnown) in zip(findings, baseline.knows(findings)) {
      if isKnown {
        known.append(SuppressedFinding(finding, reason: "baseline", isInSource: false))
      } else {
        kept.append(finding)
      }
    }
    return (kept, known)
  }
}
