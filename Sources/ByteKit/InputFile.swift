/// An input as the user named it: a path, or `-` for standard input; gzip is recognised by content.
public struct InputFile {
  /// How the bytes can be reached.
  public enum Access {
    /// A regular file: any range can be read, by several readers at once.
    case file(FileDescriptor, size: Int)
    /// Forward only.
    case stream(any ByteSource)
  }

  /// The name for messages; standard input is `<stdin>`.
  public let name: String
  /// How the bytes can be reached.
  public let access: Access

  /// An input that is open already.
  public init(name: String, access: Access) {
    self.name = name
    self.access = access
  }

  /// Opens `path` and looks at its first bytes.
  public init(opening path: String) throws(InputError) {
    let isStandardInput = path == "-"
    name = isStandardInput ? "<stdin>" : path
    let file =
      isStandardInput ? FileDescriptor(standardInput: "<stdin>") : try FileDescriptor(reading: path)
    if file.isDirectory {
      throw InputError(.system, at: 0, "is a directory; name a file in it")
    }
    let start = isStandardInput ? Int(lseek(file.number, 0, SEEK_CUR)) : 0
    guard let size = file.regularFileSize, start == 0 else {
      access = .stream(try Self.unpacked(PipeSource(file)))
      return
    }
    let whole = FileSource(file, from: 0, to: size)
    if try Self.isGzip(FileSource(file, from: 0, to: min(2, size))) {
      access = .stream(try GzipSource(whole))
    } else {
      access = .file(file, size: size)
    }
  }

  private static func isGzip(_ source: any ByteSource) throws(InputError) -> Bool {
    try firstBytes(of: source, count: 2) == [0x1f, 0x8b]
  }

  private static func unpacked(_ pipe: PipeSource) throws(InputError) -> any ByteSource {
    let front = try firstBytes(of: pipe, count: 2)
    let whole = PushbackSource(front, pipe)
    return front == [0x1f, 0x8b] ? try GzipSource(whole) : whole
  }

  private static func firstBytes(
    of source: any ByteSource, count: Int
  ) throws(InputError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var failure: InputError?
      let more = [UInt8](unsafeUninitializedCapacity: count - bytes.count) { room, filled in
        do throws(InputError) {
          filled = try source.read(into: UnsafeMutableRawBufferPointer(room))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }
}
