import AOF
import ByteKit
import Findings
import RedisModel
import Rendering
import Replay

/// What executing the commands of a set showed, as findings.
struct ReplayFindings {
  /// So many commands that are answered by an error are listed one by one.
  static let listedMax = 20

  /// All of them.
  private(set) var findings: [Finding] = []
  /// Whether a server would answer a command with an error: what it was to do is lost.
  private(set) var isBad = false
  /// Whether the data are not known for certain.
  private(set) var isUnsure = false

  /// Findings of the replays of a set whose form was checked.
  init(_ replays: [AOFReplay], _ check: AOFCheck) {
    let files = Dictionary(check.parts.map { ($0.part.name, $0.file) }) { first, _ in first }
    let known = Set(check.problems.map { Place(file: $0.file ?? "", offset: $0.offset ?? -1) })
    var servers: [Refused: [ServerVersion]] = [:]
    var order: [Refused] = []
    var (leftOutMax, leftOutWarningsMax) = (0, 0)
    for replay in replays where isLoaded(by: replay.server, check) {
      addGaps(of: replay, check)
      let report = replay.report
      leftOutMax = max(leftOutMax, report.refusedCount - Self.listedMax)
      leftOutWarningsMax = max(leftOutWarningsMax, report.explainedCount - Self.listedMax)
      let listed =
        report.refused.prefix(Self.listedMax).map { ($0, ExplainedError.Reason?.none) }
        + report.explained.prefix(Self.listedMax).map { ($0.command, $0.reason) }
      for (command, reason) in listed {
        let file = files[command.file] ?? command.file
        if known.contains(Place(file: file, offset: command.offset)) { continue }
        let refused = Refused(file: file, command: command, reason: reason)
        if servers[refused] == nil { order.append(refused) }
        servers[refused, default: []].append(replay.server)
      }
    }
    // What the form shows too is in its verdict already.
    isBad = order.contains { $0.isError } || leftOutMax > 0 && !isUnsure
    for refused in order {
      let names = servers[refused, default: []].map(\.displayName)
      let ending = names.count < replays.count ? " (\(names.joined(separator: ", ")))" : ""
      findings.append(refused.finding(ending: ending))
    }
    addLeftOut(leftOutMax, isUnsure ? .warning : .error, check)
    addLeftOut(leftOutWarningsMax, .warning, check)
  }

  private mutating func addLeftOut(_ count: Int, _ severity: Severity, _ check: AOFCheck) {
    guard count > 0 else { return }
    findings.append(
      Finding(
        ReplayRule.errorReply, severity, at: Location(file: check.set.name),
        HumanNumber.count(
          count, "more command is answered by an error", "more commands are answered by errors")))
  }

  /// Whether the server starts and loads the files: what it does not execute is no error of its.
  private func isLoaded(by server: ServerVersion, _ check: AOFCheck) -> Bool {
    check.predictions.contains {
      $0.server == server && $0.starts != false && !$0.startsEmpty
    }
  }

  private mutating func addGaps(of replay: AOFReplay, _ check: AOFCheck) {
    for gap in replay.report.gaps {
      isUnsure = true
      findings.append(
        Finding(
          ReplayRule.notReplayed, .warning, at: Location(file: check.set.name),
          "\(gap.what) was not executed, \(HumanNumber.count(gap.count, "time")): what "
            + "\(replay.server.displayName) would hold is not known"))
    }
    let starts = check.predictions.contains {
      $0.server == replay.server && $0.starts == true && !$0.startsEmpty && $0.cut == nil
    }
    if starts, replay.report.stop != nil {
      isUnsure = true
      findings.append(
        Finding(
          ReplayRule.stopped, .warning, at: Location(file: check.set.name),
          "the replay for \(replay.server.displayName) ended early, though the form says that the "
            + "server loads everything: what it would hold is not known"))
    }
  }

  /// A place that a finding may have already.
  private struct Place: Hashable {
    var file: String
    var offset: Int
  }

  /// A command that is answered by an error.
  private struct Refused: Hashable {
    var file: String
    var command: LoadReport.RefusedCommand
    /// Why it is no error of the file; `nil` where it is one.
    var reason: ExplainedError.Reason?

    /// Whether what it was to do is lost for certain.
    var isError: Bool { reason == nil && command.isCertain }

    func hash(into hasher: inout Hasher) {
      hasher.combine(file)
      hasher.combine(command.offset)
    }

    func finding(ending: String) -> Finding {
      Finding(
        reason?.rule ?? ReplayRule.errorReply, isError ? .error : .warning,
        at: Location(file: file, offset: Int64(command.offset)),
        "\(command.explanation(reason)); line \(command.line), command \(command.index)\(ending)")
    }
  }
}

extension ExplainedError.Reason {
  /// The id of its findings.
  var rule: String {
    switch self {
    case .stoppedScript: ReplayRule.stoppedScript
    case .emptyStream: ReplayRule.emptyStream
    }
  }
}

extension LoadReport.RefusedCommand {
  /// What became of the command, and what its error means.
  ///
  /// - Parameter reason: why it is no error of the file; `nil` where it is one.
  func explanation(_ reason: ExplainedError.Reason? = nil) -> String {
    let name = PrintableText.line(String(self.name.prefix(CommandName.byteCountMax)))
    switch reason {
    case .stoppedScript(let count):
      return "\(name): a script wrote \(HumanNumber.count(count, "time")) and then stopped with an "
        + "error, as it will have on the server that wrote it down; what it wrote stays: \(error)"
    case .emptyStream(let key, let groupCount):
      return "the stream \(PrintableText.quoted(key)) never had an entry, and Redis 5.0 rewrites "
        + "such a one in a way that no server takes: it is lost"
        + (groupCount == 0 ? "" : ", with \(HumanNumber.count(groupCount, "group"))")
        + "; XGROUP CREATE with MKSTREAM makes it anew: \(error)"
    case nil where !isCertain:
      return "\(name) is answered by an error here, for which what was not executed before may be "
        + "the reason: \(error)"
    case nil:
      return "\(name) is answered by an error, and what it was to do is lost: \(error)"
    }
  }
}

/// What only executing the commands shows.
enum ReplayRule {
  /// A command that is answered by an error.
  static let errorReply = "replay-error"
  /// A script that stopped behind writes of its own.
  static let stoppedScript = "replay-script-stopped"
  /// An empty stream, as Redis 5.0 rewrites it.
  static let emptyStream = "replay-empty-stream"
  /// Something that cannot be executed here.
  static let notReplayed = "replay-skipped"
  /// A replay that ended before the data did.
  static let stopped = "replay-stopped"

  /// All of them.
  static let all: [RuleDescription] = [
    (errorReply, "Servers execute each command without an error", Severity.error),
    (stoppedScript, "Scripts come to their end", .warning),
    (emptyStream, "Streams are rewritten to commands that servers take", .warning),
    (notReplayed, "Each command and each type of value can be replayed", .warning),
    (stopped, "The replay reads as far as the form says", .warning),
  ].map { RuleDescription(id: $0.0, slug: "", summary: $0.1, severity: $0.2) }
}
