import ByteKit
import Findings
import YAMLTree

/// Reads facts files: a map of names, in which `host: {memory: 8gb}` and `host.memory: 8gb` mean
/// the same.
public enum FactsReader {
  /// Facts, and what was found wrong with the file; with an error, the file must not be used.
  public static func read(
    _ bytes: [UInt8], file: String
  ) -> (facts: Facts, problems: [Finding]) {
    let diagnostics = PolicyDiagnostics()
    do {
      let root = try YAMLDocument.parse(bytes)
      let facts = read(SourceNode(node: root, file: file, diagnostics: diagnostics))
      return (facts, diagnostics.findings)
    } catch {
      diagnostics.report(error, in: file)
      return (Facts(), diagnostics.findings)
    }
  }

  /// The facts of a map.
  static func read(_ source: SourceNode) -> Facts {
    var facts = Facts()
    read(source, below: "", into: &facts)
    return facts
  }

  private static func read(_ source: SourceNode, below prefix: String, into facts: inout Facts) {
    guard let entries = source.node.entries else {
      source.report(
        .wrongKind, "facts are a map of names and values, found \(source.node.kindName)")
      return
    }
    for entry in entries {
      let name = prefix + entry.key.text
      let value = source.with(entry.value)
      if FactTable.isGroup(name), entry.value.entries != nil {
        read(value, below: name + ".", into: &facts)
        continue
      }
      guard let index = FactTable.index(of: name) else {
        source.diagnostics.report(
          .unknownKey,
          "there is no fact '\(PrintableText.line(name))'"
            + NearestWord.advice(name, in: FactTable.all.map(\.name)),
          in: source.file, at: entry.keyStart, to: entry.keyEnd)
        continue
      }
      if facts[index] != nil {
        source.diagnostics.report(
          .duplicate, "the fact \(name) is given twice", in: source.file, at: entry.keyStart,
          to: entry.keyEnd)
        continue
      }
      read(value, FactTable.all[index], at: index, into: &facts)
    }
  }

  private static func read(
    _ source: SourceNode, _ fact: Fact, at index: Int, into facts: inout Facts
  ) {
    guard source.node.entries == nil else {
      source.report(.wrongKind, "\(fact.name) is \(fact.form), found a map")
      return
    }
    var texts: [String] = []
    for item in source.oneOrMore {
      guard let text = item.text(fact.name) else { return }
      texts.append(text)
    }
    do {
      facts[index] = try FactValue(fact).value(ofTexts: texts)
    } catch {
      let isWord = ["on", "off", "1", "0", "y", "n"].contains(texts.first?.lowercased() ?? "")
      let problem: PolicyProblem =
        switch fact.type {
        case .bool: isWord ? .noAnswer : .badValue
        case .quantity: .noNumber
        default: .badValue
        }
      source.report(problem, error.description)
    }
  }
}
