import RedisConf
import RedisModel

/// Reads the input as a configuration, a Sentinel's and an ACL file, as three servers do.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConf(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let servers = [
    ServerVersion(.redis, 5, 0, 14), ServerVersion(.redis, 7, 0, 15),
    ServerVersion(.valkey, 9, 1, 2),
  ]
  let document = ConfDocument(name: "conf", bytes: bytes)
  check(document)
  let users = ConfDocument(aclName: "acl", bytes: bytes)
  check(users)
  for server in servers {
    for isSentinel in [false, true] {
      let reading = ServerReading(
        document, target: server, isSentinel: isSentinel, files: OneFile(bytes: bytes))
      for document in reading.documents { check(document) }
      for setting in reading.effectiveSettings where setting.name.isEmpty {
        fatalError("a setting has no name")
      }
    }
    let reading = ServerReading(acl: users, target: server)
    for user in reading.users { _ = user.allows("config|set") }
  }
  return 0
}

/// A machine on which every path leads to the same file.
private struct OneFile: ConfFiles {
  let bytes: [UInt8]
  func read(_ path: String) -> [UInt8]? { path.utf8.count < 3 ? bytes : nil }
  func matches(_ pattern: String) -> [String] { ["a", "b"] }
}

private func check(_ document: ConfDocument) {
  let places = 0...document.bytes.count
  for line in document.lines {
    for range in [line.range] + line.tokens.map(\.range)
    where !places.contains(range.lowerBound) || !places.contains(range.upperBound) {
      fatalError("a line lies outside the file")
    }
  }
}
