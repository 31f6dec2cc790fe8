import ByteKit

/// Files that are read whole: configurations, policies, facts.
enum SmallFile {
  /// More than any configuration has.
  static let byteCountMax = 64 << 20

  /// The bytes of the file at `path`, or of standard input for `-`; gzip is unpacked.
  ///
  /// - Throws: also for a directory, and for more than `byteCountMax`.
  static func read(_ path: String) throws(InputError) -> [UInt8] {
    try bytes(of: try InputFile(opening: path))
  }

  /// Whether the file at `path` is there packed, so that its bytes are not those that `read` gives.
  static func isPacked(_ path: String) -> Bool {
    guard case .stream? = try? InputFile(opening: path).access else { return false }
    return true
  }

  /// The bytes of a file of the kernel, which tells no size; nil when it cannot be read.
  static func readKernelFile(_ path: String) -> [UInt8]? {
    guard let file = try? FileDescriptor(reading: path), !file.isDirectory else { return nil }
    return try? bytes(of: PipeSource(file))
  }

  private static func bytes(of input: InputFile) throws(InputError) -> [UInt8] {
    switch input.access {
    case .file(let file, let size): try bytes(of: FileSource(file, from: 0, to: size))
    case .stream(let source): try bytes(of: source)
    }
  }

  private static func bytes(of source: any ByteSource) throws(InputError) -> [UInt8] {
    var result: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      var outcome = Result<Int, InputError>.success(0)
      room.withUnsafeMutableBytes { target in
        do throws(InputError) {
          outcome = .success(try source.read(into: target))
        } catch {
          outcome = .failure(error)
        }
      }
      let count = try outcome.get()
      if count == 0 { return result }
      guard result.count + count <= byteCountMax else {
        throw InputError(
          .system, at: result.count, "is larger than \(byteCountMax >> 20) MiB: no configuration")
      }
      result += room[..<count]
    }
  }
}
