#if canImport(Glibc)
  @_exported import Glibc
#elseif canImport(Musl)
  @_exported import Musl
#else
  @_exported import Darwin
#endif

/// The text that the system has for an error number, with the number.
public func systemErrorText(_ number: Int32) -> String {
  var room = [CChar](repeating: 0, count: 256)
  guard strerror_r(number, &room, room.count) == 0 else { return "error \(number)" }
  let text = room.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
  return text.isEmpty ? "error \(number)" : String(decoding: text, as: UTF8.self)
}

/// The system's `read`, under a name that methods called `read` do not hide.
func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, target.baseAddress, target.count)
}

/// System calls under names that members of the same name do not hide, and those that not every C
/// library declares.
enum Platform {
  /// Copies a stretch of a file without its bytes passing through this process.
  typealias CopyFileRange =
    @convention(c) (
      Int32, UnsafeMutablePointer<off_t>?, Int32, UnsafeMutablePointer<off_t>?, Int, UInt32
    ) -> Int

  /// Renames; with a flag, in exchange for what is there.
  typealias Rename =
    @convention(c) (
      Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
    ) -> Int32

  /// `copy_file_range`, where there is one.
  static let copyFileRange: CopyFileRange? = dlsym(nil, "copy_file_range").map {
    unsafeBitCast($0, to: CopyFileRange.self)
  }

  /// `renameat2`, where there is one.
  static let renameat2: Rename? = dlsym(nil, "renameat2").map {
    unsafeBitCast($0, to: Rename.self)
  }

  /// Writes up to 1 GiB, for some systems refuse 2 GiB and more at once.
  static func write(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
    systemWrite(descriptor, source, min(count, 1 << 30))
  }

  /// Closes a descriptor.
  static func close(_ descriptor: Int32) -> Int32 { systemClose(descriptor) }
}

private func systemWrite(_ descriptor: Int32, _ source: UnsafeRawPointer, _ count: Int) -> Int {
  write(descriptor, source, count)
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
