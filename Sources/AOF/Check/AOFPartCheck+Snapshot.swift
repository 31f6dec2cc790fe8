import ByteKit
import RDB
import RedisModel

// The front of a file: that it can be opened, and its snapshot.
extension AOFPartCheck {
  /// Notes that the file cannot be opened.
  mutating func note(_ error: InputError) {
    let kind: AOFProblem.Kind = error.kind == .damagedGzip ? .damagedGzip : .unreadable
    add(AOFProblem(kind, in: facts.file, error.message))
  }

  /// Verifies the snapshot in front, for each server.
  ///
  /// - Returns: the input behind it; `nil` where it does not come to its end.
  mutating func verifySnapshot(of file: AOFFile, _ options: AOFCheckOptions) -> ByteInput? {
    let servers = self.servers
    facts.file = file.input.name
    facts.content = file.content
    let checksChecksums = options.checksChecksums
    var options = options.snapshots
    options.databases = databases
    options.target = servers.first?.server
    var front = file.verifySnapshot(options)
    let tail = front.takeTail()
    guard let report = front.report else { return tail }
    note(report, of: file)
    judge(report, server: 0, checksChecksums: checksChecksums)
    for index in servers.indices.dropFirst() {
      guard case .file = file.input.access else {
        facts.snapshotVerdicts[index] = .unchecked("the input can be read but once")
        continue
      }
      options.target = servers[index].server
      options.scan.onBytes = nil
      let report = file.verifySnapshot(options).report
      if let report { judge(report, server: index, checksChecksums: checksChecksums) }
    }
    return tail
  }

  /// Notes what is wrong with the snapshot whatever the server.
  private mutating func note(_ report: VerifyReport, of file: AOFFile) {
    facts.snapshot = report
    facts.soundOffset = report.phase == nil ? report.soundEndOffset : 0
    if report.phase != nil {
      facts.byteCount = file.byteCount
      facts.tail = AOFTail(byteCount: file.byteCount)
    }
    for finding in report.findings where finding.error.kind != .target {
      if finding.error.kind == .trailing { continue }
      add(Self.problem(finding, in: facts.file))
    }
  }

  private mutating func judge(
    _ report: VerifyReport, server index: Int, checksChecksums: Bool
  ) {
    for finding in report.findings where finding.error.kind == .target {
      var problem = Self.problem(finding, in: facts.file)
      problem.servers = 1 << index
      add(problem)
    }
    facts.snapshotVerdicts[index] = Self.verdict(of: report, checksChecksums: checksChecksums)
  }

  private static func problem(_ finding: RDBViolation, in file: String) -> AOFProblem {
    let isUnreadable = finding.error.kind == .unreadable
    var problem = AOFProblem(
      isUnreadable ? .unreadable : .snapshot, isWarning: finding.isWarning, in: file,
      at: finding.error.offset, finding.error.message)
    problem.snapshotID = finding.error.kind.rawValue
    problem.key = finding.key
    problem.database = finding.key == nil ? nil : finding.database
    return problem
  }

  /// Whether a server would load the snapshot: it does not look for everything that is looked for
  /// here.
  private static func verdict(
    of report: VerifyReport, checksChecksums: Bool
  ) -> AOFSnapshotVerdict {
    let errors = report.findings.filter { !$0.isWarning && $0.error.kind != .trailing }
    if let error = errors.first(where: { $0.error.kind == .unreadable }) {
      return .unchecked(error.error.message)
    }
    let refused = errors.first { error in
      error.error.kind == .target || checksChecksums && error.error.kind == .checksum
    }
    if let refused { return .refuses(refused.error.message) }
    if report.phase != nil, let error = errors.last {
      // Servers keep such values as they stand, and look at them in part.
      let isWithinValue = error.error.kind == .blob || error.error.kind == .value
      return isWithinValue ? .unsure(error.error.message) : .refuses(error.error.message)
    }
    let unsure = errors.first { $0.error.kind != .checksum }
    return unsure.map { .unsure($0.error.message) } ?? .loads
  }
}
