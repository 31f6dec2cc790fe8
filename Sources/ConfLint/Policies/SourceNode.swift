import ByteKit
import Findings
import YAMLTree

/// A node with the file that it stands in and the list for what is wrong with it.
struct SourceNode {
  let node: YAMLNode
  /// The file as the user named it.
  let file: String
  let diagnostics: PolicyDiagnostics

  /// The same file's node.
  func with(_ node: YAMLNode) -> SourceNode {
    SourceNode(node: node, file: file, diagnostics: diagnostics)
  }

  /// Adds a finding about this node.
  func report(_ problem: PolicyProblem, _ message: String) {
    let isBlock = node.scalar?.isBlock ?? (node.start.line != node.end.line)
    diagnostics.report(
      problem, message, in: file, at: node.start, to: isBlock ? nil : node.end)
  }

  /// Where the node stands, for messages.
  var place: PolicyOrigin {
    PolicyOrigin(file: file, line: node.start.line, column: node.start.column)
  }

  // MARK: Shapes

  /// The entries of a map with known keys; others are reported. Nil, reported, if it is no map.
  ///
  /// - Parameter what: what the map is, for messages: `a rule`.
  func map(of keys: [String], _ what: String) -> [String: SourceNode]? {
    guard let entries = node.entries else {
      report(.wrongKind, "\(what) must be a map of keys and values, found \(node.kindName)")
      return nil
    }
    var result: [String: SourceNode] = [:]
    for entry in entries {
      guard keys.contains(entry.key.text) else {
        diagnostics.report(
          .unknownKey,
          "\(what) has no key '\(PrintableText.line(entry.key.text))'"
            + NearestWord.advice(entry.key.text, in: keys)
            + "; keys are " + keys.joined(separator: ", "),
          in: file, at: entry.keyStart, to: entry.keyEnd)
        continue
      }
      result[entry.key.text] = with(entry.value)
    }
    return result
  }

  /// The entries of a map with any keys.
  func entries(_ what: String) -> [(key: String, value: SourceNode)] {
    guard let entries = node.entries else {
      report(.wrongKind, "\(what) must be a map of keys and values, found \(node.kindName)")
      return []
    }
    return entries.map { ($0.key.text, with($0.value)) }
  }

  /// The items of a list.
  func list(_ what: String) -> [SourceNode] {
    guard let items = node.items else {
      report(.wrongKind, "\(what) must be a list, found \(node.kindName)")
      return []
    }
    return items.map { with($0) }
  }

  /// The items of a list, or the one value that stands alone.
  var oneOrMore: [SourceNode] {
    (node.items ?? [node]).map { with($0) }
  }

  // MARK: Values

  /// The text of a value; reported if it is none.
  func text(_ what: String) -> String? {
    guard let scalar = node.scalar else {
      var advice = ""
      if node.entries != nil { advice = "; quote text that starts with {" }
      report(.wrongKind, "\(what) must be text, found \(node.kindName)\(advice)")
      return nil
    }
    if scalar.isNull {
      report(.nothing, "\(what) is empty: write a value, \"\" for no text, or leave the key out")
      return nil
    }
    return scalar.isBlock ? String(Substring(scalar.text).trimmed) : scalar.text
  }

  /// The texts of a list, or of one value.
  func texts(_ what: String) -> [String] {
    oneOrMore.compactMap { $0.text(what) }
  }

  /// `true` or `false`; `yes` and `no` are taken as well.
  func flag(_ what: String) -> Bool? {
    guard let text = text(what) else { return nil }
    switch text.lowercased() {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      report(.badValue, "\(what) is '\(PrintableText.line(text))', expected true or false")
      return nil
    }
  }

  /// A word of a list.
  func word(_ what: String, of words: [String]) -> String? {
    guard let text = text(what) else { return nil }
    guard words.contains(text) else {
      report(
        .badValue,
        "\(what) is '\(PrintableText.line(text))'" + NearestWord.advice(text, in: words)
          + "; expected one of " + words.joined(separator: ", "))
      return nil
    }
    return text
  }

  /// The position of a byte of the text, as far as the source shows it byte by byte.
  func report(_ error: ExpressionError, in text: String, problem: PolicyProblem = .expression) {
    guard let scalar = node.scalar, node.start.line == node.end.line,
      node.end.offset - node.start.offset
        == text.utf8.count + (scalar.isQuoted ? 2 : 0)
    else {
      // Folded lines and escapes: the fragment itself must do.
      let fragment = String(
        decoding: Array(text.utf8.dropFirst(error.offset).prefix(30)), as: UTF8.self)
      let place = fragment.isEmpty ? " at the end" : ", at '\(PrintableText.line(fragment))'"
      report(problem, error.message + place)
      return
    }
    var start = node.start
    start.column += error.offset + (scalar.isQuoted ? 1 : 0)
    start.offset += error.offset + (scalar.isQuoted ? 1 : 0)
    diagnostics.report(problem, error.message, in: file, at: start)
  }
}

/// Where something of a policy was written.
public struct PolicyOrigin: Hashable, Sendable, CustomStringConvertible {
  /// The file as the user named it, or `builtin:name`.
  public let file: String
  /// The line, from 1.
  public let line: Int
  /// The column, from 1, in bytes.
  public let column: Int

  /// `policy.yml:12`.
  public var description: String { "\(file):\(line)" }
}
