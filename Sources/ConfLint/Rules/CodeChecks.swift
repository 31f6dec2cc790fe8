import Findings
import RedisConf
import RedisModel

/// All checks in Swift, by id.
enum CodeChecks {
  /// Rules on the text of one file, the same for all servers.
  private static var textRules: [any TextRule.Type] {
    [
      ByteOrderMark.self, CarriageReturns.self, ForeignBytes.self, NulByte.self, LongLine.self,
      TemplateResidue.self, RewriteBlock.self, CaseAndBlanks.self, SingleQuoteEscape.self,
      TrailingComment.self, ProcessorLists.self, OOMScores.self, WeakPassword.self,
      PlaintextPassword.self, ACLPasswordBeforeNopass.self, ACLForeignLine.self, SentinelOpen.self,
      SentinelScripts.self, SentinelState.self, SentinelNumbers.self,
    ]
  }
  /// Rules on the text of one file, as one server takes it.
  private static var targetRules: [any TargetRule.Type] {
    [
      ACLOrder.self, ACLSubcommandDeny.self, ACLDuplicateUser.self, ACLRedundantChannel.self,
      SentinelOrder.self, SentinelHostname.self, RenamedWrite.self, RenamedUnknown.self,
    ]
  }
  /// Rules on what a server reads.
  private static var readingRules: [any ReadingRule.Type] {
    [
      OtherProduct.self, IgnoredDirective.self, OldSpelling.self, ChangedDefault.self,
      LogLayout.self, Downgrade.self, UnsupportedTarget.self, DuplicateDirective.self,
      AccumulatingDuplicate.self, IncludeOverride.self, EmptyInclude.self, EmptyValue.self,
      DecimalUnit.self, ReplicaOfItself.self, TLSFiles.self, KeyPermissions.self,
      SecretPermissions.self, TLSOnPlainBuild.self, SentinelRenames.self,
    ]
  }
  /// Rules that say what a server refuses.
  private static let refusalIDs: Set<String> = [
    "SYN001", "SYN002", "SYN003", "SYN004", "SYN009", "SYN010", "VER001", "VER002", "VER003",
    "VER006", "VER011", "SEC010",
  ]

  /// The ids of all checks.
  static let ids: Set<String> =
    refusalIDs
    .union(textRules.map { $0.id }).union(targetRules.map { $0.id })
    .union(readingRules.map { $0.id }).union(FleetChecks.ids)

  /// What the rules on text find in the files, by id.
  static func text(_ files: [RuleFile], _ isWanted: (String) -> Bool) -> [String: RuleHits] {
    var result: [String: RuleHits] = [:]
    for rule in textRules where isWanted(rule.id) {
      var hits = RuleHits()
      for file in files { rule.check(file, into: &hits) }
      if !hits.hits.isEmpty { result[rule.id] = hits }
    }
    return result
  }

  /// What the other rules find, by id.
  static func reading(_ input: RuleInput, _ isWanted: (String) -> Bool) -> [String: RuleHits] {
    var result: [String: RuleHits] = [:]
    func take(_ id: String, _ hits: RuleHits) {
      if !hits.hits.isEmpty { result[id, default: RuleHits()].append(hits) }
    }
    for rule in targetRules where isWanted(rule.id) {
      var hits = RuleHits()
      for file in input.files { rule.check(file, input.target, into: &hits) }
      take(rule.id, hits)
    }
    for rule in readingRules where isWanted(rule.id) {
      var hits = RuleHits()
      rule.check(input, into: &hits)
      take(rule.id, hits)
    }
    var omitted = input.reading.omittedRefusals
    // A rule on text may have told the same place better.
    var told = result.mapValues { Set($0.hits.map(\.location.line)) }
    RefusalRules.check(input) { id, line in
      guard isWanted(id), !told[id, default: []].contains(line) else { return false }
      guard told[id, default: []].count < RuleHits.countMax else {
        result[id, default: RuleHits()].omit(1)
        return false
      }
      return told[id, default: []].insert(line).inserted
    } add: { id, hits in
      result[id, default: RuleHits()].append(hits)
    }
    for refusal in input.reading.refusals {
      guard let count = omitted.removeValue(forKey: refusal.kind) else { continue }
      RefusalRules.id(of: refusal).map { result[$0, default: RuleHits()].omit(count) }
    }
    return result
  }
}
