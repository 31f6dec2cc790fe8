/// Something about a data folder that keeps a server from loading what lies there, or may surprise.
public struct StartTrap: Equatable, Sendable {
  /// What it is; the raw value is the finding's id.
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing that the server would load.
    case nothing = "start-nothing"
    /// Parts of an append-only file, and no manifest.
    case noManifest = "start-no-manifest"
    /// A manifest of another name than `appendfilename` gives.
    case manifestName = "start-manifest-name"
    /// An append-only folder of another name than `appenddirname`.
    case folderName = "start-folder-name"
    /// An append-only folder, and a server that knows none.
    case unknownFolder = "start-unknown-folder"
    /// Incremental files without the base that they follow.
    case noBase = "start-no-base"
    /// A file of before Redis 7.0 is loaded in the place of a folder.
    case oldFile = "start-old-file"
    /// A snapshot that is not looked at, for there is an append-only file.
    case hiddenDump = "start-hidden-dump"
    /// An append-only file that is not looked at, for `appendonly` is off.
    case hiddenLog = "start-hidden-log"
    /// A snapshot of another name than `dbfilename`.
    case dumpName = "start-dump-name"
    /// A file that the server's user may not read or write.
    case permission = "start-permission"
    /// A path that leads to something else than a file.
    case notAFile = "start-not-a-file"
    /// The configuration names another folder.
    case otherFolder = "start-other-folder"
    /// The server takes its data from a primary.
    case replica = "start-replica"
    /// Files that a server was writing when it ended.
    case leftover = "start-leftover"
  }

  /// How much it matters.
  public enum Weight: Sendable { case error, warning, note }

  /// What it is.
  public var kind: Kind
  /// Data are lost or may be, or it is only good to know.
  public var weight: Weight
  /// The path that it is about.
  public var path: String
  /// What was found, what comes of it, what to do.
  public var message: String

  /// Something that was noticed.
  public init(kind: Kind, weight: Weight, path: String, message: String) {
    self.kind = kind
    self.weight = weight
    self.path = path
    self.message = message
  }
}

extension StartTrap.Kind {
  /// What is looked for, one sentence.
  public var summary: String {
    switch self {
    case .nothing: "The folder holds something that the server loads"
    case .noManifest: "Parts of an append-only file have a manifest"
    case .manifestName: "The manifest is named after 'appendfilename'"
    case .folderName: "The append-only folder is named as 'appenddirname' says"
    case .unknownFolder: "The server knows append-only folders where there is one"
    case .noBase: "Incremental files have the base that they follow"
    case .oldFile: "No file of before Redis 7.0 takes the place of an append-only folder"
    case .hiddenDump: "No snapshot is hidden by an append-only file"
    case .hiddenLog: "No append-only file is hidden by 'appendonly no'"
    case .dumpName: "The snapshot is named as 'dbfilename' says"
    case .permission: "The server's user may read what is loaded, and write what is appended to"
    case .notAFile: "What is loaded are files"
    case .otherFolder: "The folder is the one that 'dir' names"
    case .replica: "The data are those of the folder, not those of a primary"
    case .leftover: "No file was being written when the server ended"
    }
  }
}
