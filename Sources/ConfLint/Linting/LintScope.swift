import Findings

/// A file as one server reads it, for rules of policies.
protocol LintScope: ExpressionScope {
  /// The file as the user named it.
  var file: String { get }
  /// Whether it is a server's, a Sentinel's or an ACL file.
  var kind: RuleConditions.FileKind { get }
  /// The lines that give a directive, in the order in which they are read, those of included files
  /// among them. `monitor` has a Sentinel's monitors, `user` those of the ACL file too.
  func entries(of directive: String) -> [LintEntry]
  /// The type of a directive.
  func type(of directive: String) -> DirectiveType?
  /// Where a line may be added: the end of the file.
  var end: LintFileEnd { get }
  /// The entries that `for-each` visits: of lines with several items each item by itself.
  func items(of directive: String) -> [LintEntry]
  /// The fix that Swift makes for a rule; nil where nothing can be done.
  func computedFix(of rule: String, entry: LintEntry?) -> Fix?
}

extension LintScope {
  func items(of directive: String) -> [LintEntry] { entries(of: directive) }
  func computedFix(of rule: String, entry: LintEntry?) -> Fix? { nil }
}

/// The end of a file.
struct LintFileEnd {
  /// Behind the last byte.
  let offset: Int64
  /// Whether the last line ends with a line break, or there is none.
  let isLineStart: Bool
  /// `\n`, or `\r\n` in a file that has these.
  let lineBreak: String
}

/// A line that gives a directive.
struct LintEntry {
  /// What `it` is.
  let record: ExpressionRecord
  /// The arguments; the name if there are none.
  let location: Location
  /// The name as it is written, without quotes.
  let name: String
  /// The bytes of the name.
  let nameRange: Range<Int64>
  /// The bytes from the first to the last argument; empty, behind the name, without any.
  let valueRange: Range<Int64>
  /// The bytes of the line with its line break.
  let lineRange: Range<Int64>
  /// Whether its text must not be shown.
  let isSensitive: Bool
}
