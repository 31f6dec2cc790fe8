import ByteKit
import RedisModel

/// Puts together what a pass found, and draws the verdict.
struct VerifyJudge {
  private let options: VerifyOptions
  private let result: RDBScanResult
  private var findings: RDBViolationList
  private var cannotCheck = false

  init(_ options: VerifyOptions, _ result: RDBScanResult) {
    self.options = options
    self.result = result
    findings = result.violations
    addHeader()
    addFailure()
    addChecksum()
    addTrailing()
  }

  mutating func add(_ more: RDBViolationList) { findings.append(more) }

  mutating func addFailure(ofTemporaryFile number: Int32?) {
    guard let number else { return }
    cannotCheck = true
    add(
      .unreadable, at: result.endOffset,
      "no room for a temporary file, so duplicate keys were not looked for: "
        + "\(systemErrorText(number)); set TMPDIR or raise --memory"
    )
  }

  func report(_ databases: [Int: KeyCounts]) -> VerifyReport {
    var findings = findings
    findings.sortByOffset()
    let isBad = findings.kept.contains { !$0.isWarning && $0.error.kind != .unreadable }
    return VerifyReport(
      verdict: isBad ? .bad : cannotCheck ? .unknown : .good,
      findings: findings.kept, findingsLeftOut: findings.count - findings.kept.count,
      keyCount: result.keyCount, databases: databases,
      soundEndOffset: result.failure?.recordOffset ?? result.endOffset,
      phase: result.failure?.phase, checksum: result.checksum, opening: result.opening)
  }

  private mutating func add(
    _ kind: RDBError.Kind, at offset: Int, _ message: String, isWarning: Bool = false
  ) {
    findings.append(
      RDBViolation(
        error: RDBError(kind, at: offset, message), database: 0, key: nil, recordOffset: offset,
        isWarning: isWarning))
  }

  private mutating func addHeader() {
    guard let target = options.target, let opening = result.opening else { return }
    let magic: ServerVersion.Product = opening.family == .valkey ? .valkey : .redis
    let reason = LoadRules.of(target).refusesHeader(
      magic, version: opening.version, relaxed: options.isVersionCheckRelaxed)
    if let reason {
      add(.target, at: opening.offset, "\(target.displayName) does not start: \(reason)")
    }
  }

  private mutating func addFailure() {
    guard let failure = result.failure else { return }
    if failure.error.kind == .unreadable { cannotCheck = true }
    findings.append(
      RDBViolation(
        error: failure.error, database: failure.database, key: failure.key,
        recordOffset: failure.recordOffset, isWarning: false))
  }

  private mutating func addChecksum() {
    guard case .bad(let stored, let computed) = result.checksum,
      let offset = result.checksumOffset
    else { return }
    add(
      .checksum, at: offset,
      "the checksum is \(hex64(computed)), but the footer says \(hex64(stored)): something "
        + "before it has changed; the place is unknown"
    )
  }

  private func hex64(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  private mutating func addTrailing() {
    guard let opening = result.opening, let trailing = result.trailing else { return }
    switch opening.framing {
    case .endMark(let mark):
      if trailing.front.starts(with: mark), trailing.count == mark.count { return }
      add(
        .truncated, at: trailing.offset,
        "the end mark of the replication stream does not follow the snapshot", isWarning: true)
      if trailing.count == 0 { return }
    case .length(let length):
      let found = result.endOffset - opening.offset
      if length != found {
        add(
          .record, at: opening.offset,
          "the replication header announces \(length) bytes; the snapshot has \(found)",
          isWarning: true)
      }
    case .none: break
    }
    guard trailing.count > 0 else { return }
    let isAOF =
      trailing.front.first == UInt8(ascii: "*") || trailing.front.first == UInt8(ascii: "#")
    if isAOF, case .none = opening.framing {
      add(
        .trailing, at: trailing.offset,
        "an append-only file of \(trailing.count) bytes follows the snapshot; see redisops aof "
          + "verify",
        isWarning: !options.isStrict || result.isAOFPreamble)
      return
    }
    let bytes = trailing.count == 1 ? "1 byte follows" : "\(trailing.count) bytes follow"
    add(
      .trailing, at: trailing.offset, "\(bytes) the end of the snapshot",
      isWarning: !options.isStrict)
  }
}
