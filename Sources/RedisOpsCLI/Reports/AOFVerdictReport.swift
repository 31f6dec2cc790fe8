import AOF
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering
import Replay

/// The verdict on what one path leads to.
struct AOFVerdict {
  /// The path as the user named it.
  let file: String
  /// Good, bad, or could not check.
  let verdict: AOFCheck.Verdict
  /// What is wrong or odd.
  let findings: [Finding]
  /// What the check found; `nil` where nothing could be opened.
  let check: AOFCheck?
  /// What executing the commands showed, by target; none where only the form was checked.
  let replays: [AOFReplay]

  /// Of everything random in a replay: two runs give the same answer.
  static let seed: UInt64 = 0x5eed

  /// The verdict on the set that `file` leads to.
  ///
  /// - Parameter replays: one for each target, or none.
  init(file: String, _ check: AOFCheck, _ replays: [AOFReplay] = []) {
    self.file = file
    self.check = check
    self.replays = replays
    let shown = ReplayFindings(replays, check)
    findings = check.problems.map { Finding($0, in: check.set.name) } + shown.findings
    verdict =
      shown.isBad ? .bad : check.verdict == .good && shown.isUnsure ? .unknown : check.verdict
  }

  /// What the replay of a server says of what it was foretold to do.
  func outcome(
    _ prediction: AOFPrediction
  ) -> (prediction: AOFPrediction, data: HeldData?) {
    guard let replay = replays.first(where: { $0.server == prediction.server }) else {
      return (prediction, nil)
    }
    return (replay.refine(prediction), replay.data(under: prediction))
  }

  /// The verdict on a path that could not be opened.
  init(file: String, _ error: InputError) {
    self.file = file
    check = nil
    replays = []
    let isUnreadable = error.kind == .system
    verdict = isUnreadable ? .unknown : .bad
    let location =
      isUnreadable ? Location(file: file) : Location(file: file, offset: Int64(error.offset))
    findings = [Finding(AOFError(error).kind.rawValue, .error, at: location, error.message)]
  }

  /// One line: the verdict and what it rests on.
  func summary(_ style: TextStyle) -> String {
    let name = style.bold(PrintableText.line(file))
    guard let check else { return "\(name): \(verdict.shown(style))" }
    let commands = check.parts.reduce(0) { $0 + $1.commandCount }
    let transactions = check.parts.reduce(0) { $0 + $1.transactionCount }
    var text = "\(name): \(verdict.shown(style)): \(HumanNumber.count(commands, "command"))"
    if transactions > 0 { text += ", \(HumanNumber.count(transactions, "transaction"))" }
    if check.parts.count > 1 { text += " in \(HumanNumber.count(check.parts.count, "file"))" }
    for part in check.parts {
      guard let tail = part.tail, tail.byteCount != 0 else { continue }
      text += "; \(PrintableText.line(part.part.name)) is sound before \(hex(part.soundOffset)) "
      text += "(\(part.soundOffset)), behind it"
      text += tail.byteCount.map { " " + HumanNumber.count($0, "byte") } ?? ""
      text += " with \(HumanNumber.count(tail.commandCount, "whole command"))"
      if tail.transactionCount > 0 {
        text += " and \(HumanNumber.count(tail.transactionCount, "transaction"))"
      }
    }
    return text
  }

  /// What the servers do, one line each.
  func serverLines(_ style: TextStyle) -> [String] {
    guard let check else { return [] }
    return check.targets.flatMap { target in
      let all = check.predictions.filter { $0.server == target }
      let name = "\(target.displayName)\(Self.origin(of: target, check))"
      let notes = all.map { note(on: $0) }
      guard let first = notes.first else { return [String]() }
      if notes.allSatisfy({ $0 == first }) { return ["  \(name): \(first)"] }
      return ["  \(name):"]
        + zip(all, notes).map { "    \(Self.setting(of: $0)): \($1)" }
    }
  }

  private func note(on prediction: AOFPrediction) -> String {
    let (prediction, data) = outcome(prediction)
    guard let data else { return prediction.note }
    return prediction.note
      + "; holds \(HumanNumber.count(data.keyCount, "key")), digest \(data.digest)"
  }

  private static func setting(of prediction: AOFPrediction) -> String {
    prediction.corruptTailMaxSize > 0
      ? "aof-load-corrupt-tail-max-size \(prediction.corruptTailMaxSize)"
      : "aof-load-truncated \(prediction.loadTruncated ? "yes" : "no")"
  }

  private static func origin(of target: ServerVersion, _ check: AOFCheck) -> String {
    var notes: [String] = []
    switch check.origin {
    case .named: break
    case .writer: notes.append("it wrote the snapshot")
    case .assumed:
      notes.append(
        check.isOfScripts && AOFCheck.scriptTargets.contains(target)
          ? "assumed: nothing names a server, and only Redis before 7.0 writes scripts"
          : "assumed: nothing names a server")
    }
    let table = CommandTable(target)
    if !table.isExact {
      let sources = table.sources.map(\.displayName).joined(separator: " and ")
      notes.append("its commands are taken from \(sources)")
    }
    return notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))"
  }
}

extension Finding {
  /// A problem of an append-only file as a finding.
  init(_ problem: AOFProblem, in set: String) {
    let file = problem.file ?? set
    var location = Location(file: file, line: nil)
    location.offset = problem.offset.map { Int64($0) }
    var message = problem.message
    if problem.kind == .manifest || problem.kind == .sameFile {
      location.line = problem.line
    } else if let line = problem.line {
      message += "; line \(line)"
      if let command = problem.command { message += ", command \(command)" }
    }
    self.init(
      problem.id, problem.isWarning ? .warning : .error, at: location, message, key: problem.key,
      database: problem.database)
  }
}

