import Findings
import RedisModel

@testable import ConfLint

/// A configuration for tests of the language alone: values are given, not read from a file.
final class TestScope: LintScope {
  var facts = Facts()
  var target: ServerVersion
  let file = "redis.conf"
  var kind = RuleConditions.FileKind.conf
  /// Directives that are written: their values.
  var written: [String: ExpressionValue] = [:]
  /// Defaults of the target.
  var defaults: [String: ExpressionValue] = [:]
  var savePoints: [ExpressionValue] = []
  var bindAddresses: [String] = []

  init(_ target: ServerVersion = ServerVersion(.redis, 7, 2, 0)) {
    self.target = target
  }

  var end: LintFileEnd { LintFileEnd(offset: 0, isLineStart: true, lineBreak: "\n") }

  func answer(_ query: DirectiveQuery, _ name: String) -> ExpressionValue {
    switch query {
    case .directive: written[name] ?? defaults[name] ?? .unknown([.directive(name)])
    case .defaultValue: defaults[name] ?? .unknown([.directive(name)])
    case .set: .bool(written[name] != nil)
    case .known: .bool(defaults[name] != nil)
    case .deprecated: .no
    case .count: .number(written[name] == nil ? 0 : 1)
    case .text: .text(written[name]?.description ?? "")
    case .words, .line, .introduced: .unknown([.part(name)])
    }
  }

  func answer(_ query: ReadingQuery) -> ExpressionValue {
    switch query {
    case .saves: .list(savePoints)
    case .binds: .list(bindAddresses.map { .text($0) })
    default: .list([])
    }
  }

  func buffers(_ name: String) -> ExpressionValue {
    .record(
      ExpressionRecord(
        kind: .buffer, index: 0,
        fields: ["soft": .quantity(ExactNumber(64 << 20), .bytes), "class": .text(name)]))
  }

  func user(
    _ function: ValueFunction, _ user: ExpressionValue, command: String
  ) -> ExpressionValue {
    .bool(command != "flushall")
  }

  func entries(of directive: String) -> [LintEntry] { [] }
  func type(of directive: String) -> DirectiveType? { TestTypes.shared.type(of: directive) }
}
