import Foundation
import Testing

/// A damaged append-only file, and what the server and its checker made of it.
public struct DamagedAOF: Sendable, CustomTestStringConvertible {
  /// The server whose file was damaged, such as `redis-7.0.15`.
  public let server: String
  /// What was done to it, in a word, such as `cut-in-value`.
  public let name: String
  /// The folder of the variant.
  public let folder: URL
  /// The entry of `results.json`.
  public let document: JSONValue

  /// What a test's report calls it.
  public var testDescription: String { "\(server)/damaged-aof/\(name)" }

  /// What a command is given: the folder of the manifest, or the only file.
  public var path: URL {
    let inner = folder.appending(path: "appendonlydir", directoryHint: .isDirectory)
    return FileManager.default.fileExists(atPath: inner.path)
      ? inner : folder.appending(path: "appendonly.aof")
  }

  /// The digest of the server that started with `aof-load-truncated` so; `nil` where it did not.
  public func serverDigest(loadsTruncated: Bool) -> String? {
    let state = document["server"]?["aof-load-truncated \(loadsTruncated ? "yes" : "no")"]
    return state?["starts"]?.bool == true ? state?["digest"]?.string : nil
  }

  /// The digest of the server that started from what the checker's `--fix` left; `nil` where it
  /// was not called, or the server did not start.
  public var fixedDigest: String? {
    let state = document["fix"]?["server"]
    return state?["starts"]?.bool == true ? state?["digest"]?.string : nil
  }
}

extension DamagedAOF {
  /// The files that the project carries, sorted.
  public static let carried: [DamagedAOF] = discover(
    in: ProjectFolders.fixtures.appending(path: "aof/corpus"))

  /// The full corpus where it is present, else the carried share.
  public static let all: [DamagedAOF] = {
    let shared = SharedData.root.map { discover(in: $0.appending(path: "corpus")) } ?? []
    return shared.isEmpty ? carried : shared
  }()

  private static func discover(in corpus: URL) -> [DamagedAOF] {
    corpusFolders(in: corpus) { $0 == "damaged-aof" }.flatMap { server, folder in
      let results = try? JSONValue(parsing: readBytes(folder.appending(path: "results.json")))
      return (results?["variants"]?.elements ?? []).compactMap { variant in
        variant["dir"]?.string.map {
          DamagedAOF(
            server: server, name: $0,
            folder: folder.appending(path: $0, directoryHint: .isDirectory), document: variant)
        }
      }
    }
  }
}
