import Foundation

/// The files that tests read: `fixtures/` in the package, and the oracle data that may lie beside
/// it.
enum TestFiles {
  static let packageRoot = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where the oracle data lies, if it is there.
  static let shared: URL? = {
    let folder = packageRoot.deletingLastPathComponent().appending(path: "shared")
    return FileManager.default.fileExists(atPath: folder.path()) ? folder : nil
  }()

  /// Whether tests against the oracle data can run.
  static var hasShared: Bool { shared != nil }

  /// The rows of a tab-separated file in `fixtures/model`.
  static func rows(_ name: String) throws -> [[String]] {
    let file = packageRoot.appending(path: "fixtures/model").appending(path: name)
    return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map { line in
      line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
  }

  /// Decodes a JSON file of the oracle data.
  static func shared<T: Decodable>(_ type: T.Type, _ path: String) throws -> T {
    guard let shared else { throw CocoaError(.fileNoSuchFile) }
    return try JSONDecoder().decode(type, from: Data(contentsOf: shared.appending(path: path)))
  }
}
