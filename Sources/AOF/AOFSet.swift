import ByteKit

/// What a path leads to: one append-only file, or the files of a manifest.
public struct AOFSet {
  /// How the data are laid out.
  public enum Layout: String, Sendable {
    /// One file of commands.
    case single
    /// One file, a snapshot in front.
    case preamble
    /// A manifest and its files (Redis 7.0 and later, Valkey).
    case multipart
  }

  /// One file of the set.
  public struct Part {
    /// The name in the manifest, or of the only file.
    public let name: String
    /// Where it lies.
    public let path: String
    /// What it is; the only file counts as base.
    public let role: AOFRole
    /// Its line in the manifest; `nil` for an only file.
    public let entry: AOFManifest.Entry?
    /// Its size as it lies there; `nil` where it is missing or no regular file.
    public let byteCount: Int?
    /// Whether it is there.
    public internal(set) var exists: Bool
    /// The file, where it is open already: standard input can be read once.
    private(set) var opened: AOFFile?

    /// Opens it.
    public func open() throws(InputError) -> AOFFile {
      if let opened { return opened }
      return try AOFFile(opening: path)
    }

    /// The same part, its bytes read from `input`.
    func replacing(_ input: InputFile) throws(InputError) -> Part {
      var copy = self
      copy.opened = try AOFFile(input)
      return copy
    }
  }

  /// How the data are laid out.
  public let layout: Layout
  /// The path as the user named it; standard input is `<stdin>`.
  public let name: String
  /// The folder of a multi-part file.
  public let folder: String?
  /// The manifest; `nil` for an only file, and for a folder that has none: servers start empty.
  public private(set) var manifest: AOFManifest?
  /// Where the manifest lies; `nil` without one.
  public private(set) var manifestPath: String?
  /// All files: base, history and incremental files, in the order in which a manifest has them.
  public private(set) var parts: [Part]
  /// The files in the folder that the manifest does not name, without the manifest itself.
  public let unnamedFiles: [String]

  /// A single file of the name that the manifest's files have, beside the folder: what a server
  /// before 7.0 wrote, or one that had no folder yet. `nil` where there is none, or where it is one
  /// of `parts`.
  public private(set) var oldFile: String?
  /// The folder beside an only file that holds files of the kind, and no manifest: servers take the
  /// old file over and ignore the folder. `nil` where there is none.
  public private(set) var ignoredFolder: String?

  /// The files that a server loads, in its order: the base, then what was appended.
  public var loadedParts: [Part] {
    parts.filter { $0.role == .base } + parts.filter { $0.role == .incremental }
  }

  /// The same set with other parts in the place of its own.
  func replacing(_ parts: [Part]) -> AOFSet {
    var copy = self
    copy.parts = parts
    return copy
  }

  /// The set that `manifest` names, which belongs at `path`.
  func naming(_ manifest: AOFManifest, at path: String) -> AOFSet {
    AOFSet(manifest, at: path)
  }

  /// Looks at what is at `path`: a file, a manifest, the folder of a manifest, a server's data
  /// folder, or `-` for standard input.
  ///
  /// - Throws: where nothing can be read, or a folder holds nothing of the kind.
  public init(opening path: String) throws(InputError) {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    if trimmed != "-", FolderListing.kind(of: trimmed) == .folder {
      try self.init(folder: trimmed)
    } else {
      try self.init(file: trimmed)
    }
  }

  /// One file.
  private init(file path: String) throws(InputError) {
    let file = try AOFFile(opening: path)
    let isManifest =
      file.content != .snapshot
      && (AOFManifest.looksLikeManifest(file.front)
        || path.hasSuffix(".manifest") && file.front.first != UInt8(ascii: "*"))
    if isManifest {
      self.init(try Self.readManifest(file), at: path)
    } else {
      self.init(single: file, path: path)
    }
  }

