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
