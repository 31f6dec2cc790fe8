import ByteKit

/// What a new set is put together from: stretches of files that exist, and bytes of our own.
public struct AOFAssembly {
  /// A piece of a file.
  public enum Piece {
    /// Bytes of a file that exists.
    case stretch(AOFSet.Part, Range<Int>)
    /// New bytes.
    case bytes([UInt8])

    /// How many bytes it has.
    public var byteCount: Int {
      switch self {
      case .stretch(_, let range): range.count
      case .bytes(let bytes): bytes.count
      }
    }
  }

  /// A file of the new set.
  public struct File {
    /// Its name; it may begin with a folder's and a slash.
    public var name: String
    /// The file that it comes from; `nil` for one that servers do not read.
    public var source: AOFSet.Part?
    /// Its line in the new manifest; `nil` for an only file, and for one that servers do not read.
    public var entry: AOFManifest.Entry?
    /// What it consists of.
    public var pieces: [Piece]

    /// A file.
    public init(
      name: String, source: AOFSet.Part?, entry: AOFManifest.Entry? = nil, pieces: [Piece]
    ) {
      self.name = name
      self.source = source
      self.entry = entry
      self.pieces = pieces
    }

    /// Its size.
    public var byteCount: Int { pieces.reduce(0) { $0 + $1.byteCount } }
  }

  /// The files.
  public var files: [File]
  /// The path of the manifest that the new one comes from, and gets name and permissions of; `nil`
  /// for a set of one file.
  public var manifestModel: String?

  /// These files.
  public init(_ files: [File], manifest: String?) {
    self.files = files
    manifestModel = manifest
  }

  /// The manifest's name; `nil` for a set of one file.
  public var manifestName: String? { manifestModel.map { FolderListing.split($0).name } }

  /// The new manifest; `nil` for a set of one file.
  public var manifest: AOFManifest? {
    manifestModel == nil ? nil : AOFManifest(files.compactMap(\.entry))
  }

  /// The bytes of all files.
  public var byteCount: Int { files.reduce(0) { $0 + $1.byteCount } }

  /// Why a set could not be written.
  public enum WriteError: Error {
    /// A file that exists could not be read.
    case input(path: String, InputError)
    /// The new one could not be written.
    case output(OutputError)
  }

  /// Writes all files into `folder`, the manifest last. Nothing is final before its `commit()`.
  public func write(into folder: OutputFolder) throws(WriteError) {
    var folders: Set<String> = []
    var sizes: [String: Int] = [:]
    for file in files {
      // A manifest may name one file twice.
      guard sizes.updateValue(file.byteCount, forKey: file.name) != file.byteCount else { continue }
      if let slash = file.name.lastIndex(of: "/"),
        folders.insert(String(file.name[..<slash])).inserted
      {
        try output { () throws(OutputError) in
          try folder.createFolder(String(file.name[..<slash]))
        }
      }
      try write(file, into: folder)
    }
    guard let manifestName, let manifest else { return }
    try output { () throws(OutputError) in
      let file = try folder.createFile(manifestName, like: manifestModel)
      try file.write(manifest.bytes)
      try file.close()
    }
  }

  private func write(_ file: File, into folder: OutputFolder) throws(WriteError) {
    let target = try output { () throws(OutputError) in
      try folder.createFile(file.name, like: file.source?.path)
    }
    for piece in file.pieces {
      switch piece {
      case .bytes(let bytes):
        try output { () throws(OutputError) in try target.write(bytes) }
      case .stretch(let part, let range):
        let descriptor = try Self.descriptor(part)
        try output { () throws(OutputError) in try target.copy(descriptor, range) }
      }
    }
    try output { () throws(OutputError) in try target.close() }
  }

  private func output<Value>(
    _ body: () throws(OutputError) -> Value
  ) throws(WriteError) -> Value {
    do { return try body() } catch { throw .output(error) }
  }

  /// The file of a part, which is a regular one.
  private static func descriptor(_ part: AOFSet.Part) throws(WriteError) -> FileDescriptor {
    let file: AOFFile
    do { file = try part.open() } catch { throw .input(path: part.path, error) }
    if case .file(let descriptor, _) = file.input.access { return descriptor }
    throw .input(
      path: part.path, InputError(.system, at: 0, "is no regular file any more"))
  }
}
