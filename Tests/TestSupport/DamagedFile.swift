import Foundation
import Testing

/// A damaged snapshot, and what the servers and their checkers made of it.
public struct DamagedFile: Sendable, CustomTestStringConvertible {
  /// The server whose snapshot was damaged, such as `redis-7.0.15`.
  public let server: String
  /// The file.
  public let file: URL
  /// The entry of `results.json`.
  public let document: JSONValue

  /// What a test's report calls this file.
  public var testDescription: String { "\(server)/damaged-rdb/\(name)" }
  /// The file's name, such as `bad-magic.rdb`.
  public var name: String { file.lastPathComponent }
  /// What was done to it.
  public var damage: String { document["what"]?.string ?? "" }

  /// Whether the server of the folder starts from the file with default settings; `nil` where that
  /// was not tried.
  public var serverStarts: Bool? { document["server"]?["default"]?["starts"]?.bool }

  /// The file's bytes.
  public func bytes() throws -> [UInt8] { try readBytes(file) }
}

extension DamagedFile {
  /// The files that the project carries, sorted.
  public static let carried: [DamagedFile] = discover(
    in: ProjectFolders.fixtures.appending(path: "rdb/corpus"))

  /// The files of the full corpus, sorted; none where it is absent.
  public static let shared: [DamagedFile] =
    SharedData.root.map { discover(in: $0.appending(path: "corpus")) } ?? []

  /// The full corpus where it is present, else the carried share.
  public static let all: [DamagedFile] = shared.isEmpty ? carried : shared

  private static func discover(in corpus: URL) -> [DamagedFile] {
    corpusFolders(in: corpus) { $0 == "damaged-rdb" }.flatMap { server, folder in
      let results = try? JSONValue(parsing: readBytes(folder.appending(path: "results.json")))
      return (results?["variants"]?.elements ?? []).compactMap { variant in
        variant["file"]?.string.map {
          DamagedFile(server: server, file: folder.appending(path: $0), document: variant)
        }
      }
    }
  }
}
