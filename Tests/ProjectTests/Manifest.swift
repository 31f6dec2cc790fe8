import Foundation
import TestSupport

/// The targets that `Package.swift` declares, read from its text.
struct Manifest {
  struct Target {
    var name: String
    var dependencies: [String]
    var isTest: Bool
  }

  var targets: [Target]

  init(parsing text: String) {
    let declaration =
      /(library|tests|\.target|\.executableTarget|\.systemLibrary)\(\s*(?:name:\s*)?"(\w+)"/
    let code = text.split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
      .joined(separator: "\n")
    let matches = code.matches(of: declaration)
    targets = matches.enumerated().map { index, match in
      let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : code.endIndex
      let name = String(match.output.2)
      return Target(
        name: name, dependencies: Self.dependencies(in: code[match.range.upperBound..<end]),
        isTest: match.output.1 == "tests" || name == "TestSupport")
    }
  }

  /// The names in the first bracketed list: strings, and the names of `.product(name:package:)`.
  private static func dependencies(in declaration: Substring) -> [String] {
    let list = /^\s*,\s*(?:dependencies:\s*)?\[([^\]]*)\]/
    guard let match = declaration.firstMatch(of: list) else { return [] }
    return match.output.1.replacing(/package:\s*"[^"]*"/, with: "")
      .matches(of: /"([\w-]+)"/).map { String($0.output.1) }
  }

  static func current() throws -> Manifest {
    let file = ProjectFolders.root.appending(path: "Package.swift")
    return Manifest(parsing: try String(contentsOf: file, encoding: .utf8))
  }
}
