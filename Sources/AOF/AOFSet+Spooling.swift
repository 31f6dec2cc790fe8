import ByteKit

extension AOFSet {
  /// The same set with every part that can only be read forward (standard input, gzip, a pipe)
  /// read into a temporary file without a name, so that stretches of it can be copied.
  ///
  /// - Parameter folder: where the temporary files lie.
  public func spoolingStreams(in folder: String) throws(InputError) -> AOFSet {
    var parts: [Part] = []
    for part in self.parts {
      guard part.exists else {
        parts.append(part)
        continue
      }
      let file = try part.open()
      guard case .stream(let stream) = file.input.access else {
        parts.append(part)
        continue
      }
      parts.append(try part.replacing(Self.spool(stream, name: file.input.name, in: folder)))
    }
    return replacing(parts)
  }

  private static func spool(
    _ stream: any ByteSource, name: String, in folder: String
  ) throws(InputError) -> InputFile {
    let number = UnlinkedFile.make(in: folder)
    guard number >= 0 else {
      throw InputError(
        .system, at: 0, "no temporary file in \(folder): \(systemErrorText(errno))")
    }
    let file = FileDescriptor(adopting: number, path: name)
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { block.deallocate() }
    var size = 0
    while true {
      let count = try stream.read(into: block)
      if count == 0 { return InputFile(name: name, access: .file(file, size: size)) }
      var written = 0
      while written < count {
        let more = pwrite(
          number, block.baseAddress.map { $0 + written }, count - written, off_t(size))
        if more < 0, errno == EINTR { continue }
        guard more > 0 else {
          throw InputError(
            .system, at: size, "no room in \(folder): \(systemErrorText(errno))")
        }
        written += more
        size += more
      }
    }
  }
}
