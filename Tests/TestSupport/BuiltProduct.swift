import Foundation

/// The path of an executable of the package: the file that `REDISOPS_BINARY` names, else the one
/// that was built beside the running tests.
///
/// - Throws: `ProcessFailure` when there is none.
public func builtProduct(_ name: String = "redisops") throws -> String {
  if let named = ProcessInfo.processInfo.environment["REDISOPS_BINARY"] { return named }
  let tests = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
  var folder = tests.deletingLastPathComponent()
  // On macOS the tests run from inside a bundle, some levels below the products.
  while folder.path != "/" {
    let candidate = folder.appending(path: name, directoryHint: .notDirectory)
    if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate.path }
    folder.deleteLastPathComponent()
  }
  throw ProcessFailure(what: "no \(name) beside \(tests.path)", code: ENOENT)
}
