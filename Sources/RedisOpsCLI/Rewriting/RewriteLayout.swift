import AOF
import ArgumentParser
import RedisModel

/// What a rewrite makes.
enum RewriteLayout: String, ExpressibleByArgument, CaseIterable {
  /// A snapshot by itself.
  case snapshot
  /// An append-only folder with its manifest, of servers from 7.0 on.
  case folder
  /// One append-only file.
  case file

  /// What `path` looks like, for `target`.
  static func of(_ path: String, for target: ServerVersion) -> RewriteLayout {
    if path.hasSuffix(".rdb") { return .snapshot }
    if path.hasSuffix(".aof") { return .file }
    return AOFServerTraits(target).knowsFolders ? .folder : .file
  }
}
