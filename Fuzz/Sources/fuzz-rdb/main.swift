/// Reads the input as a snapshot in all ways, which must agree.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSnapshot(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  if let disagreement = ReaderAgreement.disagreement(bytes) { fatalError(disagreement) }
  return 0
}
