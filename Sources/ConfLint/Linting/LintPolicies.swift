import Findings
import RedisConf

/// Policies by name: those of the program and files.
public enum LintPolicies {
  /// Policies of the program that a user may name, without those that only group rules.
  public static let names = [
    "recommended", "production", "production-baseline", "security", "syntax", "versions", "cache",
    "session", "lock", "rate-limiter", "leaderboard", "queue", "stream", "pubsub", "primary-store",
    "cluster", "sentinel",
  ]

  /// Loads policies; a name without a slash or ending that the program has is its own.
  public static func load(
    _ request: PolicyLoader.Request,
    read: @escaping (String) throws(PolicyLoader.ReadError) -> [UInt8]
  ) -> LoadedPolicy {
    var named = request
    let builtin = Set(BuiltinPolicies.texts.map(\.name))
    named.policies = request.policies.map { builtin.contains($0) ? "builtin:\($0)" : $0 }
    let loader = PolicyLoader(
      directives: CatalogueTypes(), checks: CodeChecks.ids, read: read,
      builtinNames: BuiltinPolicies.texts.map(\.name),
      builtin: { name in
        BuiltinPolicies.texts.first { $0.name == name }.map { entry in
          entry.text.withUTF8Buffer {
            request.withDocumentation ? Array($0) : BuiltinText.withoutDocumentation($0)
          }
        }
      })
    return loader.load(named)
  }
}
