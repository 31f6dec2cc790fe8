import Foundation
import Testing

/// Where the project's own files lie.
public enum ProjectFolders {
  /// The package root: the folder that holds `Package.swift`.
  public static let root: URL = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `fixtures/` of the package.
  public static let fixtures: URL = root.appending(path: "fixtures", directoryHint: .isDirectory)
}

/// The full data folder that may lie beside the package. A clone need not have it.
public enum SharedData {
  /// The folder that `REDISOPS_SHARED` names, else `../shared` beside the package root; `nil` when
  /// there is none.
  public static let root: URL? = {
    let named = ProcessInfo.processInfo.environment["REDISOPS_SHARED"]
    let folder =
      named.map { URL(filePath: $0, directoryHint: .isDirectory) }
      ?? ProjectFolders.root.deletingLastPathComponent()
      .appending(path: "shared", directoryHint: .isDirectory)
    let corpus = folder.appending(path: "corpus")
    return FileManager.default.fileExists(atPath: corpus.path) ? folder : nil
  }()
}

extension Trait where Self == ConditionTrait {
  /// Skips the test, with a message, where the full data folder is absent.
  public static var needsSharedData: Self {
    .enabled(
      if: SharedData.root != nil,
      "the full corpus is absent (../shared or REDISOPS_SHARED); fixtures/ stand in for it")
  }

  /// Skips the test, with a message, where no redis-server is installed.
  public static var needsRedisServer: Self {
    .enabled(if: RealServer.isInstalled, "redis-server and redis-cli are not installed")
  }
}

/// The bytes of a file.
public func readBytes(_ file: URL) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: file))
}
