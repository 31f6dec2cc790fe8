import Foundation
import Testing

/// An append-only file that a real server wrote, and that server's own answers about it.
public struct AOFCorpusCase: Sendable, CustomTestStringConvertible {
  /// Who wrote it, such as `redis-7.0.15`.
  public let server: String
  /// The kind of case, such as `aof-session`.
  public let name: String
  /// The folder with the files and `expected.json`.
  public let folder: URL

  /// What a test's report calls this case.
  public var testDescription: String { "\(server)/\(name)" }

  /// The folder of the manifest; `nil` where there is one file.
  public var manifestFolder: URL? {
    let folder = folder.appending(path: "appendonlydir", directoryHint: .isDirectory)
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }

  /// What a command is given: the folder of the manifest, or the only file.
  public var path: URL { manifestFolder ?? folder.appending(path: "appendonly.aof") }

  /// The lines of the manifest as words; `nil` where there is one file.
  public func manifest() throws -> [[String]]? {
    guard let manifestFolder else { return nil }
    let file = manifestFolder.appending(path: "appendonly.aof.manifest")
    return String(decoding: try readBytes(file), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: " ").map(String.init) }
  }

  /// The files that a server loads, in its order.
  public func loadedFiles() throws -> [URL] {
    guard let manifestFolder, let lines = try manifest() else { return [path] }
    return ["b", "i"].flatMap { type in
      lines.filter { $0[5] == type }.map { manifestFolder.appending(path: $0[1]) }
    }
  }
}

/// What a server's checker leaves of a file at a moment.
public struct AOFTruncation: Sendable {
  /// The moment, Unix seconds.
  public let timestamp: Int
  /// Whether the checker cut the file, or found nothing to cut.
  public let isDone: Bool
  /// The size of the incremental file afterwards.
  public let byteCount: Int
  /// The DEBUG DIGEST of a server that loaded it.
  public let digest: String
}

extension AOFCorpusCase {
  /// The cuts of `truncate.json`; none for most cases.
  public func truncations() throws -> [AOFTruncation] {
    let file = folder.appending(path: "truncate.json")
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    return try JSONValue(parsing: readBytes(file))["cuts"]?.elements.compactMap { cut in
      guard let timestamp = cut["timestamp"]?.int, let byteCount = cut["size_after"]?.int,
        let digest = cut["digest"]?.string
      else { return nil }
      return AOFTruncation(
        timestamp: timestamp, isDone: cut["check_aof"]?["exit"]?.int == 0, byteCount: byteCount,
        digest: digest)
    } ?? []
  }

  /// The cases that the project carries, sorted.
  public static let carried: [AOFCorpusCase] = discover(
    in: ProjectFolders.fixtures.appending(path: "aof/corpus"))

  /// The cases of the full corpus where it is present, else the carried share.
  public static let all: [AOFCorpusCase] = {
    let shared = SharedData.root.map { discover(in: $0.appending(path: "corpus")) } ?? []
    return shared.isEmpty ? carried : shared
  }()

  private static func discover(in corpus: URL) -> [AOFCorpusCase] {
    corpusFolders(in: corpus) { $0.hasPrefix("aof-") }.map { server, folder in
      AOFCorpusCase(server: server, name: folder.lastPathComponent, folder: folder)
    }
  }
}

/// The commands of `bytes`, annotations left out, by a scan of the test's own.
///
/// - Returns: the bytes of each; `nil` where something else stands between them.
public func splitCommands(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
  var commands: [ArraySlice<UInt8>] = []
  var rest = bytes
  func takeLine() -> String? {
    guard let end = rest.firstIndex(of: 0x0A) else { return nil }
    let line = String(decoding: rest[..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    return line.trimmingCharacters(in: ["\r"])
  }
  while let first = rest.first {
    let start = rest.startIndex
    guard let line = takeLine() else { return nil }
    if first == UInt8(ascii: "#") { continue }
    guard first == UInt8(ascii: "*"), let count = Int(line.dropFirst()) else { return nil }
    for _ in 0..<count {
      guard let length = takeLine().flatMap({ Int($0.dropFirst()) }), rest.count >= length + 2
      else { return nil }
      rest = rest.dropFirst(length + 2)
    }
    commands.append(bytes[start..<rest.startIndex])
  }
  return commands
}
