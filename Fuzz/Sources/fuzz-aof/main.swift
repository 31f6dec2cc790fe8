/// Reads the input as an append-only file and as a manifest, through windows of several sizes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAOF(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let whole = AOFAgreement(bytes, chunkByteCount: .max, windowByteCount: 256 << 10)
  if let flaw = whole.flaw { fatalError(flaw) }
  let pieces = AOFAgreement(bytes, chunkByteCount: 7, windowByteCount: 16)
  if whole != pieces { fatalError("the windows' sizes change what is read") }
  return 0
}
