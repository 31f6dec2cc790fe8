import AOF
import ByteKit
import Findings
import RDB
import RedisModel
import Rendering

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

  /// The verdict on the set that `file` leads to.
  init(file: String, _ check: AOFCheck) {
    self.file = file
    verdict = check.verdict
    self.check = check
    findings = check.problems.map { Finding($0, in: check.set.name) }
  }

  /// The verdict on a path that could not be opened.
  init(file: String, _ error: InputError) {
    self.file = file
    check = nil
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
      guard let first = all.first else { return [String]() }
      if all.allSatisfy({ $0.note == first.note }) { return ["  \(name): \(first.note)"] }
      return ["  \(name):"] + all.map { "    \(Self.setting(of: $0)): \($0.note)" }
    }
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
    case .assumed: notes.append("assumed: nothing names a server")
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
      verdicts.flatMap(\.findings), rules: AOFRule.all, files: verdicts.map(\.file),
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
    if verdicts.contains(where: { $0.check != nil }) {
      output.write("The check is of form: what only execution shows was not looked for.\n")
    }
  }

  /// The verdict document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("verify")
      $0.member("verdict", verdict.rawValue)
      $0.member("scope", "form")
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
    for prediction in verdict.check?.predictions ?? [] {
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
        $0.member("note", prediction.note)
      }
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
