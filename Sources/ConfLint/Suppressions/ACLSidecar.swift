import YAMLTree

/// Suppressions for an ACL file, which cannot hold comments: a YAML file beside it, named like it
/// with `.redisops.yml` behind.
///
/// ```yaml
/// ignore:
///   - {rule: SEC005, user: ops, until: "2027-01-31", reason: rotated each week}
/// ```
public enum ACLSidecar {
  /// What follows the name of the ACL file.
  public static let suffix = ".redisops.yml"

  /// The suppressions; what cannot be read is broken at its line.
  ///
  /// - Parameter acl: the bytes of the ACL file, for the lines of users.
  static func comments(_ bytes: [UInt8], acl: [UInt8]) -> LinterComments {
    var result = LinterComments([])
    let root: YAMLNode
    do {
      root = try YAMLDocument.parse(bytes)
    } catch {
      result.addBroken(line: error.position.line, error.message)
      return result
    }
    guard let items = root["ignore"]?.items else {
      result.addBroken(line: root.start.line, "expected 'ignore:' with a list of rules")
      return result
    }
    let users = RuleFile(name: "", kind: .acl, bytes: acl).users
    for item in items { add(item, users, to: &result) }
    return result
  }

  private static func add(
    _ item: YAMLNode, _ users: [ACLLine], to result: inout LinterComments
  ) {
    let line = item.start.line
    guard let rule = item["rule"]?.scalar?.text, !rule.isEmpty else {
      return result.addBroken(line: line, "an entry needs a rule")
    }
    let until = item["until"]?.scalar?.text
    if let until, !CalendarDay.isDay(until) {
      return result.addBroken(line: line, "until is '\(until)', expected a day such as 2027-04-01")
    }
    var reach = SuppressionComment.Reach.file
    if let name = item["user"]?.scalar?.text {
      guard let user = users.first(where: { $0.name == name }) else {
        return result.addBroken(line: line, "there is no user '\(name)' in the ACL file")
      }
      reach = .line(user.line.number)
    }
    result.add(
      SuppressionComment(
        reach: reach, rules: [rule], until: until, reason: item["reason"]?.scalar?.text,
        line: line, column: item.start.column, endColumn: item.start.column + 1))
  }
}
