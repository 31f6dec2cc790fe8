import Findings
import RedisConf
import YAMLTree

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
        BuiltinPolicies.texts.first { $0.name == name }.map { $0.text.withUTF8Buffer { Array($0) } }
      },
      prepared: { path in
        request.withDocumentation ? nil : prepared(path)
      })
    return loader.load(named)
  }

  /// A policy of the program without documentation, by `builtin:name`; nil if there is none.
  static func prepared(_ path: String) -> YAMLNode? {
    guard path.hasPrefix(PolicyLoader.builtinPrefix) else { return nil }
    let name = path.dropFirst(PolicyLoader.builtinPrefix.count)
    return BuiltinPolicies.prepared.first { $0.name == name }.flatMap {
      PreparedPolicy.tree($0.text)
    }
  }
}
