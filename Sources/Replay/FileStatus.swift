import ByteKit

/// What the system says of a path.
public struct FileStatus: Equatable, Sendable {
  /// What it leads to.
  public enum Kind: Equatable, Sendable {
    case folder, file
    /// A pipe, a socket, a device.
    case other
  }

  /// The path.
  public var path: String
  /// What it leads to.
  public var kind: Kind
  /// Its size, bytes.
  public var byteCount: Int
  /// When its bytes changed last, Unix milliseconds.
  public var modifiedMs: Int64
  /// The permission bits.
  public var mode: UInt32
  /// The user that it belongs to.
  public var owner: UInt32
  /// The group that it belongs to.
  public var group: UInt32
  /// The device that it lies on.
  public var device: UInt64
  /// Its number there, the same under each of its names.
  public var number: UInt64

  /// What `path` leads to; `nil` for nothing, or nothing that may be seen.
  public init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.path = path
    switch status.st_mode & S_IFMT {
    case S_IFDIR: kind = .folder
    case S_IFREG: kind = .file
    default: kind = .other
    }
    byteCount = Int(status.st_size)
    modifiedMs =
      Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
    mode = UInt32(status.st_mode) & 0o7777
    owner = status.st_uid
    group = status.st_gid
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }

  /// Whether both are the same file.
  public func isSame(as other: FileStatus) -> Bool {
    device == other.device && number == other.number
  }

  /// Whether the permission bits let a user and group read it, and with `writing` write it.
  public func isOpen(to user: UInt32, _ group: UInt32, writing: Bool) -> Bool {
    let needed: UInt32 = writing ? 0o6 : 0o4
    if user == 0 { return true }
    let shift: UInt32 = owner == user ? 6 : self.group == group ? 3 : 0
    return mode >> shift & needed == needed
  }

  /// The names in a folder, sorted; `nil` where it cannot be read.
  public static func names(in folder: String) -> [String]? {
    guard let stream = opendir(folder) else { return nil }
    defer { closedir(stream) }
    var names: [String] = []
    while names.count < nameCountMax, let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// More names than any data folder has.
  private static let nameCountMax = 100_000
}
