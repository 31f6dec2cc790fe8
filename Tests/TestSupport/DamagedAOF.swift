import Foundation
import Testing

/// A damaged append-only file, and what the servers and their checkers made of it.
public struct DamagedAOF: Sendable, CustomTestStringConvertible {
  /// The server whose file was damaged, such as `redis-7.0.15`.
  public let server: String
  /// The folder with the files.
  public let folder: URL
  /// The entry of `results.json`.
  public let document: JSONValue

  /// What a test's report calls this file.
  public var testDescription: String { "\(server)/damaged-aof/\(name)" }
  /// What was done, such as `cut-in-value`.
  public var name: String { folder.lastPathComponent }

  /// What a command is given: the folder of the append-only file, or the only file.
  public var path: URL {
    let inner = folder.appending(path: "appendonlydir", directoryHint: .isDirectory)
    let isFolder = FileManager.default.fileExists(atPath: inner.path)
    return isFolder ? inner : folder.appending(path: "appendonly.aof")
  }

  /// What the server did, by setting.
  public var runs: [LoadRun] {
    (document["server"]?.members ?? []).map { setting in
      LoadRun(
        loadTruncated: setting.name != "aof-load-truncated no",
        corruptTailMaxSize: setting.name.hasPrefix("aof-load-corrupt-tail-max-size")
          ? setting.name.split(separator: " ").last.flatMap { Int($0) } ?? 0 : 0,
        starts: setting.value["starts"]?.bool == true,
        cutTo: (setting.value["log"]?.elements ?? []).compactMap(\.string)
          .compactMap { Self.cut(in: $0) }.last)
    }
  }

  /// `N` of a line that says `Truncating the AOF … at offset N`.
  private static func cut(in line: String) -> Int? {
    guard line.contains("Truncating the AOF"), let range = line.range(of: "at offset ") else {
      return nil
    }
    return Int(line[range.upperBound...].prefix { $0.isNumber })
  }
}

/// What a server did with an append-only file under one setting.
public struct LoadRun: Equatable, Sendable {
  /// `aof-load-truncated`.
  public var loadTruncated: Bool
  /// `aof-load-corrupt-tail-max-size`, bytes.
  public var corruptTailMaxSize: Int
  /// Whether it started.
  public var starts: Bool
  /// The size that it cut a file to; `nil` where it did not.
  public var cutTo: Int?
}

extension DamagedAOF {
  /// The files that the project carries, sorted.
  public static let carried: [DamagedAOF] = discover(
    in: ProjectFolders.fixtures.appending(path: "aof/corpus"))

  /// The files of the full corpus where it is present, else the carried share.
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
            server: server, folder: folder.appending(path: $0, directoryHint: .isDirectory),
            document: variant)
        }
      }
    }
  }
}

/// A set of append-only files made by hand, and what servers made of it.
public struct AOFLoadCase: Sendable, CustomTestStringConvertible {
  /// What it is.
  public let name: String
  /// The files by their path below the data folder.
  public let files: [(path: String, bytes: [UInt8])]
  /// The options that the servers were started with.
  public let arguments: [String]
  /// What each server did.
  public let document: JSONValue

  /// What a test's report calls this case.
  public var testDescription: String { name }

  /// What each server did, such as `redis-7.0.15`.
  public var runs: [(server: String, run: LoadRun)] {
    (document["servers"]?.members ?? []).map { server in
      // A file that the server appended to has not been cut.
      let cut = files.compactMap { file -> Int? in
        let name = file.path.split(separator: "/").last.map(String.init) ?? ""
        let size = server.value["sizes"]?[name]?.int
        return size.flatMap { !name.hasSuffix("manifest") && $0 < file.bytes.count ? $0 : nil }
      }.first
      return (
        server.name,
        LoadRun(
          loadTruncated: !arguments.contains("no"),
          corruptTailMaxSize: arguments.first == "--aof-load-corrupt-tail-max-size"
            ? arguments.last.flatMap { Int($0) } ?? 0 : 0,
          starts: server.value["started"]?.bool == true, cutTo: cut)
      )
    }
  }

  /// Whether a server has logged that a command was answered by an error.
  public var hasErrorReply: Bool {
    (document["servers"]?.members ?? []).contains { server in
      (server.value["log"]?.elements ?? []).contains {
        $0.string?.contains("== CRITICAL ==") == true
      }
    }
  }

  /// Writes the files below `folder`; what a command is given of them.
  public func write(to folder: URL) throws -> URL {
    for (path, bytes) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    let inner = folder.appending(path: "appendonlydir", directoryHint: .isDirectory)
    return FileManager.default.fileExists(atPath: inner.path)
      ? inner : folder.appending(path: "appendonly.aof")
  }

  /// The cases of the full data where they are present, else the carried share.
  public static let all: [AOFLoadCase] = {
    let shared = SharedData.root.map { $0.appending(path: "aof/load-cases.json") }
    let file = shared ?? ProjectFolders.fixtures.appending(path: "aof/load-cases.json")
    guard let document = try? JSONValue(parsing: readBytes(file)) else { return [] }
    return (document["cases"]?.elements ?? []).compactMap { entry in
      guard let name = entry["case"]?.string else { return nil }
      let files = (entry["files"]?.members ?? []).map { file in
        (file.name, [UInt8](Data(base64Encoded: file.value.string ?? "") ?? Data()))
      }
      return AOFLoadCase(
        name: name, files: files,
        arguments: (entry["args"]?.elements ?? []).compactMap(\.string), document: entry)
    }
  }()
}
