/// Files that a reading needs; a protocol, so that nothing here touches a disk.
public protocol ConfFiles {
  /// The bytes of the file; nil when it cannot be read.
  func read(_ path: String) -> [UInt8]?
  /// The files that match a pattern, sorted.
  func matches(_ pattern: String) -> [String]
  /// The name under which a path is read and reported.
  func resolve(_ path: String) -> String
  /// Whether a file or folder is there; nil when that cannot be told on this machine.
  func presence(_ path: String) -> Bool?
  /// Whether a file is there that may be run; nil when that cannot be told on this machine.
  func isExecutable(_ path: String) -> Bool?
}

extension ConfFiles {
  /// The path itself.
  public func resolve(_ path: String) -> String { path }
  /// Nothing is told.
  public func presence(_ path: String) -> Bool? { nil }
  /// As the presence.
  public func isExecutable(_ path: String) -> Bool? { presence(path) }
}
