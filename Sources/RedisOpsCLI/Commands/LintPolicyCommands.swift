import ArgumentParser
import ByteKit
import ConfLint
import Findings

/// `redisops lint policy`.
struct LintPolicyCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "policy",
    abstract: "Tests policies, and shows what comes of extending them.",
    discussion: """
      Example: redisops lint policy test policy.yml
      """.flowing,
    subcommands: [LintPolicyTestCommand.self, LintPolicyShowCommand.self])
}

/// `redisops lint policy test POLICY…`.
struct LintPolicyTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the good and bad examples of the rules of policies.",
    discussion: """
      A good example must be silent. A bad one must fire, and stop firing when what the rule
      requires is negated. Rules of built-in policies that are extended are tested by their names.

      Example: redisops lint policy test policy.yml
      """.flowing)

  @Argument(help: ArgumentHelp("Policy files, or built-in policies.", valueName: "policy"))
  var policies: [String]
  @OptionGroup var output: OutputOptions

  func run() throws {
    let run = try CommandRun(output)
    var options = try LintOptions.parse([])
    options.policy = policies
    let setup = try LintSetup(options, run.diagnostics, withDocumentation: true)
    let files = Set(setup.policy.files.filter { !$0.hasPrefix("builtin:") })
    let outcome = PolicyTester(setup.policy).run { rule in
      // The program's own rules are tested when nothing else is asked for.
      files.isEmpty || files.contains(rule.origin.file)
        || rule.changes.contains { files.contains($0.origin.file) }
    }
    for failure in outcome.failures { run.output.write(failure.line() + "\n") }
    run.output.write(
      "\(outcome.ruleCount) rules, \(outcome.exampleCount) examples, "
        + "\(outcome.failures.count) failed\n")
    if !outcome.failures.isEmpty { run.diagnostics.add(.failed) }
    try run.finish()
  }
}

/// `redisops lint policy show POLICY…`.
struct LintPolicyShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Shows the rules that policies come to, with the severities after all overrides.",
    discussion: """
      Example: redisops lint policy show --origins policy.yml
      """.flowing)

  @Argument(help: ArgumentHelp("Policy files, or built-in policies.", valueName: "policy"))
  var policies: [String]
  @Flag(help: "Say where each rule is written, and where each change to it.")
  var origins = false
  @Option(help: ArgumentHelp("A profile of the policy; repeatable.", valueName: "name"))
  var profile: [String] = []
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var format: ShowFormat = .text
  @OptionGroup var output: OutputOptions

  /// The forms of the list.
  enum ShowFormat: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  func run() throws {
    let run = try CommandRun(output)
    var options = try LintOptions.parse([])
    options.policy = policies
    options.profile = profile
    let policy = try LintSetup(options, run.diagnostics, withDocumentation: true).policy
    switch format {
    case .text: run.output.write(text(policy))
    case .json: run.output.writeJSON { document in document.object { write(policy, to: &$0) } }
    }
    try run.finish()
  }

  private func severity(_ rule: PolicyRule) -> String {
    rule.isEnabled ? rule.severity?.name ?? "off" : "off"
  }

  private func text(_ policy: Policy) -> String {
    var lines: [String] = []
    if !policy.name.isEmpty { lines.append("policy \(policy.name)") }
    if origins { lines += policy.files.map { "  reads \($0)" } }
    for rule in policy.rules {
      let severity = severity(rule)
      let padding = String(repeating: " ", count: max(1, 8 - severity.count))
      let lock = rule.isLocked ? " (locked)" : ""
      lines.append("\(rule.id) \(severity)\(padding)\(rule.slug)\(lock)")
      guard origins else { continue }
      lines.append("  from \(rule.origin)")
      lines += rule.changes.map { "  \($0.key) changed in \($0.origin)" }
    }
    lines.append("\(policy.activeRules.count) of \(policy.rules.count) rules run")
    return lines.joined(separator: "\n") + "\n"
  }

  private func write(_ policy: Policy, to document: inout JSONDocument) {
    document.schema("lint-policy")
    document.member("name", policy.name)
    document.array("files") { for file in policy.files { $0.value(file) } }
    document.array("rules") { for rule in policy.rules { write(rule, to: &$0) } }
  }

  private func write(_ rule: PolicyRule, to document: inout JSONDocument) {
    document.object {
      $0.member("id", rule.id)
      $0.member("slug", rule.slug)
      $0.member("severity", severity(rule))
      $0.member("locked", rule.isLocked)
      guard origins else { return }
      $0.member("origin", "\(rule.origin)")
      $0.array("changes") {
        for change in rule.changes {
          $0.object {
            $0.member("key", change.key)
            $0.member("origin", "\(change.origin)")
          }
        }
      }
    }
  }
}
