import ArgumentParser

/// `redisops lint`.
struct LintCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Reads configurations as the servers do, and says what is wrong with them.",
    discussion: """
      redis.conf, valkey.conf, sentinel.conf and users.acl: files, folders, '-' for standard input,
      and YAML files that embed them. 'lint PATH…' checks, as 'lint check PATH…' does.

      Example: redisops lint --workload cache redis.conf
      """.flowing,
    subcommands: [
      LintCheckCommand.self, LintShowCommand.self, LintExplainCommand.self, LintRulesCommand.self,
      LintDiffCommand.self, LintDriftCommand.self, LintPolicyCommands.self,
    ],
    defaultSubcommand: LintCheckCommand.self)
}
