import ByteKit
import RDB
import TestSupport
import Testing

/// Goes over a snapshot with one handler and hands back what it gathered; the pass must reach the
/// end.
func scan<Handler: RDBChunkHandler, Result>(
  _ snapshot: [UInt8], _ handler: Handler, _ result: (Handler) -> Result
) throws -> Result {
  try withTemporaryFolder { folder in
    let file = try folder.write(snapshot, to: "dump.rdb")
    let last = Box(handler)
    let start = Box(handler)
    let pass = RDBScan.run(
      try InputFile(opening: file.path), RDBScanOptions(), makeHandler: { _ in start.value },
      commit: { last.value = $0 })
    #expect(pass.failure == nil)
    return result(last.value)
  }
}

/// What a closure may change; one thread at a time.
final class Box<Value>: @unchecked Sendable {
  var value: Value

  init(_ value: Value) { self.value = value }
}
