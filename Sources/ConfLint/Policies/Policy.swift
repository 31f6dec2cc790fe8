import Findings
import RedisModel

/// Rules and settings of one or several policy files, composed and ready to be evaluated.
public struct Policy: Sendable {
  /// The name of the last file that has one.
  public internal(set) var name = ""
  /// The description of that file.
  public internal(set) var description = ""
  /// The default of `--target`; empty if no file says.
  public internal(set) var targets: [ServerVersion] = []
  /// All rules by id, also those that are off.
  public internal(set) var rules: [PolicyRule] = []
  /// Files in which rules may be broken.
  public internal(set) var exceptions: [PolicyException] = []
  /// The files in the order in which they were read, each once.
  public internal(set) var files: [String] = []
  /// Profiles that can be chosen, with their descriptions.
  public internal(set) var profiles: [(name: String, description: String)] = []

  /// The rule of an id or slug.
  public func rule(named name: String) -> PolicyRule? {
    rules.first { $0.id == name || $0.slug == name }
  }

  /// The rules that run: on, enabled, in the order of their ids.
  public var activeRules: [PolicyRule] {
    rules.filter { $0.severity != nil && $0.isEnabled }
  }
}

/// What came of reading policies.
public struct LoadedPolicy: Sendable {
  /// The policy; nil if anything is wrong with it, so that nobody takes half of one for good.
  public let policy: Policy?
  /// What is wrong or could be clearer: findings of `PolicyRules`.
  public let problems: [Finding]
}
