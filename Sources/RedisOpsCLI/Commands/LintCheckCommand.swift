import ArgumentParser
import ByteKit
import ConfLint
import Findings
import Rendering

/// `redisops lint PATH…`.
struct LintCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Says what servers refuse in configurations, and what is unsafe or misleading.",
    discussion: """
      Files are read as the servers read them, includes and ACL files among them. Without --target
      they are read for Redis 6.2 to 8.6 and Valkey 8.1 and 9.1: what all refuse is an error, what
      only some refuse is told as info. A rule that lacks a fact about the host is listed as
      skipped, never guessed.

      A comment '# redisops:ignore MEM003 until=2027-01-31 -- reason' above a line lets a finding
      stay, '# redisops:ignore-file …' does so for the file, and '# redisops:workload=cache' states
      facts.

      Example: redisops lint --target redis:7.2,valkey:8.1 --facts host.yaml /etc/redis
      """.flowing)

  @Argument(
    help: ArgumentHelp(
      "Files, folders with all below them, or '-' for standard input.", valueName: "path"),
    completion: .file())
  var paths: [String] = []

  @OptionGroup var options: LintOptions

  @Flag(help: "Apply the fixes that keep the meaning of the files.")
  var fix = false

  @Flag(help: "With --fix: apply also fixes that change what the files mean.")
  var unsafeFixes = false

  @Flag(help: "Show what --fix would change, and change nothing.")
  var diff = false

  @Flag(name: .customLong("init"), help: "Print a policy to start from.")
  var printsStarter = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if paths.isEmpty && !printsStarter {
      throw ValidationError("Name files or folders to check, or '-' for standard input.")
    }
    if paths.filter({ $0 == "-" }).count > 1 {
      throw ValidationError("Standard input ('-') can be read once only.")
    }
    if unsafeFixes && !fix && !diff { throw ValidationError("--unsafe-fixes needs --fix.") }
  }

  func run() throws {
    let run = try CommandRun(output)
    if printsStarter {
      run.output.write(BuiltinPolicies.starter)
      return try run.finish()
    }
    let setup = try LintSetup(options, run.diagnostics)
    let runner = LintRunner(setup)
    var inputs = LintInputs(paths)
    for (path, error) in inputs.errors { run.diagnostics.report(error, in: path) }
    if inputs.inputs.isEmpty, inputs.errors.isEmpty {
      StandardError.writeLine(
        "redisops: no configuration found; name a file to have it read as one")
      throw ExitStatus.unchecked
    }
    if fix || diff { try fix(&inputs, runner, run) }
    let report = try runner.report(
      inputs.inputs, baseline: options, requiresFacts: options.requireFacts, run.diagnostics,
      isComplete: inputs.errors.isEmpty)
    if !diff { write(report, run) }
    if report.findings.fails(at: options.failOn.severity) { run.diagnostics.add(.failed) }
    try run.finish()
  }

  /// Applies fixes round by round, until a round finds nothing to fix.
  private func fix(_ inputs: inout LintInputs, _ runner: LintRunner, _ run: CommandRun) throws {
    for index in inputs.inputs.indices {
      let input = inputs.inputs[index]
      // What can no longer be read is told with the findings.
      guard input.embedded == nil, input.path != "<stdin>", let bytes = try? input.bytes() else {
        continue
      }
      let fixed = runner.fixed(input, bytes, allowsUnsafe: unsafeFixes)
      guard fixed != bytes else { continue }
      if diff {
        run.output.write(
          UnifiedDiff.text(name: input.path, from: bytes, to: fixed) { line in
            let masked = SecretText.masked(line, of: input.kind)
            return String(decoding: masked, as: UTF8.self)
          })
        continue
      }
      guard !SmallFile.isPacked(input.path) else {
        run.diagnostics.report(
          InputError(.system, at: 0, "is packed with gzip: unpack it to have it fixed"),
          in: input.path)
        continue
      }
      do throws(OutputError) {
        try write(fixed, to: input.path)
        inputs.replace(at: index, fixed)
      } catch {
        run.diagnostics.report(error)
      }
    }
  }

  /// Puts the fixed bytes in the place of the file: with its mode and owner, or not at all.
  private func write(_ bytes: [UInt8], to path: String) throws(OutputError) {
    guard access(path, W_OK) == 0 else {
      throw OutputError(operation: "fix in place", path: path, code: errno)
    }
    let file = try OutputFile(path: path)
    guard file.keepsOwner else {
      throw OutputError(operation: "fix in place with its owner", path: path, code: EPERM)
    }
    bytes.withUnsafeBytes { file.write($0) }
    try file.commit()
  }

  private func write(_ report: LintReport, _ run: CommandRun) {
    switch options.format {
    case .json: run.output.writeJSON { report.write(to: &$0) }
    default:
      var settings = ReportOptions(version: RedisOps.version)
      settings.failOn = options.failOn.severity
      settings.isColored = run.style.isOn
      let lines = LintSourceLines(report.sources)
      settings.sourceLine = { lines.shown($0) }
      settings.utf16Column = { lines.utf16Column($0, $1) }
      report.findings.write(as: options.format, settings) { [output = run.output] in
        output.write($0)
      }
      if options.format == .text {
        run.output.write("\(report.summary)\n")
      } else {
        for line in report.omissions { StandardError.writeLine("redisops: \(line)") }
      }
    }
  }
}
