import ByteKit
import Findings
import RDB
import Rendering

/// The verdict on one file.
struct FileVerdict {
  /// The file's name.
  let file: String
  /// Good, bad, or could not check.
  let verdict: VerifyReport.Verdict
  /// What is wrong or odd.
  let findings: [Finding]
  /// What the pass found; `nil` where the file could not be opened.
  let report: VerifyReport?

  /// The verdict on a file that was read.
  init(file: String, _ report: VerifyReport) {
    self.file = file
    self.report = report
    verdict = report.verdict
    var findings = report.findings.map { Finding($0, in: file) }
    if report.findingsLeftOut > 0 {
      findings.append(
        Finding(
          SnapshotRule.further, .warning, at: Location(file: file),
          HumanNumber.count(
            report.findingsLeftOut, "further finding is not listed",
            "further findings are not listed")))
    }
    self.findings = findings
  }

  /// The verdict on a file that could not be opened.
  init(file: String, _ error: InputError) {
    self.file = file
    report = nil
    let isUnreadable = error.kind == .system
    verdict = isUnreadable ? .unknown : .bad
    let location =
      isUnreadable ? Location(file: file) : Location(file: file, offset: Int64(error.offset))
    findings = [
      Finding(RDBError(error).kind.rawValue, .error, at: location, error.message)
    ]
  }

  /// One line: the verdict and what it rests on.
  func summary(_ style: TextStyle) -> String {
    let name = PrintableText.line(file)
    guard let report else { return "\(style.bold(name)): \(verdict.shown(style))" }
    var parts = [HumanNumber.count(report.keyCount, "key")]
    if let phase = report.phase {
      let offset = hex(report.soundEndOffset)
      let verb = report.keyCount == 1 ? "was" : "were"
      parts[0] += " \(verb) sound before \(offset) (\(report.soundEndOffset))"
      parts.append("\(phase.rawValue) was being read")
    }
    if let checksum = report.checksum.name { parts.append("checksum \(checksum)") }
    return "\(style.bold(name)): \(verdict.shown(style)): \(parts.joined(separator: "; "))"
  }
}

extension Finding {
  /// A broken rule as a finding.
  init(_ violation: RDBViolation, in file: String) {
    let error = violation.error
    self.init(
      error.kind.rawValue, violation.isWarning ? .warning : .error,
      at: Location(file: file, offset: Int64(error.offset)), error.message, key: violation.key,
      database: violation.key == nil ? nil : violation.database)
  }
}

extension VerifyReport.Verdict {
  /// The word for people.
  func shown(_ style: TextStyle) -> String {
    switch self {
    case .good: style.green("good")
    case .bad: style.red("bad")
    case .unknown: style.yellow("could not check")
    }
  }
}

/// The verdicts of one run.
struct VerdictReport {
  let files: [FileVerdict]
  /// That of all files together: a certain "bad" outweighs a "could not check".
  let verdict: VerifyReport.Verdict
  /// All findings.
  let findings: FindingReport

  /// A report over `files`.
  init(_ files: [FileVerdict]) {
    self.files = files
    let verdicts = files.map(\.verdict)
    verdict = verdicts.contains(.bad) ? .bad : verdicts.contains(.unknown) ? .unknown : .good
    findings = FindingReport(
      files.flatMap(\.findings), rules: SnapshotRule.all, files: files.map(\.file),
      isComplete: !verdicts.contains(.unknown))
  }

  /// Findings and verdicts for people.
  func writeText(to output: Output, style: TextStyle) {
    for finding in findings.findings {
      let severity =
        finding.severity == .error ? style.red("error") : style.yellow(finding.severity.name)
      let place = style.bold(PrintableText.line("\(finding.location)"))
      output.write("\(place): \(severity): \(finding.sentence) [\(finding.id)]\n")
    }
    for file in files { output.write(file.summary(style) + "\n") }
  }

  /// The verdict document.
  func write(to document: inout JSONDocument) {
    document.object {
      $0.schema("verify")
      $0.member("verdict", verdict.rawValue)
      $0.findings(findings)
      writeDatabases(totals, to: &$0)
      $0.array("files") {
        for file in files { $0.object { write(file, to: &$0) } }
      }
    }
  }

  private func write(_ file: FileVerdict, to document: inout JSONDocument) {
    document.member("file", file.file)
    document.member("verdict", file.verdict.rawValue)
    guard let report = file.report else { return }
    document.member("magic", report.opening?.family.rawValue)
    document.member("version", report.opening?.version)
    document.member("checksum", report.checksum.name)
    document.member("keys", report.keyCount)
    document.member("lastSoundOffset", report.soundEndOffset)
    document.member("reading", report.phase?.rawValue)
    document.member("findingsLeftOut", report.findingsLeftOut == 0 ? nil : report.findingsLeftOut)
    writeDatabases(report.databases, to: &document)
  }

  private var totals: [Int: KeyCounts] {
    files.reduce(into: [:]) { totals, file in
      for (database, counts) in file.report?.databases ?? [:] {
        totals[database, default: KeyCounts()].keys += counts.keys
        totals[database, default: KeyCounts()].expires += counts.expires
      }
    }
  }

  private func writeDatabases(_ databases: [Int: KeyCounts], to document: inout JSONDocument) {
    document.array("databases") {
      for (database, counts) in databases.sorted(by: { $0.key < $1.key }) {
        $0.object {
          $0.member("db", database)
          $0.member("keys", counts.keys)
          $0.member("expires", counts.expires)
        }
      }
    }
  }
}

/// The rules whose breach `rdb verify` reports; their ids are those of `RDBError.Kind`.
enum SnapshotRule {
  /// The id under which findings beyond those listed are counted.
  static let further = "rdb-further"

  /// All of them.
  static let all: [RuleDescription] = summaries.map { kind, summary in
    RuleDescription(
      id: kind.rawValue, slug: "", summary: summary, severity: .error)
  }

  private static let summaries: [(RDBError.Kind, String)] = [
    (.unreadable, "The system gives the bytes, or takes a temporary file"),
    (.notASnapshot, "A snapshot begins with the magic word of its family and a version"),
    (.unknownVersion, "The version of the format is known"),
    (.unknownType, "Types and opcodes are known"),
    (.unsupported, "Types and opcodes can be read without the program that wrote them"),
    (.truncated, "The data goes on as far as its lengths say"),
    (.damagedGzip, "The gzip layer is sound"),
    (.checksum, "The checksum in the footer is that of the bytes"),
    (.encoding, "Lengths and strings have an encoding that exists"),
    (.count, "Counts and sizes fit into the bytes that are left"),
    (.lzf, "Compressed strings unpack to the length they state"),
    (.blob, "Ziplists, listpacks, intsets and zipmaps are sound in both directions"),
    (.value, "A value keeps the rules of its type"),
    (.duplicate, "No key, member or field stands twice"),
    (.stream, "The parts of a stream and of its consumer groups agree"),
    (.record, "Attributes, AUX fields, module and slot records keep their rules"),
    (.trailing, "Nothing follows the end"),
    (.target, "The server that is to load the file would start from it"),
  ]
}
