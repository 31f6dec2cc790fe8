import ByteKit
import Findings

/// Turns what a rule would change into edits of the files at hand.
struct FixBuilder {
  private let scope: any LintScope
  private let entry: LintEntry?
  private let anchor: String?

  /// A builder for the line of `entry`, or of the last `anchor`.
  init(_ scope: any LintScope, entry: LintEntry?, anchor: String?) {
    self.scope = scope
    self.entry = entry
    self.anchor = anchor
  }

  /// The fix; nil if a fact is missing, a value cannot be written, or nothing would change.
  ///
  /// - Parameter render: the text of a template, nil if it has an unknown value.
  func fix(_ template: FixTemplate, render: (MessageTemplate) -> String?) -> Fix? {
    let isKnown = template.needs.allSatisfy { name in
      FactTable.index(of: name).map { scope.facts[$0] != nil } ?? false
    }
    guard isKnown else { return nil }
    var edits: [Fix.Edit] = []
    var sentences: [String] = []
    var added: [String] = []
    for change in template.changes {
      guard apply(change, render, &edits, &sentences, &added) else { return nil }
    }
    if !added.isEmpty { edits.append(addition(added)) }
    guard !edits.isEmpty else { return nil }
    return Fix(
      template.summary ?? sentences.joined(separator: ", "), isSafe: template.isSafe, edits: edits)
  }

  /// Adds the edits of one change.
  ///
  /// - Returns: false if the change cannot be made.
  private func apply(
    _ change: FixTemplate.Change, _ render: (MessageTemplate) -> String?,
    _ edits: inout [Fix.Edit], _ sentences: inout [String], _ added: inout [String]
  ) -> Bool {
    switch change {
    case .set(let name, let templates):
      let values = templates.compactMap(render)
      guard values.count == templates.count else { return false }
      set(name, values, &edits, &added)
      sentences.append("set \(name) to " + values.map { quoted($0) }.joined(separator: ", "))
    case .remove(let name):
      let entries = scope.entries(of: name)
      edits += entries.map { removal($0) }
      if !entries.isEmpty { sentences.append("remove \(name)") }
    case .removeEntry:
      guard let entry else { return false }
      edits.append(removal(entry))
      sentences.append("remove the line")
    case .replaceValue(let template):
      guard let text = render(template), let line = line else { return false }
      edits.append(replacement(line.valueRange, of: line, text))
      sentences.append("write \(line.name) \(text)")
    case .rename(let old, let new):
      let entries = scope.entries(of: old)
      edits += entries.map { replacement($0.nameRange, of: $0, new) }
      sentences.append("rename \(old) to \(new)")
    case .insert(let template):
      guard let text = render(template) else { return false }
      added.append(text)
      sentences.append("add \(text)")
    }
    return true
  }

  /// The line that `replace-value` changes.
  private var line: LintEntry? {
    entry ?? anchor.flatMap { scope.entries(of: $0).last }
  }

  private func set(
    _ name: String, _ values: [String], _ edits: inout [Fix.Edit], _ added: inout [String]
  ) {
    let entries = scope.entries(of: name)
    guard let last = entries.last else {
      added += values.map { "\(name) \(word($0, name))" }
      return
    }
    if values.count == 1, scope.type(of: name)?.isRepeating != true {
      edits.append(replacement(last.valueRange, of: last, word(values[0], name)))
      return
    }
    // The first line becomes all of them, and the others go.
    let lines = values.map { "\(entries[0].name) \(word($0, name))" }
    let text = lines.joined(separator: scope.end.lineBreak)
    let first = entries[0]
    let wholeLine = first.nameRange.lowerBound..<first.valueRange.upperBound
    edits.append(replacement(wholeLine, of: first, text))
    edits += entries.dropFirst().map { removal($0) }
  }

  private func replacement(
    _ range: Range<Int64>, of entry: LintEntry, _ text: String
  ) -> Fix.Edit {
    let isBare = range.isEmpty
    return Fix.Edit(
      file: entry.location.file, offset: range.lowerBound,
      byteCount: range.upperBound - range.lowerBound, replacement: isBare ? " " + text : text)
  }

  private func removal(_ entry: LintEntry) -> Fix.Edit {
    Fix.Edit(
      file: entry.location.file, offset: entry.lineRange.lowerBound,
      byteCount: entry.lineRange.upperBound - entry.lineRange.lowerBound, replacement: "")
  }

  private func addition(_ lines: [String]) -> Fix.Edit {
    let end = scope.end
    let text = lines.map { $0 + end.lineBreak }.joined()
    return Fix.Edit(
      file: scope.file, offset: end.offset, byteCount: 0,
      replacement: end.isLineStart ? text : end.lineBreak + text)
  }

  /// A value as an argument: `""` for none. Values of several words are several arguments.
  private func word(_ value: String, _ name: String) -> String {
    value.isEmpty ? "\"\"" : value
  }

  private func quoted(_ value: String) -> String { value.isEmpty ? "\"\"" : value }
}