  /// A folder: one with a manifest, or one that holds such a folder or an only file.
  private init(folder: String) throws(InputError) {
    let names = try FolderListing.files(in: folder)
    let manifests = names.filter { $0.hasSuffix(".manifest") && !$0.hasPrefix("temp-") }
    guard manifests.count <= 1 else {
      throw InputError(
        .system, at: 0,
        "holds \(manifests.count) manifests; name one of them: "
          + manifests.joined(separator: ", "))
    }
    if let manifest = manifests.first {
      try self.init(file: folder + "/" + manifest)
    } else if FolderListing.kind(of: folder + "/" + Self.defaultFolder) == .folder {
      try self.init(folder: folder + "/" + Self.defaultFolder)
    } else if let old = Self.oldFile(beside: folder, Self.defaultName),
      FolderListing.split(folder).name == Self.defaultFolder
    {
      try self.init(file: old)
      ignoredFolder = names.contains(where: Self.isPartName) ? folder : nil
    } else if names.contains(where: Self.isPartName) {
      self.init(folderWithoutManifest: folder, names)
    } else if names.contains(Self.defaultName) {
      try self.init(file: folder + "/" + Self.defaultName)
    } else {
      throw InputError(
        .system, at: 0,
        "holds neither a manifest nor \(Self.defaultFolder) nor \(Self.defaultName)")
    }
  }

  /// The file `name` beside `folder`, if there is one.
  private static func oldFile(beside folder: String, _ name: String) -> String? {
    let parent = folder == "." ? ".." : FolderListing.split(folder).folder
    let path = parent == "." ? name : parent + "/" + name
    guard case .file = FolderListing.kind(of: path) else { return nil }
    return path
  }

  private init(folderWithoutManifest folder: String, _ names: [String]) {
    layout = .multipart
    name = folder
    self.folder = folder
    parts = []
    unnamedFiles = names
  }

  private init(single file: AOFFile, path: String) {
    layout = file.content == .snapshot ? .preamble : .single
    name = file.input.name
    folder = nil
    unnamedFiles = []
    parts = [
      Part(
        name: path == "-" ? file.input.name : FolderListing.split(path).name, path: path,
        role: .base, entry: nil, byteCount: Self.storedByteCount(path), exists: true,
        opened: file)
    ]
  }

  private init(_ manifest: AOFManifest, at path: String) {
    let (folder, manifestName) = FolderListing.split(path)
    layout = .multipart
    name = path
    self.folder = folder
    self.manifest = manifest
    manifestPath = path
    parts = manifest.entries.map { entry in
      let path = folder + "/" + entry.name
      let kind = FolderListing.kind(of: path)
      return Part(
        name: entry.name, path: path, role: entry.role, entry: entry,
        byteCount: Self.storedByteCount(path), exists: kind != nil && kind != .folder,
        opened: nil)
    }
    let named = Set(manifest.entries.map(\.name) + [manifestName])
    unnamedFiles = ((try? FolderListing.files(in: folder)) ?? []).filter { !named.contains($0) }
    if manifestName.hasSuffix(".manifest") {
      oldFile = Self.oldFile(beside: folder, String(manifestName.dropLast(".manifest".count)))
      takeOldFile()
    }
  }

  /// A server that was stopped while it took an old file over has named it in the manifest, and
  /// not yet moved it into the folder; the next one moves it when it starts.
  private mutating func takeOldFile() {
    guard let oldFile, parts.count == 1, let part = parts.first, part.role == .base, !part.exists,
      part.name == FolderListing.split(oldFile).name
    else { return }
    parts = [
      Part(
        name: part.name, path: oldFile, role: .base, entry: part.entry,
        byteCount: Self.storedByteCount(oldFile), exists: true, opened: nil)
    ]
    self.oldFile = nil
  }

  private static let defaultFolder = "appendonlydir"
  private static let defaultName = "appendonly.aof"

  /// The largest manifest that is read: hundreds of thousands of lines.
  private static let manifestByteCountMax = 64 << 20

  private static func isPartName(_ name: String) -> Bool {
    name.hasSuffix(".base.rdb") || name.hasSuffix(".base.aof") || name.hasSuffix(".incr.aof")
  }

  private static func storedByteCount(_ path: String) -> Int? {
    guard path != "-", case .file(let byteCount) = FolderListing.kind(of: path) else { return nil }
    return byteCount
  }

  private static func readManifest(_ file: AOFFile) throws(InputError) -> AOFManifest {
    var front = file.skipSnapshot(.init())
    guard var input = front.takeTail() else { return AOFManifest([]) }
    let count = try input.peek(manifestByteCountMax)
    let bytes = Array(UnsafeRawBufferPointer(start: input.cursor, count: count))
    return AOFManifest(parsing: bytes)
  }
}
