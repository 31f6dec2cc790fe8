import Foundation

/// A fresh folder for one test.
public struct TemporaryFolder: Sendable {
  /// Its path.
  public let url: URL

  /// Makes the folder among the system's temporary files.
  public init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "redisops-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// The path of a file of that name in it.
  public func file(_ name: String) -> URL {
    url.appending(path: name, directoryHint: .notDirectory)
  }

  /// Writes a file of that name and returns its path.
  public func write(_ bytes: [UInt8], to name: String) throws -> URL {
    let file = file(name)
    try Data(bytes).write(to: file)
    return file
  }

  /// Deletes the folder and what is in it.
  public func remove() {
    try? FileManager.default.removeItem(at: url)
  }
}

/// Calls `body` with the path of a fresh folder, which is deleted afterwards.
public func withTemporaryFolder<Result>(
  _ body: (TemporaryFolder) throws -> Result
) throws -> Result {
  let folder = try TemporaryFolder()
  defer { folder.remove() }
  return try body(folder)
}
