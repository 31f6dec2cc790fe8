import Foundation
import TestSupport
import Testing

/// A Swift file of the project, as text.
struct SourceFile: CustomTestStringConvertible {
  /// Relative to the package root.
  var path: String
  var lines: [Substring]

  var testDescription: String { path }

  /// Generated files and long tables say so on their first line.
  var saysGeneratedOrTable: Bool {
    lines.first.map { $0.hasPrefix("//") && $0.contains(/(?i)\b(generated|table)/) } ?? false
  }

  /// The modules that the file imports.
  var imports: [String] {
    let statement =
      /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|private|fileprivate)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/
    return lines.compactMap { $0.firstMatch(of: statement).map { String($0.output.1) } }
  }

  /// The names of the types that the file declares.
  var declaredTypes: [String] {
    let declaration = /^\s*(?:[\w@()]+\s+)*(?:struct|class|enum|actor|protocol|typealias)\s+(\w+)/
    return lines.filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
      .compactMap { $0.firstMatch(of: declaration).map { String($0.output.1) } }
  }

  func contains(_ pattern: some RegexComponent) -> Bool {
    lines.contains { $0.contains(pattern) }
  }

  /// `path:line` of each line that passes `isWanted`.
  func places(where isWanted: (Substring) -> Bool) -> [String] {
    lines.enumerated().filter { isWanted($0.element) }.map { "\(path):\($0.offset + 1)" }
  }

  /// Every Swift file below a folder of the project, sorted by path.
  static func all(below folder: String) throws -> [SourceFile] {
    let root = ProjectFolders.root.appending(path: folder)
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    return try (paths ?? []).filter { $0.hasSuffix(".swift") && !$0.contains(".build") }.sorted()
      .map { path in
        let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
        return SourceFile(
          path: "\(folder)/\(path)",
          lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
  }

  /// Every Swift file of the project but the manifest.
  static func all() throws -> [SourceFile] {
    try ["Sources", "Tests", "Fuzz", "Benchmarks"].flatMap { try all(below: $0) }
  }
}