/// The verdicts of one run of `aof verify`.
struct AOFVerdictReport {
  let verdicts: [AOFVerdict]
  /// That of all together: a certain "bad" outweighs a "could not check".
  let verdict: AOFCheck.Verdict
  /// All findings.
  let findings: FindingReport
  private let names: [ServerVersion: String]

  /// A report over `verdicts`.
  init(_ verdicts: [AOFVerdict], _ targets: [NamedTarget]) {
    self.verdicts = verdicts
    let all = verdicts.map(\.verdict)
    verdict = all.contains(.bad) ? .bad : all.contains(.unknown) ? .unknown : .good
    findings = FindingReport(
      verdicts.flatMap(\.findings), rules: AOFRule.all + ReplayRule.all,
      files: verdicts.map(\.file),
      isComplete: !all.contains(.unknown))
    names = Dictionary(targets.map { ($0.version, $0.text) }) { first, _ in first }
  }

  /// Findings, verdicts and what servers do, for people.
  func writeText(to output: Output, style: TextStyle) {
    for finding in findings.findings {
      let severity =
        finding.severity == .error ? style.red("error") : style.yellow(finding.severity.name)
      let place = style.bold(PrintableText.line("\(finding.location)"))
      output.write("\(place): \(severity): \(finding.sentence) [\(finding.id)]\n")
    }
    for verdict in verdicts {
      output.write(verdict.summary(style) + "\n")
      for line in verdict.serverLines(style) { output.write(PrintableText.line(line) + "\n") }
    }
    if verdicts.contains(where: { $0.check != nil && $0.replays.isEmpty }) {
      output.write("The check is of form: what only execution shows was not looked for.\n")
    }
  }

  /// The verdict document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("verify")
      $0.member("verdict", verdict.rawValue)
      let isReplayed = verdicts.allSatisfy { $0.check == nil || !$0.replays.isEmpty }
      $0.member("scope", isReplayed ? "replay" : "form")
      $0.findings(findings)
      write(lost, to: &$0)
      $0.array("servers") {
        for verdict in verdicts { writeServers(of: verdict, to: &$0) }
      }
      $0.array("inputs") {
        for verdict in verdicts { $0.object { write(verdict, to: &$0) } }
      }
    }
  }

  private var lost: AOFTail {
    verdicts.compactMap { $0.check?.lost }.reduce(AOFTail(byteCount: 0)) { $0 + $1 }
  }

  private func write(_ lost: AOFTail, to document: inout JSONDocument) {
    document.object("lost") {
      $0.member("bytes", lost.byteCount)
      $0.member("commands", lost.commandCount)
      $0.member("transactions", lost.transactionCount)
    }
  }

  private func writeServers(of verdict: AOFVerdict, to document: inout JSONDocument) {
    for foretold in verdict.check?.predictions ?? [] {
      let (prediction, data) = verdict.outcome(foretold)
      document.object {
        $0.member("target", names[prediction.server] ?? "\(prediction.server)")
        if verdicts.count > 1 { $0.member("input", verdict.file) }
        $0.member("aofLoadTruncated", prediction.loadTruncated)
        if prediction.corruptTailMaxSize > 0 {
          $0.member("aofLoadCorruptTailMaxSize", prediction.corruptTailMaxSize)
        }
        $0.member("starts", prediction.starts)
        $0.member("startsEmpty", prediction.startsEmpty)
        $0.member("losesLaterWrites", prediction.losesLaterWrites)
        $0.member("errorReplies", prediction.errorCount)
        if let cut = prediction.cut {
          $0.object("cut") {
            $0.member("file", cut.name)
            $0.member("size", cut.byteCount)
            $0.member("lostBytes", cut.lostByteCount)
          }
        }
        if let data { Self.write(data, to: &$0) }
        $0.member("note", prediction.note)
      }
    }
  }

  private static func write(_ data: HeldData, to document: inout JSONDocument) {
    document.member("digest", "\(data.digest)")
    document.object("keys") {
      for database in data.databases { $0.member("\(database.number)", database.keyCount) }
    }
  }

  private func write(_ verdict: AOFVerdict, to document: inout JSONDocument) {
    document.member("input", verdict.file)
    document.member("verdict", verdict.verdict.rawValue)
    guard let check = verdict.check else { return }
    document.member("layout", check.set.layout.rawValue)
    document.member("targetsFrom", check.origin.rawValue)
    write(check.lost, to: &document)
    document.array("files") {
      for part in check.parts { $0.object { write(part, to: &$0) } }
    }
  }

  private func write(_ part: AOFPartFacts, to document: inout JSONDocument) {
    document.member("name", part.part.name)
    document.member("type", part.part.role.letter)
    document.member("exists", part.part.exists)
    document.member("size", part.byteCount)
    document.member("commands", part.commandCount)
    document.member("transactions", part.transactionCount)
    document.member("soundBytes", part.content == nil ? nil : part.soundOffset)
    document.member("damage", part.damage?.rawValue)
    document.member("openTransactionOffset", part.openTransaction?.offset)
    if let tail = part.tail { write(tail, to: &document) }
  }
}

/// What `aof verify` looks for; the ids are those of `AOFProblem.Kind`, and those of snapshots.
enum AOFRule {
  /// All of them.
  static let all: [RuleDescription] =
    AOFProblem.Kind.allCases.map {
      RuleDescription(id: $0.rawValue, slug: "", summary: $0.summary, severity: .error)
    } + SnapshotRule.all
}
