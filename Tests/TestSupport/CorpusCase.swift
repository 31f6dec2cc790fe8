import Foundation
import Testing

/// A snapshot that a real server wrote, and that server's own answers about it.
public struct CorpusCase: Sendable, CustomTestStringConvertible {
  /// Who wrote it, such as `redis-7.0.15`.
  public let server: String
  /// The kind of case, such as `rdb-full`.
  public let name: String
  /// The folder with `dump.rdb`, `expected.json` and `layout.json`.
  public let folder: URL

  /// What a test's report calls this case.
  public var testDescription: String { "\(server)/\(name)" }

  /// The snapshot's path.
  public var snapshot: URL { folder.appending(path: "dump.rdb") }

  /// The snapshot's bytes.
  public func bytes() throws -> [UInt8] { try readBytes(snapshot) }

  /// The dataset that a fresh server holds after it loaded the snapshot.
  public func expected() throws -> CorpusDataset {
    CorpusDataset(
      document: try JSONValue(parsing: readBytes(folder.appending(path: "expected.json"))))
  }

  /// The facts about the file: magic, version, AUX, counts of opcodes and types, checksum.
  public func layout() throws -> JSONValue {
    try JSONValue(parsing: readBytes(folder.appending(path: "layout.json")))
  }
}

extension CorpusCase {
  /// The cases that the project carries, sorted.
  public static let carried: [CorpusCase] = discover(
    in: ProjectFolders.fixtures.appending(path: "rdb/corpus"))

  /// The cases of the full corpus, sorted; none where it is absent.
  public static let shared: [CorpusCase] =
    SharedData.root.map { discover(in: $0.appending(path: "corpus")) } ?? []

  /// The full corpus where it is present, else the carried share.
  public static let all: [CorpusCase] = shared.isEmpty ? carried : shared

  private static func discover(in corpus: URL) -> [CorpusCase] {
    corpusFolders(in: corpus) { $0.hasPrefix("rdb-") }.map { server, folder in
      CorpusCase(server: server, name: folder.lastPathComponent, folder: folder)
    }
  }
}

/// What a server said it held.
public struct CorpusDataset: Sendable {
  /// The whole of `expected.json`.
  public let document: JSONValue

  /// The dataset that a document states.
  public init(document: JSONValue) { self.document = document }

  /// The 40 hex digits of DEBUG DIGEST; `nil` where the file states none.
  public var digest: String? { document["digest"]?.string }

  /// Every key of every database, in the file's order of databases and of bytes within one.
  public var keys: [CorpusKey] {
    (document["dbs"]?.members ?? []).flatMap { database in
      database.value.elements.compactMap { key in
        guard let number = Int(database.name), let name = CorpusBytes(key["key"]) else {
          return nil
        }
        return CorpusKey(database: number, key: name, document: key)
      }
    }
  }

  /// The keys that stand in the file and are gone after loading.
  public var expiredOnLoad: [CorpusKeyName] {
    (document["expired_on_load"]?.elements ?? []).compactMap { pair in
      guard let database = pair.elements.first?.int, let key = CorpusBytes(pair.elements.last)
      else { return nil }
      return CorpusKeyName(database: database, key: key)
    }
  }
}

/// A database and a key in it.
public struct CorpusKeyName: Hashable, Sendable {
  /// The database.
  public var database: Int
  /// The key.
  public var key: CorpusBytes

  /// Names the key `key` of `database`.
  public init(database: Int, key: CorpusBytes) {
    self.database = database
    self.key = key
  }
}

/// One key of a corpus dataset.
public struct CorpusKey: Sendable {
  /// The database.
  public let database: Int
  /// The key.
  public let key: CorpusBytes
  /// The whole entry, for members that have no property here (`rdb_detail`, `memory_usage`, …).
  public let document: JSONValue

  /// The type as the TYPE command names it.
  public var type: String? { document["type"]?.string }
  /// OBJECT ENCODING after loading.
  public var encoding: String? { document["encoding"]?.string }
  /// The type byte in the file.
  public var rdbType: Int? { document["rdb_type"]?.int }
  /// Unix milliseconds; `nil` for a key that never expires.
  public var expireAtMs: Int? { document["expire_ms"]?.int }
  /// Idle time in the file, seconds.
  public var idleSeconds: Int? { document["idle"]?.int }
  /// LFU counter in the file, 0…255.
  public var lfu: Int? { document["freq"]?.int }
  /// The 40 hex digits of DEBUG DIGEST-VALUE.
  public var digestValue: String? { document["digest_value"]?.string }
  /// The value, in the corpus' form for the type.
  public var value: JSONValue { document["value"] ?? .null }
}

/// The folders `SERVER/CASE` below a corpus whose case name passes `isWanted`, sorted by path.
func corpusFolders(
  in corpus: URL, where isWanted: (String) -> Bool
) -> [(server: String, folder: URL)] {
  subfolders(of: corpus).flatMap { server in
    subfolders(of: server).filter { isWanted($0.lastPathComponent) }
      .map { (server: server.lastPathComponent, folder: $0) }
  }
}

private func subfolders(of folder: URL) -> [URL] {
  let children = try? FileManager.default.contentsOfDirectory(
    at: folder, includingPropertiesForKeys: [.isDirectoryKey])
  return (children ?? []).filter(\.hasDirectoryPath).sorted { $0.path < $1.path }
}
