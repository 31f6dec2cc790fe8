import Analysis
import ByteKit
import Findings
import RDB
import Rendering
import Synchronization

/// Messages on standard error, one line each, the place first; and the exit status they add up to.
final class Diagnostics: Sendable {
  private struct State {
    var status = ExitStatus.done
    var progress: ProgressLine?
  }

  private let state = Mutex(State())
  private let style: TextStyle

  /// - Parameter color: whether severities carry colours.
  init(color: ColorMode) {
    let isOn = color.isOn(
      isTerminal: Terminal.isTerminal(.error), environment: Terminal.environment)
    style = TextStyle(isOn: isOn)
  }

  /// What all work so far adds up to.
  var status: ExitStatus { state.withLock { $0.status } }

  /// The progress line that has to make room for messages; `nil` for none.
  func use(_ progress: ProgressLine?) { state.withLock { $0.progress = progress } }

  /// Takes the status of a piece of work into account.
  func add(_ status: ExitStatus) { state.withLock { $0.status = $0.status.and(status) } }

  /// Writes `PLACE: error: SENTENCE`.
  ///
  /// - Parameter status: what an error means for the exit status.
  func error(
    _ message: String, at location: Location, key: [UInt8]? = nil, database: Int? = nil,
    status: ExitStatus = .failed
  ) {
    write(style.red("error"), message, location, key, database)
    add(status)
  }

  /// Writes `PLACE: warning: SENTENCE`.
  func warning(
    _ message: String, at location: Location, key: [UInt8]? = nil, database: Int? = nil
  ) {
    write(style.yellow("warning"), message, location, key, database)
  }

  /// Writes `PLACE: note: SENTENCE`: what is no trouble but good to know.
  func note(_ message: String, at location: Location) {
    write("note", message, location, nil, nil)
  }

  private func write(
    _ severity: String, _ message: String, _ location: Location, _ key: [UInt8]?, _ database: Int?
  ) {
    let finding = Finding("", .error, at: location, message, key: key, database: database)
    let place = style.bold(PrintableText.line("\(location)"))
    let line = "\(place): \(severity): \(finding.sentence)"
    guard let progress = state.withLock({ $0.progress }) else {
      return StandardError.writeLine(line)
    }
    progress.suspended { StandardError.writeLine(line) }
  }
}

extension Diagnostics {
  /// Says why an input could not be opened.
  func report(_ error: InputError, in file: String) {
    let location =
      error.kind == .system
      ? Location(file: file) : Location(file: file, offset: Int64(error.offset))
    self.error(error.message, at: location, status: error.kind == .system ? .unchecked : .failed)
  }

  /// Says why a walk over selected keys could not go on, if it could not.
  func report(troubleOf state: KeyGateState) {
    guard let trouble = state.trouble else { return }
    error(trouble, at: Location(file: "redisops"), status: .unchecked)
  }

  /// Says why output could not be written; a reader that has gone is no trouble.
  func report(_ error: OutputError) {
    guard !error.isClosedPipe else { return }
    StandardError.writeLine("\(style.bold("redisops")): \(style.red("error")): \(error)")
    add(.unchecked)
  }

  /// Says what stopped a pass over a snapshot, what its values break, and whether its checksum and
  /// its end are right.
  ///
  /// - Parameter isStrict: bytes behind the end are an error.
  func report(_ result: RDBScanResult, in file: String, isStrict: Bool) {
    let violations = result.violations
    for violation in violations.kept { report(violation, in: file) }
    if violations.leftOutErrorCount > 0 {
      error(further("error", violations.leftOutErrorCount), at: Location(file: file))
    }
    if violations.leftOutWarningCount > 0 {
      warning(further("warning", violations.leftOutWarningCount), at: Location(file: file))
    }
    if let failure = result.failure, failure.error.kind != .stopped { report(failure, in: file) }
    if case .bad(let stored, let computed) = result.checksum, let offset = result.checksumOffset {
      error(
        "the checksum is \(hexText(stored)), that of the bytes is \(hexText(computed)): the "
          + "file was changed after it was written, at a place unknown",
        at: Location(file: file, offset: Int64(offset)))
    }
    reportTrailing(result, in: file, isStrict: isStrict)
  }

  private func further(_ what: String, _ count: Int) -> String {
    HumanNumber.count(count, "further \(what) is not listed", "further \(what)s are not listed")
  }

  private func report(_ violation: RDBViolation, in file: String) {
    let location = Location(file: file, offset: Int64(violation.error.offset))
    let message = violation.error.message
    if violation.isWarning {
      warning(message, at: location, key: violation.key, database: violation.database)
    } else {
      error(message, at: location, key: violation.key, database: violation.database)
    }
  }

  private func report(_ failure: RDBFailure, in file: String) {
    let isUnreadable = failure.error.kind == .unreadable
    error(
      failure.error.message, at: Location(file: file, offset: Int64(failure.error.offset)),
      key: failure.key, database: failure.key == nil ? nil : failure.database,
      status: isUnreadable ? .unchecked : .failed)
  }

  private func reportTrailing(_ result: RDBScanResult, in file: String, isStrict: Bool) {
    guard let trailing = result.trailing, trailing.count > 0 else { return }
    if case .endMark(let mark) = result.opening?.framing, trailing.front == mark,
      trailing.count == mark.count
    {
      return
    }
    let message =
      HumanNumber.count(
        trailing.count, "byte follows the end of the snapshot and is not read",
        "bytes follow the end of the snapshot and are not read")
    let location = Location(file: file, offset: Int64(trailing.offset))
    if isStrict { error(message, at: location) } else { warning(message, at: location) }
  }
}

/// A checksum as its sixteen hex digits.
func hexText(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
