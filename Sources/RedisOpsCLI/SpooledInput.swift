import ByteKit

/// An input that can be read more than once: what comes through a pipe is put into a temporary
/// file.
final class SpooledInput {
  /// Why the temporary file could not be made.
  struct Failure: Error {
    /// What went wrong.
    let message: String
  }

  /// Where to read.
  let path: String
  private let isTemporary: Bool

  /// - Parameter path: as the user gave it; `-` is standard input.
  init(_ path: String) throws(Failure) {
    isTemporary = path == "-"
    self.path = isTemporary ? try Self.spool() : path
  }

  deinit { if isTemporary { TemporaryFiles.remove(path) } }

  /// The name of a file of the set for reports.
  func name(of part: String) -> String { isTemporary ? "<stdin>" : part }

  /// Where temporary files lie.
  static var folder: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

  private static func spool() throws(Failure) -> String {
    let file: TemporaryFiles.File
    do throws(OutputError) { file = try TemporaryFiles.create(in: folder) } catch {
      throw Failure(message: "\(error)")
    }
    defer { close(file.descriptor) }
    let problem: Int32
    do throws(InputError) { problem = try copyStandardInput(to: file.descriptor) } catch {
      throw Failure(message: error.message)
    }
    guard problem == 0 else {
      throw Failure(message: "no room in a temporary file: \(systemErrorText(problem))")
    }
    return file.path
  }

  /// - Returns: 0, or the `errno` of a write that failed.
  private static func copyStandardInput(to descriptor: Int32) throws(InputError) -> Int32 {
    let source: any ByteSource =
      switch try InputFile(opening: "-").access {
      case .file(let file, let size): FileSource(file, from: 0, to: size)
      case .stream(let stream): stream
      }
    var input = ByteInput(source)
    while try !input.isAtEnd() {
      var bytes = UnsafeRawBufferPointer(start: input.cursor, count: input.limit - input.cursor)
      input.cursor = input.limit
      while !bytes.isEmpty {
        let count = write(descriptor, bytes.baseAddress, bytes.count)
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { return errno }
        bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
      }
    }
    return 0
  }
}
