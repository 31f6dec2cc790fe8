@testable import RDB

/// Reads the input as a DUMP payload whose checksum is zero, which means that it has none.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPayload(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let front = UnsafeBufferPointer(start: start, count: count)
  let bytes = Array(front) + [UInt8](repeating: 0, count: 8)
  var sink = EventSink()
  _ = try? RDBPayload.read(bytes, into: &sink)
  return 0
}
