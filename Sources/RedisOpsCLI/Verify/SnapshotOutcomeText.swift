import RDB

/// What a server makes of a snapshot that was verified for it.
struct SnapshotOutcomeText {
  /// Whether it starts; `nil` where it does not look for all that is looked for here.
  let starts: Bool?
  /// The same in words.
  let note: String

  /// The outcome of a verification whose target is the server.
  ///
  /// - Parameter checksChecksums: `rdbchecksum`.
  init(_ verdict: FileVerdict, checksChecksums: Bool) {
    let errors = verdict.report?.findings.filter { !$0.isWarning } ?? []
    let refused = errors.first { error in
      error.error.kind == .target || checksChecksums && error.error.kind == .checksum
    }
    // The pass ended there; what is left are findings at which servers do not stop.
    let stop = verdict.report?.phase == nil ? nil : errors.last
    // Old servers do not even read a checksum that they do not check.
    let isUnread = !checksChecksums && verdict.report?.phase == .checksum
    let isWithin = stop.map { isUnread || Self.isWithinValue($0.error.kind) } ?? false
    if let error = errors.first(where: { $0.error.kind == .unreadable }) {
      starts = nil
      note = "cannot be told: \(error.error.message)"
    } else if let error = refused ?? (isWithin ? nil : stop) {
      starts = false
      // That message says so itself.
      let isOfTarget = error.error.kind == .target
      note = (isOfTarget ? "" : "does not start: ") + error.error.message
    } else if let error = errors.first(where: { $0.error.kind != .checksum }) {
      starts = nil
      note = "cannot be told: servers look for such damage in part: \(error.error.message)"
    } else if errors.isEmpty {
      starts = true
      note = "starts"
    } else {
      starts = true
      note = "starts, for rdbchecksum is no: it loads what was changed"
    }
  }

  /// Whether damage of this kind lies within a value that servers keep as it stands.
  private static func isWithinValue(_ kind: RDBError.Kind) -> Bool {
    kind == .blob || kind == .value
  }
}
