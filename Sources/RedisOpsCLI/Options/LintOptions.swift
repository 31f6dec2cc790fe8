import ArgumentParser
import Findings
import RedisModel

/// Which rules run, for which servers, and with which facts.
struct LintOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A built-in policy or a policy file; repeatable; 'recommended' by default.",
      valueName: "policy"))
  var policy: [String] = []

  @Option(
    help: ArgumentHelp(
      "Servers that must start from the file, such as redis:7.2,valkey:8.1.", valueName: "server,…")
  )
  var target: [String] = []

  @Option(
    help: ArgumentHelp("The server that runs today, for rules on upgrades.", valueName: "server"))
  var from: String?

  @Option(
    help: ArgumentHelp("A YAML file of facts about host and use; repeatable.", valueName: "file"),
    completion: .file())
  var facts: [String] = []

  @Flag(help: "Read the facts about memory, processors and kernel settings from this machine.")
  var factsFromHost = false

  @Option(help: ArgumentHelp("The memory limit of the container, such as 8Gi.", valueName: "size"))
  var memoryLimit: String?

  @Option(
    help: ArgumentHelp(
      "What the server is for: cache, session, lock, rate-limiter, leaderboard, queue, stream, "
        + "pubsub or primary-store.", valueName: "use"))
  var workload: String?

  @Option(
    help: ArgumentHelp(
      "primary, replica, standalone, cluster or sentinel.", valueName: "role"))
  var role: String?

  @Option(
    help: ArgumentHelp(
      "production, staging, development, test, container or kubernetes.", valueName: "environment"))
  var env: String?

  @Option(help: ArgumentHelp("A profile of the policy; repeatable.", valueName: "name"))
  var profile: [String] = []

  @Option(
    help: ArgumentHelp("Another value for a parameter of the policy.", valueName: "name=value"))
  var param: [String] = []

  @Option(
    help: ArgumentHelp(
      "Only these rules, by id, slug or prefix, such as SEC,MEM003.", valueName: "rule,…"))
  var select: [String] = []

  @Option(help: ArgumentHelp("Not these rules, by id, slug or prefix.", valueName: "rule,…"))
  var ignore: [String] = []

  @Option(
    help: ArgumentHelp(
      "The lowest severity that ends with 1: error, warning, info or never.", valueName: "severity")
  )
  var failOn: FailOn = .error

  @Flag(help: "A rule that lacks a fact is an error.")
  var requireFacts = false

  @Option(
    help: ArgumentHelp(
      "Findings that are known; those are not reported again.", valueName: "file"),
    completion: .file())
  var baseline: String?

  @Flag(help: "Write what is found into the file of --baseline.")
  var writeBaseline = false

  @Option(
    help: ArgumentHelp(
      ReportFormat.allCases.map(\.rawValue).joined(separator: ", ") + ".", valueName: "format"))
  var format: ReportFormat = .text

  func validate() throws {
    if writeBaseline && baseline == nil {
      throw ValidationError("--write-baseline needs --baseline FILE.")
    }
  }
}

/// The option `--fail-on`.
enum FailOn: String, ExpressibleByArgument, CaseIterable {
  case error, warning, info, never

  /// The lowest severity that fails; nil for none.
  var severity: Severity? { Severity(name: rawValue) }
}
